"""Which subjects an exporter selects, and what they are called at the destination.

Source: Confluent's Schema Linking, "Configuration options",
https://docs.confluent.io/platform/current/schema-registry/schema-linking-cp.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hangarstack.registry.embedded import documents, names
from hangarstack.registry.embedded.exporting import refused
from hangarstack.registry.embedded.names import DEFAULT_CONTEXT, EVERY_CONTEXT, Subject
from hangarstack.registry.embedded.records import Reference
from hangarstack.registry.embedded.refusals import RefusalError

AUTO: Final = "AUTO"
CUSTOM: Final = "CUSTOM"
NONE: Final = "NONE"
DEFAULT: Final = "DEFAULT"
PLACEHOLDER: Final = "${subject}"

_ANY: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One entry of ``subjects``.

    Args:
        context: empty for any.
        name: of the subject, or how it begins.
        is_prefix: whether it is how it begins.
    """

    context: str
    name: str
    is_prefix: bool

    def takes(self, subject: Subject) -> bool:
        """Tell whether a subject is selected; a bare context is when all that is in it may be."""
        if self.context not in {_ANY, subject.context}:
            return False
        return subject.name.startswith(self.name) if self.is_prefix else subject.name == self.name


def pattern(text: str) -> Pattern:
    """Return what an entry selects: a name, a context (``.test``), or a beginning (``orders*``, ``:.test:*``, ``:*:``).

    Raises:
        RefusalError: 40952 it is none of them.
    """
    rest, context = text, DEFAULT_CONTEXT
    try:
        if text.startswith(EVERY_CONTEXT):
            context, rest = _ANY, text.removeprefix(EVERY_CONTEXT) or "*"
        elif text.startswith((":.", ".")):
            found = names.subject(text if text.startswith(":") else f":{text}")
            context, rest = found.context, found.name or "*"
        names.subject(rest)
    except RefusalError as error:
        raise refused.invalid_subjects(error.what) from error
    name = rest.removesuffix("*")
    if not text or "*" in name or "*" in context or ":" in context:
        raise refused.invalid_subjects(f"'{text}' is no name, no context and no beginning with * at its end")
    return Pattern(context=context, name=name, is_prefix=name != rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What things of this registry are called at the destination.

    Args:
        context_type: AUTO and CUSTOM put a context before that of the source, NONE keeps it, DEFAULT drops it.
        context: the one to put before; ``.`` where none is.
        rename_format: of subjects' names; ``${subject}`` stands for the name here.
    """

    context_type: str
    context: str
    rename_format: str

    def subject(self, source: Subject) -> Subject:
        """Return what a subject is called there; a bare context stays one."""
        renamed = self.rename_format.replace(PLACEHOLDER, source.name) if source.name else ""
        return Subject(context=self._context(source.context), name=renamed)

    def reference(self, parent: Subject, each: Reference) -> Reference:
        """Return a reference as it leads there to the copy of what it leads to here."""
        target = self.subject(documents.target_of(parent, each))
        is_relative = names.subject(each.subject).context == DEFAULT_CONTEXT
        return each._replace(subject=target.name if is_relative else str(target))

    def has_made(self, context: str) -> bool:
        """Tell whether this exporter has put there what is in a context here.

        It has when the destination is this registry, or exports in its turn. Copied again it would never end.
        """
        return self.context_type in {AUTO, CUSTOM} and f"{self.context}." in f"{context}."

    def _context(self, source: str) -> str:
        if self.context_type == NONE:
            return source
        if self.context_type == DEFAULT or source == DEFAULT_CONTEXT:
            return self.context
        return f"{self.context}{source}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The subjects that are copied.

    Args:
        patterns: at least one takes each of them.
        naming: what they are called at the destination.
    """

    patterns: tuple[Pattern, ...]
    naming: Naming

    def takes(self, subject: Subject) -> bool:
        """Tell whether a subject, or all of a bare context, is copied."""
        return not self.naming.has_made(subject.context) and any(each.takes(subject) for each in self.patterns)
