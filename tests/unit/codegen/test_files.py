from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from hangarstack.codegen import check, generate, write
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import StaleCodeError
from hangarstack.settings import Settings
from tests.support.generated import contract_of

_FIRST = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}
_SECOND = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "long"}]}


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
    check(_files(_FIRST), tmp_path)
    assert write(_files(_FIRST), tmp_path) == []


def test_a_new_version_makes_the_code_stale(tmp_path: Path) -> None:
    write(_files(_FIRST), tmp_path)
    with pytest.raises(StaleCodeError, match=r"event\.py, schemas/event\.py") as caught:
        check(_files(_FIRST, _SECOND), tmp_path)
    assert (caught.value.exit_code, caught.value.where) == (1, str(tmp_path))


def test_a_file_that_was_edited_or_is_gone_is_stale(tmp_path: Path) -> None:
    write(_files(_FIRST), tmp_path)
    edited = tmp_path / "event.py"
    edited.write_text(edited.read_text("utf-8") + "\n", "utf-8")
    with pytest.raises(StaleCodeError, match=r"event\.py"):
        check(_files(_FIRST), tmp_path)
    edited.unlink()
    with pytest.raises(StaleCodeError, match=r"event\.py"):
        check(_files(_FIRST), tmp_path)


def test_code_of_a_contract_that_is_gone_is_stale_and_removed(tmp_path: Path) -> None:
    write(_files(_FIRST, name="Old"), tmp_path)
    own = tmp_path / "runtime.py"
    own.write_text('"""Written by hand."""\n', "utf-8")
    with pytest.raises(StaleCodeError, match=r"old\.py"):
        check(_files(_FIRST), tmp_path)
    changed = write(_files(_FIRST), tmp_path)
    assert tmp_path / "old.py" in changed
    assert not (tmp_path / "old.py").exists()
    assert own.exists()


@pytest.mark.parametrize("place", ["extra.py", "schemas/extra.py"])
@pytest.mark.parametrize("text", [b"", b'"""By hand."""', b"\xff"])
def test_a_module_that_nothing_generates_is_refused_by_name_and_not_removed(
    tmp_path: Path, place: str, text: bytes
) -> None:
    write(_files(_FIRST), tmp_path)
    (tmp_path / place).write_bytes(text)
    with pytest.raises(StaleCodeError, match=f"no contract makes these modules .*: {place}") as caught:
        check(_files(_FIRST), tmp_path)
    assert caught.value.remedy.startswith("Remove them")
    assert write(_files(_FIRST), tmp_path) == []


def test_a_package_within_the_generated_one_may_be_written_by_hand(tmp_path: Path) -> None:
    write(_files(_FIRST), tmp_path)
    (tmp_path / "runtime").mkdir()
    (tmp_path / "runtime" / "__init__.py").write_text("")
    check(_files(_FIRST), tmp_path)


def test_the_committed_code_is_what_the_contracts_make() -> None:
    root = Settings().root
    check(generate(load_tree(root).contracts, "hangarstack.events"), root / "hangarstack" / "events")


def test_the_same_contracts_make_the_same_text_in_any_order() -> None:
    contracts = load_tree(Settings().root).contracts
    assert generate(contracts, "a.b") == generate(tuple(reversed(contracts)), "a.b")
