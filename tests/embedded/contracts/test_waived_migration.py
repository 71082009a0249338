"""A waived break, with an old version retired afterwards, on the embedded registry through its real client."""

from __future__ import annotations

import datetime
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hangarstack.contracts.migrations.applying import apply
from hangarstack.contracts.migrations.steps import load_steps
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import SchemaMigrationError, SchemaRefusedError
from hangarstack.registry.client import RegistryAdmin
from tests.support.registry import Registry
from tests.unit.contracts.trees import WAIVER, make_tree, ping

_ROOT = Path(__file__).resolve().parents[3]
_SUBJECT = "pings-value"
_TODAY = datetime.date(2026, 6, 1)
_STEPS = {
    "0001_first.toml": ['register = "ping"\nversion = 1', 'compatibility = "ping"\nlevel = "BACKWARD"'],
    "0002_break.toml": ['register = "ping"\nversion = 2\nrelaxed = "NONE"'],
    "0003_retire.toml": ['retire = "ping"\nversion = 1'],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A contract whose second version breaks readers, and the steps that bring it."""
    root = tmp_path / "tree"
    make_tree(root, ping(), ping({"name": "n", "type": "int", "doc": "Count."}))
    (root / "contracts" / "waivers.toml").write_text(WAIVER)
    home = root / "migrations" / "schemas"
    home.mkdir(parents=True)
    for name, actions in _STEPS.items():
        (home / name).write_text('description = "Why."\n' + "".join(f"\n[[action]]\n{each}\n" for each in actions))
    return root


@pytest.fixture
def admin(own_registry: Registry) -> RegistryAdmin:
    """The real client of an empty registry."""
    return RegistryAdmin(own_registry.settings)


def _apply(root: Path, registry: RegistryAdmin) -> list[str]:
    done: list[str] = []
    apply(load_tree(root), load_steps(root), registry, today=_TODAY, report=lambda each: done.append(str(each.action)))
    return done


# After the first version; under the relaxed level, before its version and after it; in the middle of what was to do.
@pytest.mark.parametrize(
    ("changes", "level"),
    [(1, None), (3, "NONE"), (4, "NONE")],
    ids=["after v1", "level relaxed", "level relaxed, v2 registered"],
)
def test_what_is_killed_between_two_changes_is_finished_by_the_next_run(
    root: Path, admin: RegistryAdmin, own_registry: Registry, changes: int, level: str | None
) -> None:
    program = [sys.executable, "-m", "tests.embedded.contracts.dying", str(root), own_registry.url, str(changes)]
    assert subprocess.run(program, cwd=_ROOT, check=False, timeout=60).returncode == -signal.SIGKILL
    assert admin.compatibility(_SUBJECT) == level
    _apply(root, admin)
    assert list(admin.versions(_SUBJECT)) == [2]
    assert admin.compatibility(_SUBJECT) == "BACKWARD"
    assert _apply(root, admin) == []


class _Refusing(RegistryAdmin):
    def register(self, subject: str, schema_text: str) -> int:
        if self.compatibility(subject) == "NONE":
            raise SchemaRefusedError("not under NONE", where=subject)
        return super().register(subject, schema_text)


def test_a_level_is_put_back_when_the_registry_refuses_its_version(root: Path, own_registry: Registry) -> None:
    admin = _Refusing(own_registry.settings)
    with pytest.raises(SchemaRefusedError):
        _apply(root, admin)
    assert list(admin.versions(_SUBJECT)) == [1]
    assert admin.compatibility(_SUBJECT) == "BACKWARD"


def test_a_level_left_relaxed_by_a_killed_run_is_put_back_even_when_the_break_is_no_longer_waived(
    root: Path, admin: RegistryAdmin
) -> None:
    admin.register(_SUBJECT, load_tree(root).contracts[0].versions[0].text)
    admin.set_compatibility(_SUBJECT, "NONE")
    (root / "contracts" / "waivers.toml").unlink()
    with pytest.raises(SchemaMigrationError, match="does not waive it"):
        _apply(root, admin)
    assert admin.compatibility(_SUBJECT) == "BACKWARD"
    assert list(admin.versions(_SUBJECT)) == [1]


def test_only_the_version_that_the_step_retires_is_deleted_and_only_softly(root: Path, admin: RegistryAdmin) -> None:
    theirs = '{"type": "record", "name": "Theirs", "fields": []}'
    admin.set_compatibility(_SUBJECT, "NONE")
    kept = admin.register(_SUBJECT, theirs)
    ours = [version.text for version in load_tree(root).contracts[0].versions]
    retired, _ = (admin.register(_SUBJECT, text) for text in ours)
    assert _apply(root, admin) == ["set ping to BACKWARD", "retire ping v1"]
    assert list(admin.versions(_SUBJECT)) == [1, 3]
    assert admin.lookup(_SUBJECT, theirs) == kept
    assert _apply(root, admin) == []
    assert admin.lookup(_SUBJECT, ours[0]) is None
    admin.set_compatibility(_SUBJECT, "NONE")
    assert admin.register(_SUBJECT, ours[0]) == retired  # a soft deletion forgets no id
