"""What docs/registry.md says of keys works as it stands."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from tests.support.registry import Registry

_PAGE = (Path(__file__).parents[4] / "docs" / "registry.md").read_text(encoding="utf-8")
_SECTION = _PAGE.partition("## Keys for field encryption")[2].partition("\n## ")[0]
_ADDRESS = "http://127.0.0.1:8081"


def test_the_program_and_the_requests_of_the_section_work(own_registry: Registry) -> None:
    program = _SECTION.partition("```python\n")[2].partition("```")[0].replace(_ADDRESS, own_registry.url)
    ran = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout) == (0, "{'id': 7, 'email': 'ada@example.org'}\n"), ran.stderr
    commands = [shlex.split(line)[1:] for line in _SECTION.splitlines() if line.startswith("    curl ")]
    answers = []
    for *options, url in commands:
        method = options[1] if options else "GET"
        answers.append(own_registry.ask(method, url.removeprefix(_ADDRESS)))
    assert [each.status for each in answers] == [200, 200, 200, 204, 204]
    assert answers[0].body == ["orders"]
    assert answers[2].body["version"] == 1
