from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hangarstack.contracts.compatibility import Level
from hangarstack.contracts.lint import RULES, Rule, Severity, documentation, lint
from hangarstack.errors import ContractTreeError
from tests.unit.contracts.trees import CONTRACT, EXAMPLE, HEADER, add_versions, make_tree, ping

Json = dict[str, Any]


def _field(name: str, type_: object, **more: object) -> Json:
    return {"name": name, "type": type_, "doc": "Doc.", **more}


def _enum(**more: object) -> Json:
    return {"type": "enum", "name": "E", "doc": "Doc.", "symbols": ["A"], "default": "A"} | more


def _record(*fields: Json) -> Json:
    return {"type": "record", "name": "Node", "doc": "Doc.", "fields": list(fields)}


OPTIONAL = ["null", "string"]

BAD: dict[str, list[Json]] = {
    "documented": [
        ping({"name": "n", "type": "int"}),
        ping() | {"doc": " "},
        ping(_field("e", _enum(doc=""))),
        ping(_field("r", {"type": "array", "items": {"type": "record", "name": "I", "fields": []}})),
    ],
    "names": [
        ping(_field("camelCase", "int")),
        ping(_field("e", _enum(name="lower"))),
        ping(_field("e", {"type": "map", "values": _enum(symbols=["A", "b"])})),
    ],
    "header-fields": [
        ping() | {"fields": HEADER[1:]},
        ping() | {"fields": [HEADER[1], HEADER[0], HEADER[2]]},
        ping() | {"fields": [_field("event_id", "string"), *HEADER[1:]]},
        ping()
        | {
            "fields": [HEADER[0], _field("occurred_at", {"type": "long", "logicalType": "timestamp-millis"}), HEADER[2]]
        },
    ],
    "enum-default": [ping(_field("e", {"type": "enum", "name": "E", "doc": "Doc.", "symbols": ["A"]}))],
    "optional-shape": [
        ping(_field("n", ["string", "null"], default="x")),
        ping(_field("n", OPTIONAL)),
        ping(_field("n", ["null", "string", "int"], default=None)),
    ],
    "logical-time": [
        ping(_field("left_at", "long")),
        ping(_field("birth_date", ["null", "int"], default=None)),
        ping(_field("seen_at", {"type": "array", "items": "long"})),
        ping(_field("dates", {"type": "map", "values": ["null", {"type": "array", "items": "int"}]})),
        ping(_field("expires", {"type": "array", "items": "long"})),
        ping(_field("done_time", "double")),
        ping(_field("event_ts", "float")),
    ],
    "bounded-depth": [
        ping(_field("n", _record(_field("next", ["null", "Node"], default=None)))),
        ping(_field("n", _record(_field("all", {"type": "array", "items": {"type": "map", "values": "Node"}})))),
        ping(_field("n", _record(_field("m", {**_record(_field("back", ["null", "Node"])), "name": "Middle"})))),
    ],
    "personal-data": [ping(_field("client_ip", OPTIONAL, default=None)), ping(_field("email", "string"))],
}
GOOD: dict[str, list[Json]] = {
    "documented": [ping(_field("e", _enum()))],
    "names": [ping(_field("snake_case2", _enum(name="PascalCase", symbols=["UPPER_2"], default="UPPER_2")))],
    "header-fields": [ping()],
    "enum-default": [ping(_field("e", _enum()))],
    "optional-shape": [ping(_field("n", OPTIONAL, default=None), _field("u", ["int", "string"]))],
    "logical-time": [
        ping(_field("left_at", {"type": "long", "logicalType": "timestamp-micros"}), _field("count", "long")),
        ping(_field("seen_at", {"type": "array", "items": {"type": "long", "logicalType": "timestamp-micros"}})),
        ping(_field("response_time", "double"), _field("created", "string"), _field("dates", "int")),
    ],
    "bounded-depth": [ping(_field("a", _record()), _field("b", ["null", "Node"], default=None))],
    "personal-data": [
        ping(_field("client_ip", "string", **{"confluent:tags": ["PII"]}), _field("zip_file", "string")),
        ping(_field("email", "boolean"), _field("emails", OPTIONAL, default=None, **{"confluent:tags": ["PII"]})),
    ],
}


def _rules(root: Path) -> list[str]:
    return [found.rule.name for found in lint(root).findings]


@pytest.mark.parametrize(("rule", "schema"), [(rule, schema) for rule in BAD for schema in BAD[rule]])
def test_a_rule_finds_what_does_not_keep_it(tmp_path: Path, rule: str, schema: Json) -> None:
    directory = make_tree(tmp_path, schema)
    found = [each for each in lint(tmp_path).findings if each.rule.name == rule]
    assert found
    assert all(str(directory) in each.where and each.sentence for each in found)


