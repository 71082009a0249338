"""From parsed JSON to a schema, accepting and refusing what Avro Java's ``Schema.Parser`` does."""

from __future__ import annotations

from collections.abc import Sequence

from hangarstack.contracts.schema.definitions import Definitions
from hangarstack.contracts.schema.jsontree import check_tree, is_plain
from hangarstack.contracts.schema.memory import Memory
from hangarstack.contracts.schema.model import Named, Schema
from hangarstack.contracts.schema.references import References
from hangarstack.contracts.schema.rules import AVRO, Rules


class Parser:
    """Parses schemas one after another; each may refer to the named types of those before it.

    Args:
        rules: what is looked at besides the structure.
        memory: what many schemas have in common; see there. Only the first one that is parsed makes use of it, for
            those after it may refer to what is in it.
    """

    def __init__(self, rules: Rules = AVRO, memory: Memory | None = None) -> None:
        self._rules = rules
        self._memory = memory
        self._names: dict[str, Named] = {}

    def parse(self, value: object, *, side: str = "schema", text: str | None = None) -> Schema:
        """Parse one schema.

        Args:
            value: what a JSON parser returned: text, list or object.
            side: what to call the schema in an error: ``reader``, ``writer``, a file's name.
            text: the JSON text that the value was read from, if there is one; spares a look at all of the value.

        Raises:
            InvalidSchemaError: the schema is refused; ``where`` is ``side#`` and a JSON pointer into it.
        """
        if text is None or not is_plain(text):
            check_tree(value, side=side)
        definitions = Definitions(self._names, self._rules, side, None if self._names else self._memory)
        root = definitions.read(value)
        if not definitions.has_references:
            return root
        return References(definitions).resolve(root)


def parse_schema(value: object, *, side: str = "schema", rules: Rules = AVRO, known: Sequence[object] = ()) -> Schema:
    """Parse one schema.

    Args:
        value: what a JSON parser returned.
        side: what to call the schema in an error.
        rules: what is looked at besides the structure.
        known: schemas, parsed JSON too, whose named types this one may refer to.

    Raises:
        InvalidSchemaError: the schema is refused; ``where`` is ``side#`` and a JSON pointer into it.
    """
    parser = Parser(rules)
    for number, earlier in enumerate(known):
        parser.parse(earlier, side=f"{side} reference {number}")
    return parser.parse(value, side=side)
