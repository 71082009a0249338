from __future__ import annotations

import os
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from hangarstack.cli.contracts import command
from hangarstack.contracts.docs import STYLESHEET, pages
from hangarstack.contracts.fieldpaths import FIRST_PATHS_ONLY
from hangarstack.contracts.impact import Declared
from hangarstack.contracts.lock import release
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import ContractTreeError
from hangarstack.settings import Settings
from tests.unit.contracts.test_fieldpaths import TWO_ADDRESSES, doubling
from tests.unit.contracts.trees import CONTRACT, add_versions, make_tree, ping

ROLE = {
    "name": "role",
    "doc": "Role.",
    "type": {"type": "enum", "name": "Role", "doc": "A <role>.", "symbols": ["NONE", "GUEST"], "default": "NONE"},
}
SIZE = {"name": "size", "type": "int", "doc": "Size."}
EMAIL = {"name": "email", "type": "string", "doc": "Where & how.", "default": "<none>", "confluent:tags": ["PII"]}


class _Reader(HTMLParser):
    """Collects what a page holds, and refuses what a strict policy would."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "style"}
        found = dict(attrs)
        assert not any(name == "style" or name.startswith("on") for name in found)
        self.links += [value for name, value in attrs if name == "href" and value]
        self.anchors |= {value for name, value in attrs if name == "id" and value}
        if tag not in {"meta", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A contract of two versions with an enum and personal data."""
    make_tree(
        tmp_path, ping(), ping(ROLE, EMAIL, SIZE), contract=CONTRACT.replace("consumers = []", 'consumers = ["one"]')
    )
    return tmp_path


def _page(root: Path, *declared: Declared) -> _Reader:
    return _Reader(pages(load_tree(root), declared)["ping.html"])


def test_a_page_says_what_a_reader_wants_to_know(root: Path) -> None:
    page = _page(root)
    assert page.anchors >= {"fields", "enums", "who", "pii", "history", "compatibility", "examples", "v1", "v2"}
    for part in (
        "pings-value",
        "email string",
        "Where & how. PII",
        "NONE GUEST",
        "Written by a.",
        "It begins.",
        "Because.",
        '+ email string, default "<none>": Where & how.',
        "v1 reads yes yes",
        "; the reader needs the field size, which the writer does not write",
        "v1: one",
        "Kept for ever, delete",
    ):
        assert part in page.text, part


def test_what_consumers_declare_is_shown_with_their_names(root: Path) -> None:
    declared = [
        Declared(consumer="one", event="Ping", version=2, fields=("id", "email")),
        Declared(consumer="two", event="Pong", version=1, fields=("x",)),
    ]
    assert "one v2 id email" in _page(root, *declared).text
    assert "two" not in _page(root, *declared).text.split()
    assert "one not declared taken to be all" in _page(root).text


def test_what_is_read_wrong_is_not_called_fine(tmp_path: Path) -> None:
    number = {"name": "n", "doc": "N."}
    make_tree(tmp_path, ping(number | {"type": "int"}), ping(number | {"type": "float"}))
    assert "v2 reads yes, but n: a float does not hold every digit of an int yes" in _page(tmp_path).text


def test_a_contract_without_enums_readers_or_personal_data_says_so(tmp_path: Path) -> None:
    make_tree(tmp_path)
    text = _page(tmp_path).text
    assert all(part in text for part in ("There are none.", "Nobody reads it yet.", "No field is tagged"))


def test_a_record_that_is_used_twice_is_told_at_both_places(tmp_path: Path) -> None:
    make_tree(tmp_path, ping(*TWO_ADDRESSES))
    text = _page(tmp_path).text
    assert text.count("bill.street") == text.count("ship.street") == 2  # among the fields and the personal data
    shown = CliRunner().invoke(command, ["show", "Ping"], obj=Settings(root=tmp_path)).output
    assert [line.split()[2] for line in shown.splitlines() if ".street" in line] == ["PII", "PII"]


def test_a_schema_of_millions_of_paths_is_told_in_part_and_says_so(tmp_path: Path) -> None:
    make_tree(tmp_path, ping(*doubling(30)))
    shown = CliRunner().invoke(command, ["show", "Ping"], obj=Settings(root=tmp_path)).output
    assert FIRST_PATHS_ONLY in _page(tmp_path).text
    assert FIRST_PATHS_ONLY in " ".join(shown.split())
    assert FIRST_PATHS_ONLY not in _page(make_tree(tmp_path / "small").parents[2]).text


def test_every_link_leads_somewhere(root: Path) -> None:
    found = pages(load_tree(root))
    for name, text in found.items():
        if name != STYLESHEET:
            assert set(_Reader(text).links) <= found.keys()
    assert "ping.html" in _Reader(found["index.html"]).links


def test_pages_are_written_where_they_are_wanted(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "public" / "contracts"
    answer = CliRunner().invoke(command, ["docs", "--out", str(out)], obj=Settings(root=root))
    assert answer.exit_code == 0
    assert {path.name for path in out.iterdir()} == {"index.html", "ping.html", STYLESHEET}
    blocked = out / "index.html" / "x"
    answer = CliRunner().invoke(command, ["docs", "--out", str(blocked)], obj=Settings(root=root))
    assert isinstance(answer.exception, ContractTreeError)


@pytest.mark.parametrize(("level", "red"), [("BACKWARD", True), ("FORWARD", False), ("NONE", False)])
def test_what_the_level_does_not_ask_for_is_not_shown_as_wrong(tmp_path: Path, level: str, red: bool) -> None:
    make_tree(tmp_path, ping(), ping(SIZE), contract=CONTRACT.replace("BACKWARD", level))
    assert ('class="no"' in pages(load_tree(tmp_path))["ping.html"]) is red


def test_what_stands_between_backticks_is_code(tmp_path: Path) -> None:
    make_tree(tmp_path, ping(SIZE | {"doc": "As `<wc -c>` says; a ` alone stays."}), ping(SIZE | {"doc": "See `x`."}))
    text = pages(load_tree(tmp_path))["ping.html"]
    assert "See <code>x</code>." in text
    assert "As `&lt;wc -c&gt;` says; a ` alone stays." in text


def test_a_version_that_may_still_change_is_marked(root: Path) -> None:
    release(load_tree(root))
    assert not any("not released" in text for text in pages(load_tree(root)).values())
    add_versions(root / "contracts" / "avro" / "ping", ping(ROLE, EMAIL, SIZE))
    found = pages(load_tree(root))
    assert "v3 <em>not released yet</em>" in found["index.html"]
    assert "Version 3 <em>not released yet</em>" in found["ping.html"]
    assert "Version 2</h3>" in found["ping.html"]
    shown = CliRunner().invoke(command, ["show", "Ping"], obj=Settings(root=root)).output
    assert "Ping v3 (not released yet)" in shown
    assert "v2 (not" not in shown


def test_the_page_of_a_contract_that_is_gone_is_removed_and_nothing_else(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    assert CliRunner().invoke(command, ["docs", "--out", str(out)], obj=Settings(root=root)).exit_code == 0
    (out / "ping.html").rename(out / "gone.html")
    (out / "own.html").write_text("<p>Mine.")
    (out / "guide.html").mkdir()
    (out / "old.html").symlink_to("nowhere.html")
    os.mkfifo(out / "pipe.html")
    assert CliRunner().invoke(command, ["docs", "--out", str(out)], obj=Settings(root=root)).exit_code == 0
    others = {"own.html", "guide.html", "old.html", "pipe.html"}
    assert {path.name for path in out.iterdir()} == {"index.html", "ping.html", "contracts.css", *others}