@pytest.mark.parametrize(("rule", "schema"), [(rule, schema) for rule in GOOD for schema in GOOD[rule]])
def test_a_rule_is_silent_where_it_is_kept(tmp_path: Path, rule: str, schema: Json) -> None:
    make_tree(tmp_path, schema)
    assert rule not in _rules(tmp_path)


PERSONAL = """
client_ip clientIPs ip_addr remote_addr ipv4 mac deviceMac mac_address user_agent imei e_mail emails email_hash email_id
mail
phone_number phones phone_numbers phoneNumber home_telephone mobile mobile_no msisdn address addresses address_line1
address_line_1 street postal_code zip zips latitude longitude location home_locations surname middle_name
customer_name contact_name nationality nationalities gender salary date_of_birth birth_date birth_year dob ssn
passport passport_number driving_licence license_plate tax_number iban card_number cvv password password_hash
"""
IMPERSONAL = """
zip_file archive_zip is_mobile has_address phones_sold microphone order_number mailing_lists ship country voice_mail
memory_address base_addr storage_location file_location email_verified email_count name file_name topic_name status
password_changed address_book line number text gps
"""


def _found(root: Path, rule: str, type_: object, names: str) -> list[str]:
    """Return the fields of these names that a rule finds."""
    make_tree(root, ping(*(_field(name, type_) for name in names.split())))
    return [each.where.rpartition(" ")[2] for each in lint(root).findings if each.rule.name == rule]


def test_a_field_looks_personal_by_the_last_words_of_its_name(tmp_path: Path) -> None:
    assert _found(tmp_path, "personal-data", "string", PERSONAL + IMPERSONAL) == PERSONAL.split()


TIMES = """
left_at seen_at created updated modified created_on expires expiry ts event_ts epoch epoch_seconds timestamp
timestamp_ms created_at_ms createdAtMs time time_ms done_time time_stamp datetime date birth_date birth_day valid_from
valid_until not_valid_since deadline_utc last_seen last_updated date_created
"""
NO_TIMES = """
lead_time response_time response_time_ms cpu_time average_time latency_micros retention_days requests_per_day day
items_created leader_epoch uptime format based_upon sent_from position number_of_seconds ms expires_in flat
"""


def test_a_number_is_a_time_by_the_last_words_of_its_name_unless_they_are_a_duration(tmp_path: Path) -> None:
    assert _found(tmp_path, "logical-time", "long", TIMES + NO_TIMES) == TIMES.split()


def test_a_good_contract_has_no_findings(tmp_path: Path) -> None:
    make_tree(tmp_path)
    assert _rules(tmp_path) == []


_READ = CONTRACT.replace("consumers = []", 'consumers = ["one"]') + '[reads.one]\nversion = 1\nfields = ["id"]\n'
SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "no example": (lambda it: (it / "examples" / "v1" / "one.json").unlink(), "examples"),
    "example of another shape": (lambda it: _example(it, {"id": "x"}), "examples"),
    "example of another type": (lambda it: _example(it, EXAMPLE | {"occurred_at": "now"}), "examples"),
    "stray file": (lambda it: (it / "v1.avsc.orig").write_text(""), "no-orphans"),
    "examples of no version": (lambda it: _stray_example(it), "no-orphans"),
    "an example that the next version cannot read": (lambda it: _text_that_was_bytes(it), "examples-decode"),
    "an older version again": (lambda it: _repeat(it), "distinct-versions"),
    "a version that is gone": (lambda it: (it / "v1.avsc").rename(it / "v2.avsc"), "contiguous-versions"),
    "a key that nobody reads": (lambda it: _table(it, CONTRACT + 'why = "?"'), "known-keys"),
    "a function that lifts what Avro reads": (lambda it: _lift(it, _with_more(it)), "upcasters"),
    "versions that a function cannot tell apart": (lambda it: _lift(it, _two_scales(it)), "upcasters"),
    "a version that is no JSON": (lambda it: (it / "v1.avsc").write_text("{"), "well-formed"),
    "a version that is no schema": (lambda it: (it / "v1.avsc").write_text('{"type": "record"}'), "well-formed"),
    "a version that is no record": (lambda it: (it / "v1.avsc").write_text('"int"'), "well-formed"),
    "a version that is not UTF-8": (lambda it: (it / "v1.avsc").write_bytes(b"\xff"), "well-formed"),
    "an example that is no JSON": (lambda it: (it / "examples" / "v1" / "one.json").write_text("{"), "well-formed"),
    "a declaration of a field that is not there": (lambda it: _reads(it, "one", 1, "id", "idd"), "declared-reads"),
    "a declaration of a version that is not there": (lambda it: _reads(it, "one", 2, "id"), "declared-reads"),
    "a declaration of a consumer that is none": (lambda it: _reads(it, "two", 1, "id"), "declared-reads"),
    "a key of a declaration that nobody reads": (lambda it: _table(it, f"{_READ}why = 1\n"), "known-keys"),
    "an exemption from what is kept": (lambda it: _configure(it, EXEMPT), "used-exemptions"),
}
EXEMPT = """
[[exempt]]
rule = "personal-data"
contract = "ping"
field = "email"
reason = "A test's."
"""


