"""Asking for schemas aside, so that whoever needs one goes on with other work while the registry does not answer."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, wait
from typing import Final

from hangarstack.errors import RegistryUnavailableError
from hangarstack.registry.serde import SchemaTexts

_PATIENCE_S: Final = 0.25
"""A registry that is well answers sooner."""
_REST_S: Final = 2.5
"""After a wait for nothing nobody waits for so long, whatever is asked for."""


class AskedAside:
    """Schemas of a registry that keeps nobody waiting for longer than a moment; used by one thread.

    Each question is asked on a thread of its own, which ends with the process. What it has found is there at the next
    call, and a registry that did not answer it is asked anew then.

    Args:
        texts: asked, from several threads.
    """

    def __init__(self, texts: SchemaTexts) -> None:
        self._texts = texts
        self._asked: dict[int, Future[str]] = {}
        self._rests_until = 0.0

    def schema_of(self, schema_id: int) -> str:
        """Return the text of a schema.

        Blocks for a quarter of a second at most, and in ten quarters once while the registry does not answer.

        Raises:
            RegistryUnavailableError: there is no answer yet, or the registry cannot be asked; try again.
            SchemaNotFoundError: there is no such id.
            Exception: what else the registry's client raises.
        """
        question = self._asked.get(schema_id)
        if question is None or _unanswered(question):
            question = self._asked[schema_id] = self._ask(schema_id)
        self._wait(question)
        if not question.done():
            raise RegistryUnavailableError("the registry has not answered yet", where=f"schema {schema_id}")
        del self._asked[schema_id]
        return question.result()

    def _wait(self, question: Future[str]) -> None:
        if time.monotonic() < self._rests_until:
            return
        wait([question], _PATIENCE_S)
        if not question.done():
            self._rests_until = time.monotonic() + _REST_S

    def _ask(self, schema_id: int) -> Future[str]:
        question: Future[str] = Future()

        def ask() -> None:
            try:
                question.set_result(self._texts.schema_of(schema_id))
            except BaseException as error:  # noqa: BLE001 - whoever comes for the answer raises it
                question.set_exception(error)

        threading.Thread(target=ask, name="ask-registry", daemon=True).start()
        return question


def _unanswered(question: Future[str]) -> bool:
    return question.done() and isinstance(question.exception(), RegistryUnavailableError)


__all__ = ["AskedAside"]
