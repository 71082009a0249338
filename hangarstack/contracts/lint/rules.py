"""All rules."""

from __future__ import annotations

from typing import Final

from hangarstack.contracts.lint import files, schemas
from hangarstack.contracts.lint.decoding import examples_decode, upcasters
from hangarstack.contracts.lint.finding import Rule, Severity
from hangarstack.contracts.lint.reading import declared_reads

KNOWN_KEYS: Final = Rule(
    name="known-keys",
    severity=Severity.ERROR,
    what="`contract.toml` holds no key that nobody reads.",
    why="A key that nobody reads looks like a promise, and a misspelt one is silently not kept.",
    bad="`retention = 90` where the key is `retention_ms`.",
    good="`retention_ms = 7776000000`.",
    look=None,
)
CONTIGUOUS: Final = Rule(
    name="contiguous-versions",
    severity=Severity.ERROR,
    what="Versions are numbered from 1 without a gap.",
    why="A gap is a version that somebody deleted, and its events may still be in the topic.",
    bad="`v1.avsc` and `v3.avsc`.",
    good="`v1.avsc`, `v2.avsc` and `v3.avsc`.",
    look=None,
)
WELL_FORMED: Final = Rule(
    name="well-formed",
    severity=Severity.ERROR,
    what="Every version is an Avro schema in JSON, every example is JSON, and both are UTF-8.",
    why="What cannot be read can be judged by nobody.",
    bad="A `v2.avsc` with a comma too many, or with a type that nothing defines.",
    good="A `v2.avsc` that Avro's own parser takes.",
    look=None,
)
EXEMPTIONS: Final = Rule(
    name="used-exemptions",
    severity=Severity.ERROR,
    what="Every exemption in `lint.toml` exempts something.",
    why="An exemption that outlives its reason hides the next mistake in the same place.",
    bad="An exemption for a field that has been renamed.",
    good="An exemption that is removed together with what it was for.",
    look=None,
)

