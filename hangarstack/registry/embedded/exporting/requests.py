"""What a request says of an exporter: what to copy, under which names, and to where.

Source: https://docs.confluent.io/cloud/current/ccloud/register-exporter/ and .../update-exporter-info/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hangarstack.registry.embedded import names
from hangarstack.registry.embedded.exporting import naming, refused
from hangarstack.registry.embedded.exporting.destination import Destination, filled, shown
from hangarstack.registry.embedded.exporting.naming import AUTO, CUSTOM, DEFAULT, NONE, PLACEHOLDER, Naming, Selection
from hangarstack.registry.embedded.names import DEFAULT_CONTEXT
from hangarstack.registry.embedded.refusals import RefusalError

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,255}")
_LONGEST: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What an exporter is to do.

    Args:
        context_type: AUTO, CUSTOM, NONE or DEFAULT.
        context: what that puts before the contexts of the source; ``.`` for nothing.
        subjects: which are selected, as the request spells them.
        rename_format: of their names.
        config: of the destination, secrets included.
    """

    context_type: str
    context: str
    subjects: tuple[str, ...]
    rename_format: str
    config: Mapping[str, str]

    @property
    def naming(self) -> Naming:
        """What things are called at the destination."""
        return Naming(context_type=self.context_type, context=self.context, rename_format=self.rename_format)

    @property
    def destination(self) -> Destination:
        """Where to copy to."""
        return Destination.of(self.config)

    @property
    def selection(self) -> Selection:
        """Which subjects are copied."""
        return Selection(patterns=tuple(naming.pattern(each) for each in self.subjects), naming=self.naming)

    def answer(self, name: str) -> dict[str, Any]:
        """Return its JSON, secrets hidden."""
        return {
            "name": name,
            "contextType": self.context_type,
            **({} if self.context_type == NONE else {"context": self.context}),
            "subjects": list(self.subjects),
            "subjectRenameFormat": self.rename_format,
            "config": shown(self.config),
        }


def posted_name(body: Mapping[str, Any]) -> str:
    """Return the name of an exporter to be made.

    Raises:
        RefusalError: 40950.
    """
    name = body.get("name")
    # A name of dots alone would be taken out of a path by many clients.
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise refused.invalid_name()
    return name


def definition(body: Mapping[str, Any], *, source: str, held: Definition | None = None) -> Definition:
    """Read what an exporter is to do.

    Args:
        body: of the request.
        source: the id of this registry, which AUTO makes a context of.
        held: what it did so far, which stays where the body says nothing; None for a new one.

    Raises:
        RefusalError: 40951 a configuration, context or format that is none; 40952 subjects that are none.
    """
    given = body.get("contextType")
    context_type = (held.context_type if held else AUTO) if given is None else str(given).upper()
    rename_format = body.get("subjectRenameFormat")
    if rename_format is None:
        rename_format = held.rename_format if held else PLACEHOLDER
    subjects = _subjects(body.get("subjects"), held)
    _refuse_format(rename_format, subjects)
    made = Definition(
        context_type=context_type,
        context=_context(context_type, body.get("context"), source=source, held=held),
        subjects=subjects,
        rename_format=rename_format,
        config=_config(body.get("config"), held),
    )
    _refuse_own(made)
    return made


def _refuse_own(made: Definition) -> None:
    """Refuse subjects of which none would be copied, for they are taken for copies."""
    for each, selected in zip(made.subjects, made.selection.patterns, strict=True):
        if selected.context and made.naming.has_made(selected.context):
            raise refused.invalid_subjects(f"'{each}' lies in the context that the copies go into, {made.context}")


def _context(context_type: str, given: object, *, source: str, held: Definition | None) -> str:
    if context_type in {NONE, DEFAULT}:
        return DEFAULT_CONTEXT
    if context_type == AUTO:
        return f".lsrc-{source}"
    if context_type != CUSTOM:
        raise refused.invalid_config("contextType must be AUTO, CUSTOM, NONE or DEFAULT")
    if given is None and held is not None and held.context_type == CUSTOM:
        return held.context
    if not isinstance(given, str):
        raise refused.invalid_config("contextType CUSTOM needs a context")
    try:
        context = names.subject(names.context_scope(given)).context
    except RefusalError as error:
        raise refused.invalid_config(f"context: {error.what}") from error
    if context == DEFAULT_CONTEXT or context.endswith(".") or "*" in context:
        raise refused.invalid_config("context must name one, as .test does; contextType DEFAULT is for the default one")
    return context


def _subjects(given: object, held: Definition | None) -> tuple[str, ...]:
    if given is None:
        return held.subjects if held else ("*",)
    if not isinstance(given, list) or not given or not all(isinstance(each, str) for each in given):
        raise refused.invalid_subjects("they must be a list of names, contexts and beginnings")
    for each in given:
        naming.pattern(each)
    return tuple(given)


def _refuse_format(rename_format: object, subjects: tuple[str, ...]) -> None:
    if not isinstance(rename_format, str) or not rename_format.isprintable() or rename_format.startswith(":"):
        raise refused.invalid_config("subjectRenameFormat must be text, without control characters and context")
    names_one = len(subjects) == 1 and not naming.pattern(subjects[0]).is_prefix
    if not rename_format or (PLACEHOLDER not in rename_format and not names_one):
        raise refused.invalid_config(f"subjectRenameFormat without {PLACEHOLDER} gives all subjects one name")


def _config(given: object, held: Definition | None) -> dict[str, str]:
    if given is None and held is not None:
        return dict(held.config)
    if not isinstance(given, dict) or not all(isinstance(each, str) for each in given.values()):
        raise refused.invalid_config("it must be an object whose values are text")
    if sum(len(key) + len(value) for key, value in given.items()) > _LONGEST:
        raise refused.invalid_config(f"it is longer than {_LONGEST} characters")
    config = filled(given, held.config if held else {})
    Destination.of(config)
    return config
