from __future__ import annotations

from pathlib import Path

from hangarstack.broker.embedded.files import properties, write_properties


def test_the_node_listens_on_loopback_alone() -> None:
    values = properties(Path("/data"), 20_000, {})
    for listener in f"{values['listeners']},{values['advertised.listeners']}".split(","):
        assert listener.split("://")[1].startswith("127.0.0.1:")
    assert values["controller.quorum.voters"] == "1@127.0.0.1:20001"


def test_after_a_kill_the_node_is_let_in_again_within_seconds_but_not_thrown_out_by_one_late_heartbeat() -> None:
    values = properties(Path("/data"), 20_000, {})
    session, heartbeat = (int(values[f"broker.{key}.ms"]) for key in ("session.timeout", "heartbeat.interval"))
    assert 3 * heartbeat < session <= 3_000


def test_given_properties_win_over_ours() -> None:
    assert properties(Path("/data"), 20_000, {"num.partitions": "9"})["num.partitions"] == "9"


def test_paths_are_written_so_that_java_reads_them_back(tmp_path: Path) -> None:
    file = tmp_path / "server.properties"
    write_properties(file, {"log.dirs": "C:\\dätä/飛行機/🛩"})
    assert file.read_text("ascii") == "log.dirs=C:\\\\d\\u00e4t\\u00e4/\\u98db\\u884c\\u6a5f/\\ud83d\\udee9\n"
