"""Tags written into a schema: ``confluent:tags`` of records and fields."""

from __future__ import annotations

from typing import Any, Final

from hangarstack.contracts.schema import Array, Map, Record, Schema, Union
from hangarstack.contracts.schema.model import Props

_TAGS: Final = "confluent:tags"
_EVERY: Final = "*"


def tagged(schema: Schema, wanted: set[str]) -> list[dict[str, Any]]:
    """Return the records and fields that carry one of the tags, ``*`` for any, in the order of the schema."""
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    waiting: list[Schema] = [schema]
    while waiting:
        match waiting.pop():
            case Union(branches=branches):
                waiting.extend(reversed(branches))
            case Array(items=inner) | Map(values=inner):
                waiting.append(inner)
            case Record() as record if record.name not in seen:
                seen.add(record.name)
                found += _entity(record.name, "sr_record", record.props)
                for field in record.fields:
                    found += _entity(f"{record.name}.{field.name}", "sr_field", field.props)
                waiting.extend(reversed([field.type for field in record.fields]))
    return [each for each in found if _EVERY in wanted or wanted & set(each["tags"])]


def _entity(path: str, kind: str, props: Props) -> list[dict[str, Any]]:
    tags = props.get(_TAGS)
    if not isinstance(tags, list) or not tags:
        return []
    entity = {"entityPath": path, "entityType": kind}
    return [{"schemaEntity": entity, "tags": [str(tag) for tag in tags]}]