RULES: Final = (
    Rule(
        name="documented",
        severity=Severity.ERROR,
        what="Every record, enum, fixed and field says what it means.",
        why="A field that nobody explained is read differently by each team.",
        bad='{"name": "count", "type": "int"}',
        good='{"name": "count", "type": "int", "doc": "Results on all pages."}',
        look=schemas.documented,
    ),
    Rule(
        name="names",
        severity=Severity.ERROR,
        what="Fields are snake_case, types PascalCase, symbols UPPER_CASE.",
        why="Names become attributes, classes and constants in generated code.",
        bad='{"name": "clientName", "type": "string", "doc": "Who asked."}',
        good='{"name": "client_name", "type": "string", "doc": "Who asked."}',
        look=schemas.names,
    ),
    Rule(
        name="header-fields",
        severity=Severity.ERROR,
        what="Every event begins with `event_id` (a uuid) and `occurred_at` (timestamp-micros).",
        why="Consumers recognise a repeated event by its id and order events by their time.",
        bad="A record that begins with its own fields.",
        good="A record that begins with `event_id` and `occurred_at`.",
        look=schemas.header,
    ),
    Rule(
        name="enum-default",
        severity=Severity.ERROR,
        what="Every enum has a default symbol.",
        why="Without a default symbol no symbol can ever be added without breaking readers.",
        bad='{"name": "kind", "type": {"type": "enum", "name": "Kind", "doc": "Kind.", "symbols": ["A"]}, '
        '"doc": "Kind."}',
        good='{"name": "kind", "type": {"type": "enum", "name": "Kind", "doc": "Kind.", "symbols": ["UNKNOWN", "A"], '
        '"default": "UNKNOWN"}, "doc": "Kind."}',
        look=schemas.enum_default,
    ),
    Rule(
        name="optional-shape",
        severity=Severity.ERROR,
        what='An optional field is `["null", T]` with the default null.',
        why="Only a field that begins with null and defaults to it can be added and removed at will.",
        bad='{"name": "page", "type": ["string", "null"], "doc": "Page.", "default": ""}',
        good='{"name": "page", "type": ["null", "string"], "doc": "Page.", "default": null}',
        look=schemas.optional_shape,
    ),
    Rule(
        name="logical-time",
        severity=Severity.WARNING,
        what="A number, or an array or a map of them, that is a time by its name (`left_at`, `created`, "
        "`timestamp_ms`) has a logical type that says its unit.",
        why="A bare number does not tell a reader whether it counts seconds or microseconds, and a name does so to "
        "people alone. How long something took (`response_time`) is no time.",
        bad='{"name": "left_at", "type": "long", "doc": "When."}',
        good='{"name": "left_at", "type": {"type": "long", "logicalType": "timestamp-micros"}, "doc": "When."}',
        look=schemas.logical_time,
    ),
    Rule(
        name="personal-data",
        severity=Severity.ERROR,
        what="A field whose name ends in something personal (`emails`, `customer_name`, `address_line_1`, "
        '`password_hash`) carries `"confluent:tags": ["PII"]`.',
        why="What is not tagged is neither masked nor found when somebody asks to be forgotten. A location, a MAC "
        "address and the digest of an e-mail address single out a person, too; a boolean does not.",
        bad='{"name": "email", "type": "string", "doc": "Where to write to."}',
        good='{"name": "email", "type": "string", "doc": "Where to write to.", "confluent:tags": ["PII"]}',
        look=schemas.personal,
    ),
    Rule(
        name="bounded-depth",
        severity=Severity.ERROR,
        what="No record holds itself, directly or through others.",
        why="A record within itself has no greatest size: one event can exhaust a reader's stack or a topic's limit.",
        bad='{"name": "node", "doc": "First.", "type": {"type": "record", "name": "Node", "doc": "One.", "fields": '
        '[{"name": "next", "type": ["null", "Node"], "default": null, "doc": "Next."}]}}',
        good='{"name": "nodes", "doc": "In order.", "type": {"type": "array", "items": '
        '{"type": "record", "name": "Node", "doc": "One.", "fields": []}}}',
        look=schemas.bounded_depth,
    ),
    CONTIGUOUS,
    Rule(
        name="distinct-versions",
        severity=Severity.ERROR,
        what="No version is an older one again, word by word.",
        why="A registry knows a schema once: what comes back is not registered, and what it undoes stays the latest.",
        bad="A `v3.avsc` that undoes `v2.avsc` as a copy of `v1.avsc`.",
        good='A `v3.avsc` that undoes `v2.avsc` and says so: `"doc": "A reading; in whole degrees again."`.',
        look=files.repeated,
    ),
    Rule(
        name="examples",
        severity=Severity.ERROR,
        what="Every version has an example, and each example is a record of its version.",
        why="An example shows what a version means, and tries every later reader.",
        bad="`v2.avsc` without a file in `examples/v2/`.",
        good="`examples/v2/every_field.json`, a record in Avro's JSON encoding.",
        look=files.examples,
    ),
    Rule(
        name="examples-decode",
        severity=Severity.ERROR,
        what="Every example is read by its own version, and by every later one that the level makes read it, unless a "
        "waiver excuses it.",
        why="What the checker promises of schemas, the examples prove of data. At FORWARD, FORWARD_TRANSITIVE and "
        "NONE no version need read earlier ones, so only its own is tried; at BACKWARD and FULL the next one is, too.",
        bad="An example of `v1` that holds bytes which `v2`, where the field is text, cannot read.",
        good="An example of `v1` that `v2` and `v3` read.",
        look=examples_decode,
    ),
    Rule(
        name="upcasters",
        severity=Severity.ERROR,
        what="Every upcaster lifts what the next version cannot read, and the bytes tell which records those are.",
        why="A function that is not needed hides what Avro does, and records that look alike are lifted by chance.",
        bad="An upcaster from `v1`, where `v2` has only a new field with a default.",
        good="An upcaster from `v1`, where `v2` holds in metres, in a field of another name, what `v1` holds as text.",
        look=upcasters,
    ),
    Rule(
        name="declared-reads",
        severity=Severity.ERROR,
        what="What a consumer says in `contract.toml` that it reads is there: the consumer, the version, the fields.",
        why="A declaration of what is not there hides from `contracts impact` what a change breaks.",
        bad='`[reads.billing]` with `fields = ["totl"]`, or where `consumers` has no `billing`.',
        good='`[reads.billing]` with `version = 2` and `fields = ["total", "lines.price"]`.',
        look=declared_reads,
    ),
    Rule(
        name="no-orphans",
        severity=Severity.ERROR,
        what="No file lies in a contract's directory that belongs to no version.",
        why="A file that nobody reads looks like a promise.",
        bad="`v1.avsc.orig`.",
        good="`contract.toml`, `v1.avsc` and `examples/v1/one.json`, and nothing else.",
        look=files.orphans,
    ),
    KNOWN_KEYS,
    WELL_FORMED,
    EXEMPTIONS,
)
