from __future__ import annotations

import json

from click.testing import CliRunner

from benchmarks.__main__ import main


def test_the_codec_benchmark_compares_every_event_both_ways() -> None:
    result = CliRunner().invoke(main, ["codec", "--rounds", "1", "--calls", "5", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert [(each["event"], each["operation"]) for each in found] == [
        (event, operation)
        for event in ("AircraftView", "DataUpdate", "SearchQuery", "SystemEvent", "UserActivity")
        for operation in ("encode", "decode")
    ]
    assert all(each["hangarstack_us"] > 0 and each["confluent_ratio"] > 0 for each in found)


def test_the_codec_benchmark_prints_a_table() -> None:
    result = CliRunner().invoke(main, ["codec", "--rounds", "1", "--calls", "1"])
    assert result.exit_code == 0, result.output
    assert "AircraftView" in result.stdout
