from __future__ import annotations

import json
import time

import pytest

from hangarstack.contracts.report.lines import line_at

TEXT = """{
  "type": "record",
  "fields": [
    {"name": "a", "type": "int"},
    {
      "name": "b",
      "type": ["null",
        {"type": "enum", "symbols": ["}", ":", "\\"]"]}
      ],
      "a/b~": 1
    }
  ]
}"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("", 1),
        ("/type", 2),
        ("/fields", 3),
        ("/fields/0", 4),
        ("/fields/0/type", 4),
        ("/fields/1", 5),
        ("/fields/1/name", 6),
        ("/fields/1/type", 7),
        ("/fields/1/type/1", 8),
        ("/fields/1/type/1/symbols", 8),
        ("/fields/1/a~1b~0", 10),
        ("/fields/1/nothing", 5),
        ("/fields/7", 3),
        ("/nothing", 1),
    ],
)
def test_a_pointer_leads_to_its_line_or_the_nearest(path: str, line: int) -> None:
    assert line_at(TEXT, path) == line


@pytest.mark.parametrize("text", ["", "{", '{"a"', "]]]]", '"', "[" * 100_000, "\\" * 1000])
def test_text_that_is_no_json_has_a_first_line(text: str) -> None:
    assert line_at(text, "/a/0") == 1


def test_a_huge_file_is_searched_in_bounded_time() -> None:
    text = json.dumps({"fields": [{"name": f"f{n}", "type": "int"} for n in range(100_000)]}, indent=1)
    began = time.process_time()
    assert line_at(text, "/fields/99999/type") == text.count("\n") - 2
    assert time.process_time() - began < 20
