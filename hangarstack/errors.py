"""Every error that HangarStack raises on purpose.

HangarStackError                     what happened · where · what to do
├── CheckFailedError                 a check ran and the answer is no (exit code 1)
├── SettingsError                    a setting is missing, unknown or out of range
├── ContractError                    the contract tree
│   ├── ContractTreeError            a file is missing, misplaced, or says what it may not
│   │   ├── UnknownKeyError          a TOML file has a key that nobody reads
│   │   ├── VersionGapError          a version is missing though a later one is there
│   │   └── UnreadableFileError      a schema or an example is no text
│   ├── BaselineError                what contracts are to be compared with cannot be read
│   ├── InvalidSchemaError           a schema that the Avro specification does not allow
│   │   └── SchemaTooLargeError      two schemas that would take too long to compare
│   ├── UnsupportedSchemaError       a valid schema that the generator refuses, by name
│   ├── ReleasedVersionChangedError  a released .avsc differs from contracts.lock
│   ├── StaleCodeError               hangarstack/events/ is not what the contracts generate
│   └── SchemaMigrationError         a step of migrations/schemas/ is out of order or would break readers
├── CodecError                       bytes and events
│   ├── EncodeError                  a value does not fit its field
│   └── DecodeError                  bytes do not hold the record they claim to
│       ├── WireFormatError          no Confluent frame: magic byte or schema id missing
│       ├── UpcastError              the function that lifts an old major version's record failed
│       └── ResolutionError          writer and reader schema cannot be resolved for this record
├── RegistryError                    the schema registry
│   ├── RegistryUnavailableError     unreachable, or no answer in time
│   ├── RegistryDamagedError         the embedded registry's file is cut off, overwritten or half gone
│   ├── SchemaNotFoundError          unknown subject, version or schema id
│   └── SchemaRefusedError           the registry refused a schema, with its reasons
├── BrokerError                      Kafka
│   ├── BrokerUnavailableError       unreachable, or not ready in time
│   ├── BrokerRefusedError           wrong credentials, or not allowed to
│   ├── KafkaNotFetchedError         the embedded broker's jars cannot be had
│   └── TopicError                   a topic cannot be created or differs from its contract
├── DeliveryError                    accepting and delivering events
│   ├── SpoolFullError               the write-ahead spool has no room
│   ├── SpoolError                   the spool cannot be opened, read or written
│   ├── EventTooLargeError           larger than the topic takes
│   └── LeadLostError                another relay delivers the outbox now
├── ConsumerError                    the consumer runtime
│   ├── FencedError                  another process owns this partition's offset now
│   ├── HandlerError                 a service could not apply an event
│   ├── RebuildError                 read models cannot be rebuilt, or not without loss
│   └── DeadLetterLimitError         too many dead letters in a row: stopped rather than drain the topic
├── RepairError                      dead letters cannot be listed, replayed or dropped
│   ├── LetterNotFoundError          no dead letter is at that place (any more)
│   └── RepairBusyError              somebody else is replaying or dropping just now
├── StoreError                       catalogue and read models
│   ├── StoreUnavailableError        locked, gone or out of disk
│   ├── StoreDamagedError            a file that is no database, or a damaged one
│   └── StoreSchemaError             a migration is missing or failed
├── CatalogueError                   aircraft
│   ├── AircraftNotFoundError        no aircraft of that id
│   ├── InvalidAircraftError         a record that its JSON Schema refuses, field by field
│   └── EditConflictError            the aircraft has changed since the form was opened
└── PlatformError                    running the parts
    ├── PortTakenError               another process listens there
    ├── AlreadyRunningError          another `up` uses this state directory
    ├── ChildFailedError             a part does not start or keeps dying
    └── TrafficError                 `simulate` cannot reach the web app
"""

from __future__ import annotations

from typing import ClassVar


class HangarStackError(Exception):
    """The root: one sentence of what happened, where, and what to do.

    Args:
        what: what happened, one sentence without a full stop.
        where: the place: file and line, topic-partition@offset, schema id, URL; empty when there is none.
        remedy: what the reader can do; empty when nothing helps.
    """

    exit_code: ClassVar[int] = 2
    """Exit code of a command that ends with this error: 1 the check failed, 2 usage or could not run."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        """Return the whole line: ``where: what. remedy.``"""
        place = f"{self.where}: " if self.where else ""
        # A registry's or a database's own words may end in a full stop already.
        return f"{place}{self.what.rstrip('.')}. {self.remedy}" if self.remedy else f"{place}{self.what}"


class CheckFailedError(HangarStackError):
    """A check ran and the answer is no."""

    exit_code = 1


class SettingsError(HangarStackError):
    """A setting is missing, unknown or out of range."""


class ContractError(HangarStackError):
    """Something is wrong with the contract tree."""


class ContractTreeError(ContractError):
    """A file of the tree is missing, misplaced, or says what it may not."""


class UnknownKeyError(ContractTreeError):
    """A TOML file has a key that nobody reads."""


class VersionGapError(ContractTreeError):
    """A version is missing though a later one is there."""


class UnreadableFileError(ContractTreeError):
    """A schema or an example cannot be read as text."""


class BaselineError(ContractError):
    """What contracts are to be compared with (a git ref, a directory) is not there or cannot be read."""


class InvalidSchemaError(ContractError):
    """A schema that the Avro specification does not allow.

    ``where`` is the side ("reader", "writer") or file, then a JSON pointer into the schema.
    """


class SchemaTooLargeError(InvalidSchemaError):
    """Two schemas of which so many pairs of types, or values of defaults, would have to be looked at that none is."""


class UnsupportedSchemaError(ContractError):
    """A valid schema that the generator refuses by name."""


class ReleasedVersionChangedError(ContractError):
    """A released ``.avsc`` differs from its fingerprint in ``contracts.lock``."""

    exit_code = 1


class StaleCodeError(ContractError):
    """The committed generated code is not what the contracts generate."""

    exit_code = 1


class SchemaMigrationError(ContractError):
    """A step of ``migrations/schemas/`` is out of order, cannot lift what it should or would break readers."""

    exit_code = 1


class CodecError(HangarStackError):
    """Bytes and events do not fit each other."""


class EncodeError(CodecError):
    """A value does not fit its field; ``where`` is ``Event.field``."""


class DecodeError(CodecError):
    """Bytes do not hold the record they claim to; ``where`` is ``Event.field`` where known."""


class WireFormatError(DecodeError):
    """A record value is not framed as Confluent's wire format asks (magic 0, 4-byte schema id)."""


