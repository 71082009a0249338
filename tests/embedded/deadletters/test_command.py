"""The commands as people type them, on the memory broker and the embedded registry."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import fastavro
import pytest
from click.testing import CliRunner, Result

from hangarstack.broker.admin import Admin
from hangarstack.cli.dlq import command
from hangarstack.events.runtime.wire import frame
from hangarstack.settings import Settings
from tests.support.consumer_runs import Feed, read_all
from tests.support.registry import Registry
from tests.unit.contracts.trees import make_tree, ping

SCHEMA = {"type": "record", "name": "Thing", "fields": [{"name": "name", "type": "string"}]}
HEADERS = [
    ("dlq_group", b"hangarstack.counting"),
    ("dlq_error_class", b"HandlerError"),
    ("dlq_error_message", b"things.name: \x1b[31mindigestible"),
    ("dlq_error_stack", b"Traceback\n  in digest"),
    ("dlq_partition", b"2"),
    ("dlq_offset", b"70"),
]


@pytest.fixture
def settings(memory_settings: Settings, own_registry: Registry) -> Settings:
    settings = replace(memory_settings, registry_url=own_registry.url)
    for name in ("things", "things.dlq", "things.dlq.quarantine"):
        Admin(settings).metadata(name)
    body = io.BytesIO()
    fastavro.schemaless_writer(body, SCHEMA, {"name": "fulcrum"})
    value = frame(own_registry.register("things-value", SCHEMA), body.getvalue())
    Feed(settings).send("things.dlq", value, b"garbage", partition=0, headers=HEADERS)
    return settings


def run(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=settings, standalone_mode=False)


def test_a_service_that_there_is_not_is_told_beside_nothing(settings: Settings) -> None:
    here = ("list", "--topic", "things", "--service")
    assert "No service is called nope; there are popularity, " in run(settings, *here, "nope").stderr
    # Letters of a service that was renamed are listed by the name that it had.
    assert run(settings, *here, "counting").stderr == ""
    assert run(settings, *here, "popularity").stderr == ""


def test_letters_are_listed_shown_rehearsed_replayed_dropped_and_audited(settings: Settings) -> None:
    here = ("--topic", "things")
    listed = run(settings, "list", *here).output.splitlines()
    assert listed[0].startswith("things.dlq/0/0  20")
    assert listed[0].endswith("counting  HandlerError: things.name: \N{REPLACEMENT CHARACTER}[31mindigestible")
    assert listed[-1] == "2 wait: 2 in things.dlq."
    as_json = json.loads(run(settings, "list", *here, "--format", "json").output)
    assert [each["letter"] for each in as_json["letters"]] == ["things.dlq/0/0", "things.dlq/0/1"]
    assert as_json["letters"][0]["from"] == "things[2]@70"

    shown = run(settings, "show", "things.dlq/0/0").output
    for part in ("could not be handled by counting", '    "name": "fulcrum"', "  in digest", "the same"):
        assert part in shown
    undecodable = json.loads(run(settings, "show", "things.dlq/0/1", "--format", "json").output)
    assert undecodable["decoded"] == ""
    assert "67 61 72 62 61 67 65" in undecodable["hexdump"]
    assert json.loads(undecodable["current"]) == SCHEMA

    rehearsed = run(settings, "replay", *here, "--max", "1", "--dry-run").output
    assert "things.dlq/0/0  would be replayed" in rehearsed
    assert "More letters match" in rehearsed
    replayed = run(settings, "replay", "--letter", "things.dlq/0/0")
    assert "Done: 1 replayed." in replayed.output, replayed.exception
    (sent,) = read_all(settings, "things", 4, 1)
    assert dict(sent.headers())["dlq_replay_group"] == b"hangarstack.counting"
    dropped = json.loads(run(settings, "drop", *here, "--error", "indigest", "--yes", "--format", "json").output)
    assert dropped["letters"] == {"things.dlq/0/1": "dropped"}
    assert run(settings, "list", *here).output == "No letter waits.\n"
    assert "[dropped]" in run(settings, "list", *here, "--all").output

    audit = run(settings, "audit").output.splitlines()
    assert [line.split("  ")[3].split(":")[0] for line in audit] == ["drop", "replay", "replay, dry run"]
    assert audit[1].endswith("  letter things.dlq/0/0")
    assert json.loads(run(settings, "audit", "--limit", "1", "--format", "json").output)[0]["fates"]["dropped"] == 1


def test_a_tree_without_database_revisions_has_its_dead_letters_repaired_too(
    settings: Settings, tmp_path: Path
) -> None:
    make_tree(tmp_path, ping())
    foreign = replace(settings, root=tmp_path, home=tmp_path / "home", bootstrap_servers=settings.bootstrap_servers)
    assert "No letter waits" in run(foreign, "list").output
    assert "2 wait" in run(foreign, "list", "--topic", "things").output
    assert run(foreign, "drop", "--topic", "things", "--error", "indigest", "--yes").exception is None
    assert "No letter waits" in run(foreign, "list", "--topic", "things").output


def test_a_repair_that_matches_nothing_says_so(settings: Settings) -> None:
    dropped = run(settings, "drop", "--topic", "things", "--error", "misspelt", "--yes")
    assert "Done: no letter matches." in dropped.output


def test_what_cannot_be_meant_is_refused(settings: Settings) -> None:
    for what, *arguments in (
        ("say --yes", "drop", "--topic", "things"),
        ("everything would be dropped", "drop", "--topic", "things", "--yes"),
        ("not the place of a dead letter", "replay", "--letter", "things/0/1"),
        ("nope: there is no topic of dead letters for it", "list", "--topic", "nope"),
        ("no moment", "list", "--topic", "things", "--since", "yesterday"),
        ("no dead letter at that place", "show", "things.dlq/0/99"),
    ):
        assert what in str(run(settings, *arguments).exception)
    assert "2 wait" in run(settings, "list", "--topic", "things").output