def _repeat(directory: Path) -> None:
    add_versions(directory, ping(doc="Another ping."), ping())
    for number in (2, 3):
        shutil.copytree(directory / "examples" / "v1", directory / "examples" / f"v{number}")


def _configure(directory: Path, text: str) -> None:
    (directory.parents[1] / "lint.toml").write_text(text)


def _reads(directory: Path, consumer: str, version: int, *fields: str) -> None:
    declared = _READ.replace("reads.one", f"reads.{consumer}").replace("version = 1", f"version = {version}")
    _table(directory, declared.replace('["id"]', json.dumps(fields)))


def test_a_declaration_of_what_is_there_is_fine(tmp_path: Path) -> None:
    _reads(make_tree(tmp_path), "one", 1, "id", "event_id")
    assert _rules(tmp_path) == []


def test_a_declaration_of_a_field_in_a_later_branch_of_a_union_is_fine(tmp_path: Path) -> None:
    inner = [
        {"type": "record", "name": name, "doc": name, "fields": [{"name": field, "type": "string", "doc": field}]}
        for name, field in (("Card", "number"), ("Bank", "iban"))
    ]
    how = {"name": "how", "type": [*inner, {"type": "array", "items": "string"}], "doc": "How."}
    _reads(make_tree(tmp_path, ping(how)), "one", 1, "how.iban", "how.number")
    assert "declared-reads" not in _rules(tmp_path)


def test_a_type_that_is_used_twice_is_found_wanting_once(tmp_path: Path) -> None:
    bare: Json = {"type": "record", "name": "Addr", "doc": "D.", "fields": [{"name": "street", "type": "string"}]}
    uses = [{"name": name, "type": type_, "doc": "D."} for name, type_ in (("bill", bare), ("ship", "Addr"))]
    make_tree(tmp_path, ping(*uses))
    assert _rules(tmp_path).count("documented") == 1


def _table(directory: Path, text: str) -> None:
    (directory / "contract.toml").write_text(text)


def _text_that_was_bytes(directory: Path) -> None:
    (directory / "v1.avsc").write_text(json.dumps(ping(_field("n", "bytes"))))
    _example(directory, EXAMPLE | {"n": "\u00ff"})
    add_versions(directory, ping(_field("n", "string")))
    (directory / "examples" / "v2").mkdir()
    (directory / "examples" / "v2" / "one.json").write_text(json.dumps(EXAMPLE | {"n": "x"}))


def _with_example(directory: Path, schema: Json, **more: object) -> int:
    """Add a version that has an example, and return the number of the one before."""
    add_versions(directory, schema)
    number = len(list(directory.glob("v*.avsc")))
    (directory / "examples" / f"v{number}").mkdir()
    (directory / "examples" / f"v{number}" / "one.json").write_text(json.dumps(EXAMPLE | more))
    return number - 1


def _with_more(directory: Path) -> int:
    return _with_example(directory, ping(_field("n", OPTIONAL, default=None)), n=None)


