"""``migrate apply`` is asked to stop while a level is relaxed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hangarstack.contracts.lock import release
from hangarstack.contracts.tree import load_tree
from hangarstack.registry.client import RegistryAdmin
from tests.support.holding import Gate, gated
from tests.support.registry import Registry
from tests.unit.contracts.trees import WAIVER, make_tree, ping

_SUBJECT = "pings-value"
_STEPS = {
    "0001_first.toml": ['register = "ping"\nversion = 1', 'compatibility = "ping"\nlevel = "BACKWARD"'],
    "0002_break.toml": ['register = "ping"\nversion = 2\nrelaxed = "NONE"'],
    "0003_more.toml": ['register = "ping"\nversion = 3'],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree whose second version breaks readers, for a reason, and whose third does not."""
    required = {"name": "m", "type": "int", "doc": "M."}
    make_tree(tmp_path, ping(), ping(required), ping(required | {"default": 0}))
    waivers = tmp_path / "contracts" / "waivers.toml"
    waivers.write_text(WAIVER.replace("2026-06-01", time.strftime("%Y-%m-%d", time.gmtime(time.time() + 864_000))))
    steps = tmp_path / "migrations" / "schemas"
    steps.mkdir(parents=True)
    for name, actions in _STEPS.items():
        text = "".join(f"\n[[action]]\n{action}\n" for action in actions)
        (steps / name).write_text(f'description = "Because."\n{text}')
    release(load_tree(tmp_path))
    return tmp_path


@pytest.fixture
def admin(own_registry: Registry, root: Path) -> RegistryAdmin:
    """The client of a registry that holds the first version."""
    admin = RegistryAdmin(own_registry.settings)
    admin.register(_SUBJECT, load_tree(root).contracts[0].versions[0].text)
    admin.set_compatibility(_SUBJECT, "BACKWARD")
    return admin


@pytest.fixture
def gate(own_registry: Registry) -> Iterator[Gate]:
    with gated(own_registry) as closed:
        yield closed


@pytest.fixture
def applying(root: Path, admin: RegistryAdmin, gate: Gate) -> Iterator[subprocess.Popen[str]]:
    """The command, which has relaxed the level and waits for the registry to take the second version."""
    with subprocess.Popen(
        [sys.executable, "-m", "hangarstack", "migrate", "apply", "--root", str(root)],
        env={**os.environ, "HANGARSTACK_REGISTRY_URL": gate.url, "HANGARSTACK_REGISTRY_TIMEOUT_S": "15"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert gate.reached.wait(15)
            assert admin.compatibility(_SUBJECT) == "NONE"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_once_the_level_is_put_back(
    applying: subprocess.Popen[str], admin: RegistryAdmin, gate: Gate, number: signal.Signals
) -> None:
    applying.send_signal(number)
    time.sleep(0.2)  # it takes the signal while it waits
    gate.opened.set()
    output, errors = applying.communicate(timeout=15)
    assert applying.returncode == 128 + number
    assert errors == f"Stopped by {number.name}.\n"
    assert output.splitlines() == ["done    0002_break: register ping v2 under NONE, then back to BACKWARD pings-value"]
    assert admin.compatibility(_SUBJECT) == "BACKWARD"
    assert list(admin.versions(_SUBJECT)) == [1, 2]


def test_a_second_signal_does_not_wait_for_the_registry_and_puts_the_level_back_all_the_same(
    applying: subprocess.Popen[str], admin: RegistryAdmin
) -> None:
    applying.send_signal(signal.SIGTERM)
    time.sleep(0.2)  # two signals of one number at once are one
    applying.send_signal(signal.SIGTERM)
    output, errors = applying.communicate(timeout=10)
    assert applying.returncode == 128 + signal.SIGTERM
    assert (output, errors) == ("Nothing was done.\n", "Stopped by SIGTERM.\n")
    assert admin.compatibility(_SUBJECT) == "BACKWARD"
