"""Server-sent events: the live picture, sent to every listener as it changes."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from hangarstack.web.metrics import DROPPED, LISTENERS

Snapshot = Callable[[], Mapping[str, Any]]
"""Returns the live picture; blocks on short queries."""

INTERVAL_S: Final = 0.5
HEARTBEAT_S: Final = 15.0
MOST_LISTENERS: Final = 2000
_BACKLOG: Final = 16
_RETRY_MS: Final = 2000
_log = logging.getLogger(__name__)


class TooManyListenersError(Exception):
    """The stream has as many listeners as it takes."""


class Broadcaster:
    """Looks at the picture twice a second while somebody listens, and sends each listener what has changed.

    Lives in one event loop. A listener who does not read is dropped; the browser then comes back by itself
    and gets the whole picture.

    Args:
        look: returns the live picture; called in a thread.
        interval_s: seconds between two looks.
        heartbeat_s: a listener hears a comment at least so often, so that proxies keep the connection.
        most: how many may listen.
    """

    def __init__(
        self,
        look: Snapshot,
        *,
        interval_s: float = INTERVAL_S,
        heartbeat_s: float = HEARTBEAT_S,
        most: int = MOST_LISTENERS,
    ) -> None:
        self._look = look
        self._interval_s = interval_s
        self._heartbeat_s = heartbeat_s
        self._most = most
        self._listeners: set[asyncio.Queue[bytes | None]] = set()
        self._shown: dict[str, str] = {}
        # Numbers of another process or an earlier run never look like ours.
        self._run = secrets.token_hex(4)
        self._number = 0
        self._loop: asyncio.Task[None] | None = None
        self._closed = False
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="stream")

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return len(self._listeners)

    async def listen(self, last_event_id: str = "") -> AsyncIterator[bytes]:
        """Return what one listener is to be sent, until they leave, are too slow, or ``close`` is called.

        Args:
            last_event_id: what the browser heard last; when that is still the present picture it is not sent again.

        Raises:
            TooManyListenersError: the stream is full.
        """
        if self._closed or len(self._listeners) >= self._most:
            DROPPED.inc()
            raise TooManyListenersError
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(_BACKLOG)
        self._listeners.add(queue)
        LISTENERS.set(len(self._listeners))
        if self._loop is None or self._loop.done():
            # Nobody has looked for a while: what was shown then is no news now.
            self._shown = {}
            self._loop = asyncio.create_task(self._watch())
        return self._messages(queue, last_event_id)

    def close(self) -> None:
        """End every stream; a new one is refused from now on. Call it in the loop."""
        self._closed = True
        for queue in tuple(self._listeners):
            self._drop(queue)
        if self._loop is not None:
            self._loop.cancel()
        self._threads.shutdown(wait=False)

    async def _messages(self, queue: asyncio.Queue[bytes | None], last_event_id: str) -> AsyncIterator[bytes]:
        try:
            yield f"retry: {_RETRY_MS}\n\n".encode()
            if self._shown and last_event_id != self._id():
                yield self._message("snapshot", self._shown)
            while True:
                try:
                    message = await asyncio.wait_for(queue.get(), self._heartbeat_s)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if message is None:
                    return
                yield message
        finally:
            self._listeners.discard(queue)
            LISTENERS.set(len(self._listeners))

    async def _watch(self) -> None:
        """Look and send until nobody listens any more."""
        while self._listeners:
            due = time.monotonic() + self._interval_s
            try:
                picture = await asyncio.get_running_loop().run_in_executor(self._threads, self._look)
                self._send(picture)
            except Exception:  # noqa: BLE001 - a picture that fails is taken again; the streams stay open
                _log.exception("the live picture cannot be taken")
            await asyncio.sleep(max(0.01, due - time.monotonic()))

    def _send(self, picture: Mapping[str, Any]) -> None:
        now = {key: json.dumps(value, ensure_ascii=False, separators=(",", ":")) for key, value in picture.items()}
        changed = {key: text for key, text in now.items() if self._shown.get(key) != text}
        if not changed:
            return
        first = not self._shown
        self._shown = now
        self._number += 1
        message = self._message("snapshot" if first else "change", changed)
        for queue in tuple(self._listeners):
            try:
                queue.put_nowait(message)
            except asyncio.QueueFull:
                DROPPED.inc()
                self._drop(queue)

    def _drop(self, queue: asyncio.Queue[bytes | None]) -> None:
        self._listeners.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)

    def _id(self) -> str:
        return f"{self._run}-{self._number}"

    def _message(self, kind: str, parts: Mapping[str, str]) -> bytes:
        # The parts are JSON already, and JSON on one line: it needs no further escaping.
        body = ",".join(f'"{key}":{text}' for key, text in parts.items())
        return f"id: {self._id()}\nevent: {kind}\ndata: {{{body}}}\n\n".encode()