def _two_scales(directory: Path) -> int:
    """Make two versions whose bytes are alike and mean something else: Avro reads one as the other, wrongly."""

    def decimal(scale: int) -> Json:
        return ping(_field("n", {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": scale}))

    (directory / "v1.avsc").write_text(json.dumps(decimal(2)))
    _example(directory, EXAMPLE | {"n": "\u0001"})
    return _with_example(directory, decimal(4), n="\u0001")


def _lift(directory: Path, last: int) -> None:
    home = directory.parents[2] / "migrations" / "schemas"
    home.mkdir(parents=True, exist_ok=True)
    upcaster = f'[[upcaster]]\ncontract = "ping"\nfrom = {last}\nfunction = "shop.upcasters:lift_v{last}"\n'
    (home / f"{last:04}_lift.toml").write_text(f'description = "Why."\n\n{upcaster}')


def test_an_upcaster_spares_the_next_version_the_examples_that_it_lifts(tmp_path: Path) -> None:
    directory = make_tree(tmp_path)
    _text_that_was_bytes(directory)
    _lift(directory, 1)
    assert _rules(tmp_path) == []


def test_an_upcaster_within_a_major_that_avro_reads_is_idle(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, contract=CONTRACT.replace('"BACKWARD"', '"NONE"'))
    broken = _with_example(directory, ping(_field("n", "int")), n=1)
    _lift(directory, broken)
    assert _rules(tmp_path) == []
    _lift(directory, _with_example(directory, ping(_field("n", "long")), n=1))
    assert _rules(tmp_path) == ["upcasters"]


def _example(directory: Path, record: Json) -> None:
    (directory / "examples" / "v1" / "one.json").write_text(json.dumps(record))


def _stray_example(directory: Path) -> None:
    (directory / "examples" / "v9").mkdir()
    (directory / "examples" / "v9" / "one.json").write_text("{}")


@pytest.mark.parametrize("name", SPOILT)
def test_files_are_linted_too(tmp_path: Path, name: str) -> None:
    spoil, rule = SPOILT[name]
    spoil(make_tree(tmp_path))
    assert _rules(tmp_path) == [rule]


def test_examples_are_not_tried_with_types_that_are_nested_too_deeply(tmp_path: Path) -> None:
    deep: object = "int"
    for _ in range(430):
        deep = ["null", {"type": "array", "items": deep}]
    directory = make_tree(tmp_path)
    _with_example(directory, ping(_field("n", deep, default=None)), n=None)
    found = lint(tmp_path).findings
    assert [(each.rule.name, Path(each.where).parent.name) for each in found] == [
        ("examples-decode", "v1"),
        ("examples-decode", "v2"),
    ]
    assert {each.sentence for each in found} == {
        "version 2 cannot read it: types are nested more than 64 levels deep, which is not tried"
    }


@pytest.mark.parametrize("level", list(Level))
def test_an_example_is_read_by_its_own_version_at_every_level(tmp_path: Path, level: Level) -> None:
    deep: object = "int"
    for _ in range(100):
        deep = {"type": "array", "items": deep}
    directory = make_tree(tmp_path, ping(_field("n", deep)), contract=CONTRACT.replace('"BACKWARD"', f'"{level}"'))
    _example(directory, EXAMPLE | {"n": []})
    assert _rules(tmp_path) == ["examples-decode"]


def test_a_level_that_reads_nothing_old_asks_no_version_to_read_old_examples(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, contract=CONTRACT.replace("BACKWARD", "FORWARD"))
    _text_that_was_bytes(directory)
    assert _rules(tmp_path) == []


def test_a_level_that_is_not_transitive_asks_only_the_next_version_to_read_old_examples(tmp_path: Path) -> None:
    transitive = CONTRACT.replace('"BACKWARD"', '"BACKWARD_TRANSITIVE"')
    for name, contract, expected in (("one", CONTRACT, []), ("all", transitive, ["examples-decode"])):
        directory = make_tree(tmp_path / name, ping(_field("n", "bytes")), contract=contract)
        _example(directory, EXAMPLE | {"n": "\u00ff"})
        add_versions(directory, ping(), ping(_field("n", "string", default="")))
        for number, record in ((2, EXAMPLE), (3, EXAMPLE | {"n": "x"})):
            (directory / "examples" / f"v{number}").mkdir()
            (directory / "examples" / f"v{number}" / "one.json").write_text(json.dumps(record))
        assert _rules(tmp_path / name) == expected


def test_severities_are_configured(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, ping(_field("email", "string"), _field("left_at", "long")))
    _configure(directory, '[severity]\nexamples = "off"\nlogical-time = "error"\npersonal-data = "warning"')
    found = {each.rule.name: each.severity for each in lint(tmp_path).findings}
    assert found == {"logical-time": Severity.ERROR, "personal-data": Severity.WARNING}


@pytest.mark.parametrize("field", ['field = "email"', ""])
def test_an_exempt_place_is_not_found(tmp_path: Path, field: str) -> None:
    directory = make_tree(tmp_path, ping(_field("email", "string")))
    _example(directory, EXAMPLE | {"email": "x"})
    _configure(directory, EXEMPT.replace('field = "email"', field))
    assert _rules(tmp_path) == []


@pytest.mark.parametrize("other", ['rule = "names"', 'contract = "pong"', 'field = "mail"'])
def test_an_exemption_covers_nothing_else(tmp_path: Path, other: str) -> None:
    directory = make_tree(tmp_path, ping(_field("email", "string")))
    _example(directory, EXAMPLE | {"email": "x"})
    key = other.partition(" ")[0]
    lines = [other if line.startswith(key) else line for line in EXEMPT.splitlines()]
    _configure(directory, "\n".join(lines))
    assert _rules(tmp_path) == ["personal-data", "used-exemptions"]


WRONG_CONFIGURATION = [
    "[severity]\nunknown = 'off'",
    "[severity]\nnames = 'loud'",
    "[other]",
    EXEMPT.replace('reason = "A test\'s."', ""),
    EXEMPT.replace("personal-data", "unknown"),
    EXEMPT + "until = 3",
]


@pytest.mark.parametrize("text", WRONG_CONFIGURATION)
def test_a_configuration_that_cannot_be_understood_is_refused(tmp_path: Path, text: str) -> None:
    _configure(make_tree(tmp_path), text)
    with pytest.raises(ContractTreeError):
        lint(tmp_path)


def test_what_no_rule_is_for_stops_the_lint(tmp_path: Path) -> None:
    _table(make_tree(tmp_path), CONTRACT.replace('key = "id"', ""))
    with pytest.raises(ContractTreeError, match="key is missing"):
        lint(tmp_path)
    with pytest.raises(ContractTreeError, match="no such directory"):
        lint(tmp_path / "elsewhere")


def test_no_contract_keeps_no_rule(tmp_path: Path) -> None:
    (tmp_path / "contracts" / "avro").mkdir(parents=True)
    with pytest.raises(ContractTreeError, match="there is no contract"):
        lint(tmp_path)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.bad.startswith("{")], ids=lambda rule: rule.name)
def test_the_documented_examples_are_what_they_say(tmp_path: Path, rule: Rule) -> None:
    make_tree(tmp_path / "bad", ping(json.loads(rule.bad)))
    make_tree(tmp_path / "good", ping(json.loads(rule.good)))
    assert rule.name in _rules(tmp_path / "bad")
    assert _rules(tmp_path / "good") == ["examples"]  # the example has not got the new field


def test_the_page_about_the_rules_is_what_the_rules_say() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "lint.md"
    assert page.read_text(encoding="utf-8") == documentation(), "run `hangarstack contracts lint --explain`"


def test_every_rule_has_a_name_of_its_own_and_says_why() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.what and rule.why and rule.bad and rule.good for rule in RULES)
    assert {rule.severity for rule in RULES} == {Severity.ERROR, Severity.WARNING}
    assert {rule.name for rule in RULES} == BAD.keys() | {rule for _, rule in SPOILT.values()}