class UpcastError(DecodeError):
    """The function that lifts an old major version's record failed; ``where`` is event, version and function."""


class ResolutionError(DecodeError):
    """This record of the writer's schema cannot be resolved to the reader's."""


class RegistryError(HangarStackError):
    """The schema registry refused or failed."""


class RegistryUnavailableError(RegistryError):
    """The registry is unreachable or did not answer in time."""


class RegistryDamagedError(RegistryError):
    """The embedded registry's file is cut off, overwritten or half gone."""

    exit_code = 1


class SchemaNotFoundError(RegistryError):
    """The registry knows no such subject, version or schema id."""


class SchemaRefusedError(RegistryError):
    """The registry refused a schema; ``what`` carries its reasons."""

    exit_code = 1


class BrokerError(HangarStackError):
    """Kafka refused or failed."""


class BrokerUnavailableError(BrokerError):
    """The broker is unreachable or was not ready in time."""


class BrokerRefusedError(BrokerError):
    """The broker refuses the credentials, or does not allow what was asked."""


class KafkaNotFetchedError(BrokerError):
    """The embedded broker's jars are not cached and cannot be fetched."""


class TopicError(BrokerError):
    """A topic cannot be created, or differs from its contract in a way that cannot be changed."""


class DeliveryError(HangarStackError):
    """An event cannot be accepted or delivered."""


class SpoolFullError(DeliveryError):
    """The write-ahead spool has no room: the event is not accepted."""


class SpoolError(DeliveryError):
    """The spool cannot be opened, read or written."""


class EventTooLargeError(DeliveryError):
    """The event is larger than its topic takes: it is not accepted."""


class LeadLostError(DeliveryError):
    """Another relay delivers the outbox now, or may."""


class ConsumerError(HangarStackError):
    """The consumer runtime cannot go on."""


class FencedError(ConsumerError):
    """Another process has moved this partition's stored offset: this one no longer owns it."""


class HandlerError(ConsumerError):
    """A service could not apply an event."""


class RebuildError(ConsumerError):
    """A service's read models cannot be rebuilt from its topics, or not without loss; they are as they were."""

    exit_code = 1


class DeadLetterLimitError(ConsumerError):
    """Too many dead letters in a row: the service stops rather than drain the topic."""


class RepairError(HangarStackError):
    """Dead letters cannot be listed, replayed or dropped as asked."""


class LetterNotFoundError(RepairError):
    """No dead letter is at that place, or not any more."""


class RepairBusyError(RepairError):
    """Somebody else is replaying or dropping dead letters just now."""


class StoreError(HangarStackError):
    """The catalogue or a read model cannot be read or written."""


class StoreUnavailableError(StoreError):
    """The database is locked, gone or out of disk."""


class StoreDamagedError(StoreError):
    """A store's file is no database, or a damaged one."""

    exit_code = 1


class StoreSchemaError(StoreError):
    """A database migration is missing or failed."""


class CatalogueError(HangarStackError):
    """Something is wrong with an aircraft record."""


class AircraftNotFoundError(CatalogueError):
    """No aircraft has that id."""


class InvalidAircraftError(CatalogueError):
    """A record that the JSON Schema refuses.

    Args:
        what: what happened.
        problems: field path (``dimensions.length_m``) to the sentence that says what is wrong with it.
        where: the file or the aircraft id.
    """

    exit_code = 1

    def __init__(self, what: str, *, problems: dict[str, str], where: str = "", remedy: str = "") -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.problems = problems


class EditConflictError(CatalogueError):
    """The aircraft has changed since the form was opened."""


class PlatformError(HangarStackError):
    """The parts cannot be run."""


class PortTakenError(PlatformError):
    """Another process listens on that port."""


class AlreadyRunningError(PlatformError):
    """Another ``up`` uses this state directory."""


class ChildFailedError(PlatformError):
    """A part does not start, or keeps dying."""


class TrafficError(PlatformError):
    """``simulate`` cannot reach the web app."""
