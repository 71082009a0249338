from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from hangarstack.codegen import check, generate, generated_packages, write
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import StaleCodeError, UnreadableFileError, UnsupportedSchemaError
from hangarstack.settings import Settings
from tests.support.generated import contract_of

_FIRST = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}
_SECOND = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "long"}]}
_COMMAND = "hangarstack contracts generate --package acme.events"


def _files(*schemas: Mapping[str, object], name: str = "Event") -> dict[str, str]:
    return generate([contract_of(*schemas, name=name)], "acme.events")


def test_what_was_written_is_not_stale(tmp_path: Path) -> None:
    written = write(_files(_FIRST), tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in written} == {
        "__init__.py",
        "event.py",
        "schemas/__init__.py",
        "schemas/event.py",
    }
    check(_files(_FIRST), tmp_path, command=_COMMAND)
    assert write(_files(_FIRST), tmp_path) == []


def test_a_new_version_makes_the_code_stale(tmp_path: Path) -> None:
    write(_files(_FIRST), tmp_path)
    with pytest.raises(StaleCodeError, match=r"event\.py, schemas/event\.py") as caught:
        check(_files(_FIRST, _SECOND), tmp_path, command=_COMMAND)
    assert (caught.value.exit_code, caught.value.where) == (1, str(tmp_path))
    assert _COMMAND in caught.value.remedy


@pytest.mark.parametrize("text", ["def f() -> None:\n    else:\n", "x = 1\0", "return 1", "x = " + "(" * 300])
def test_a_module_that_is_not_valid_python_is_neither_written_nor_passed(tmp_path: Path, text: str) -> None:
    files = _files(_FIRST) | {"event.py": text}
    with pytest.raises(UnsupportedSchemaError, match="not valid Python") as caught:
        write(files, tmp_path)
    assert (caught.value.where, list(tmp_path.iterdir())) == ("event.py", [])
    (tmp_path / "schemas").mkdir()
    for path, written in files.items():
        (tmp_path / path).write_text(written, "utf-8")
    with pytest.raises(UnsupportedSchemaError, match="not valid Python"):
        check(files, tmp_path, command=_COMMAND)


def test_a_file_that_was_edited_or_is_gone_is_stale(tmp_path: Path) -> None:
    write(_files(_FIRST), tmp_path)
    edited = tmp_path / "event.py"
    edited.write_text(edited.read_text("utf-8") + "\n", "utf-8")
    with pytest.raises(StaleCodeError, match=r"event\.py"):
        check(_files(_FIRST), tmp_path, command=_COMMAND)
    edited.unlink()
    with pytest.raises(StaleCodeError, match=r"event\.py"):
        check(_files(_FIRST), tmp_path, command=_COMMAND)


def test_code_of_a_contract_that_is_gone_is_stale_and_removed(tmp_path: Path) -> None:
    write(_files(_FIRST, name="Old"), tmp_path)
    with pytest.raises(StaleCodeError, match=r"old\.py"):
        check(_files(_FIRST), tmp_path, command=_COMMAND)
    changed = write(_files(_FIRST), tmp_path)
    assert tmp_path / "old.py" in changed
    assert not (tmp_path / "old.py").exists()


@pytest.mark.parametrize("place", ["extra.py", "schemas/extra.py"])
@pytest.mark.parametrize("text", [b"", b'"""By hand."""', b"\xff"])
def test_a_module_that_nothing_generates_is_refused_by_name_and_not_removed(
    tmp_path: Path, place: str, text: bytes
) -> None:
    write(_files(_FIRST), tmp_path)
    (tmp_path / place).write_bytes(text)
    before = (tmp_path / "event.py").read_bytes()
    for refused in (
        lambda: check(_files(_FIRST), tmp_path, command=_COMMAND),
        lambda: write(_files(_SECOND), tmp_path),
    ):
        with pytest.raises(StaleCodeError, match=f"no contract makes these modules .*: {place}") as caught:
            refused()
        assert caught.value.remedy.startswith("Remove them")
    assert (tmp_path / place).read_bytes() == text
    assert (tmp_path / "event.py").read_bytes() == before


@pytest.mark.parametrize("place", ["__init__.py", "event.py", "schemas/event.py"])
def test_a_file_that_was_written_by_hand_is_refused_by_name_and_nothing_is_written(tmp_path: Path, place: str) -> None:
    own = tmp_path / place
    own.parent.mkdir(exist_ok=True)
    own.write_text('"""By hand."""\n', "utf-8")
    for refused in (lambda: check(_files(_FIRST), tmp_path, command=_COMMAND), lambda: write(_files(_FIRST), tmp_path)):
        with pytest.raises(StaleCodeError, match=f"not overwritten: {place}"):
            refused()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [own]
    assert own.read_text("utf-8") == '"""By hand."""\n'


def test_an_empty_package_may_be_generated_into(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").touch()
    assert tmp_path / "__init__.py" in write(_files(_FIRST), tmp_path)


def test_a_place_where_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "acme").touch()
    with pytest.raises(UnreadableFileError, match="cannot be written") as caught:
        write(_files(_FIRST), tmp_path / "acme" / "events")
    assert caught.value.where.startswith(str(tmp_path / "acme"))


def test_packages_of_generated_code_are_found_by_their_names(tmp_path: Path) -> None:
    for directory in ("acme/events", "other", "a-b/events", ".venv/acme", "a/b/c/d"):
        write(_files(_FIRST), tmp_path / directory)
    (tmp_path / "byhand").mkdir()
    (tmp_path / "byhand" / "__init__.py").touch()
    assert generated_packages(tmp_path) == ["acme.events", "other"]


def test_a_package_within_the_generated_one_may_be_written_by_hand(tmp_path: Path) -> None:
    write(_files(_FIRST), tmp_path)
    (tmp_path / "runtime").mkdir()
    (tmp_path / "runtime" / "__init__.py").write_text("")
    check(_files(_FIRST), tmp_path, command=_COMMAND)


def test_the_committed_code_is_what_the_contracts_make() -> None:
    root = Settings().root
    check(generate(load_tree(root).contracts, "hangarstack.events"), root / "hangarstack" / "events", command="")


def test_the_same_contracts_make_the_same_text_in_any_order() -> None:
    contracts = load_tree(Settings().root).contracts
    assert generate(contracts, "a.b") == generate(tuple(reversed(contracts)), "a.b")