def _waive(root: Path, *paths: str, days: int = 30) -> None:
    expires = datetime.datetime.now(tz=datetime.UTC).date() + datetime.timedelta(days=days)
    (root / "contracts" / "waivers.toml").write_text(
        "".join(
            '[[waiver]]\ncontract = "Ping"\nversions = [2]\ntype = "READER_FIELD_MISSING_DEFAULT_VALUE"\n'
            f'path = "{path}"\nowner = "nobody"\nreason = "Nobody reads version 1."\nexpires = {expires}\n\n'
            for path in paths
        )
    )


@pytest.mark.parametrize(
    ("paths", "left"),
    [(["/fields/3"], ["examples-decode"]), (["/fields/4"], ["examples-decode"]), (["/fields/3", "/fields/4"], [])],
)
def test_an_example_is_excused_only_where_every_break_is_waived(
    tmp_path: Path, paths: list[str], left: list[str]
) -> None:
    directory = make_tree(tmp_path)
    _with_example(directory, ping(_field("n", "int"), _field("m", "int")), n=1, m=1)
    _waive(tmp_path, *paths)
    assert _rules(tmp_path) == left


@pytest.mark.parametrize(("days", "left"), [(30, []), (-30, ["examples-decode"])])
def test_a_waiver_of_the_break_excuses_the_examples_as_long_as_it_holds(
    tmp_path: Path, days: int, left: list[str]
) -> None:
    directory = make_tree(tmp_path)
    _with_example(directory, ping(_field("n", "int")), n=1)
    (found,) = lint(tmp_path).findings
    assert found.sentence == ("version 2 cannot read it: the reader needs the field n, which the writer does not write")
    _waive(tmp_path, "/fields/3", days=days)
    assert _rules(tmp_path) == left
