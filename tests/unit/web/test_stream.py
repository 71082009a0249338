from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hangarstack.errors import StoreUnavailableError
from hangarstack.web.stream import Broadcaster, TooManyListenersError

FAST = 0.01


class Picture:
    """A live picture that a test changes; ``looks`` counts how often it was taken."""

    def __init__(self) -> None:
        self.parts: dict[str, Any] = {"totals": {"aircraft_views": 1}, "top": ["é “quoted”\n"]}
        self.looks = 0
        self.trouble = False

    def __call__(self) -> dict[str, Any]:
        self.looks += 1
        if self.trouble:
            raise StoreUnavailableError("gone")
        return dict(self.parts)


async def heard(messages: AsyncIterator[bytes]) -> tuple[str, str, Any]:
    """Return the next event: its id, its kind, its data."""
    async with asyncio.timeout(5):
        while True:
            lines = (await anext(messages)).decode().rstrip("\n").split("\n")
            fields = dict(line.split(": ", 1) for line in lines)
            if "data" in fields:
                assert len(lines) == 3
                return fields["id"], fields["event"], json.loads(fields["data"])


def test_a_listener_hears_the_whole_picture_and_then_what_changes() -> None:
    async def run() -> None:
        picture = Picture()
        broadcaster = Broadcaster(picture, interval_s=FAST)
        messages = await broadcaster.listen()
        _, kind, data = await heard(messages)
        assert (kind, data) == ("snapshot", picture.parts)
        picture.parts = picture.parts | {"totals": {"aircraft_views": 2}}
        _, kind, data = await heard(messages)
        assert (kind, data) == ("change", {"totals": {"aircraft_views": 2}})
        broadcaster.close()

    asyncio.run(run())


def test_who_comes_later_hears_the_whole_picture_too() -> None:
    async def run() -> None:
        broadcaster = Broadcaster(Picture(), interval_s=FAST)
        first = await broadcaster.listen()
        number, _, _ = await heard(first)
        again, kind, data = await heard(await broadcaster.listen())
        assert (again, kind) == (number, "snapshot")
        assert data["totals"] == {"aircraft_views": 1}
        broadcaster.close()

    asyncio.run(run())


@pytest.mark.parametrize("last", ["", "nonsense", "00000000-1", "\u2028", "x" * 5000])
def test_whatever_a_browser_says_it_heard_last_it_hears_the_picture(last: str) -> None:
    async def run() -> None:
        broadcaster = Broadcaster(Picture(), interval_s=FAST)
        await heard(await broadcaster.listen())
        _, kind, _ = await heard(await broadcaster.listen(last))
        assert kind == "snapshot"
        broadcaster.close()

    asyncio.run(run())


def test_a_browser_that_has_the_picture_is_sent_only_what_changes() -> None:
    async def run() -> None:
        picture = Picture()
        broadcaster = Broadcaster(picture, interval_s=FAST)
        number, _, _ = await heard(await broadcaster.listen())
        back = await broadcaster.listen(number)
        picture.parts = picture.parts | {"top": ["new"]}
        _, kind, data = await heard(back)
        assert (kind, data) == ("change", {"top": ["new"]})
        broadcaster.close()

    asyncio.run(run())


def test_nobody_looks_while_nobody_listens() -> None:
    async def run() -> None:
        picture = Picture()
        broadcaster = Broadcaster(picture, interval_s=FAST)
        await asyncio.sleep(5 * FAST)
        assert picture.looks == 0
        messages = await broadcaster.listen()
        await heard(messages)
        await messages.aclose()  # type: ignore[attr-defined] # it is a generator
        await asyncio.sleep(5 * FAST)
        looks = picture.looks
        await asyncio.sleep(5 * FAST)
        assert picture.looks == looks
        assert broadcaster.listeners == 0
        _, kind, _ = await heard(await broadcaster.listen())
        assert kind == "snapshot"
        broadcaster.close()

    asyncio.run(run())


def test_who_comes_back_after_a_pause_hears_the_present_picture_not_the_one_before() -> None:
    async def run() -> None:
        picture = Picture()
        broadcaster = Broadcaster(picture, interval_s=FAST)
        messages = await broadcaster.listen()
        number, _, _ = await heard(messages)
        await messages.aclose()  # type: ignore[attr-defined] # it is a generator
        await asyncio.sleep(5 * FAST)
        picture.parts = {"totals": {"aircraft_views": 9}}
        _, kind, data = await heard(await broadcaster.listen(number))
        assert (kind, data) == ("snapshot", {"totals": {"aircraft_views": 9}})
        broadcaster.close()

    asyncio.run(run())


def test_a_quiet_stream_beats() -> None:
    async def run() -> None:
        broadcaster = Broadcaster(Picture(), interval_s=FAST, heartbeat_s=0.05)
        messages = await broadcaster.listen()
        await heard(messages)
        assert await asyncio.wait_for(anext(messages), 5) == b": still here\n\n"
        broadcaster.close()

    asyncio.run(run())


def test_a_listener_who_does_not_read_is_dropped_and_the_others_go_on() -> None:
    async def run() -> None:
        picture = Picture()
        broadcaster = Broadcaster(picture, interval_s=0.001)
        lazy, keen = await broadcaster.listen(), await broadcaster.listen()
        for views in range(60):
            picture.parts = picture.parts | {"totals": {"aircraft_views": views}}
            await heard(keen)
        assert broadcaster.listeners == 1
        left = [message async for message in lazy]
        assert len(left) < 20
        broadcaster.close()

    asyncio.run(run())


def test_a_full_stream_refuses() -> None:
    async def run() -> None:
        broadcaster = Broadcaster(Picture(), interval_s=FAST, most=1)
        first = await broadcaster.listen()
        with pytest.raises(TooManyListenersError):
            await broadcaster.listen()
        await heard(first)
        broadcaster.close()

    asyncio.run(run())


def test_closing_ends_every_stream_at_once_and_refuses_new_ones() -> None:
    async def run() -> None:
        broadcaster = Broadcaster(Picture(), interval_s=FAST)
        streams = [await broadcaster.listen() for _ in range(20)]
        for stream in streams:
            await heard(stream)
        broadcaster.close()
        async with asyncio.timeout(1):
            for stream in streams:
                assert [message async for message in stream if message.startswith(b"data")] == []
        with pytest.raises(TooManyListenersError):
            await broadcaster.listen()

    asyncio.run(run())


def test_a_picture_that_cannot_be_taken_is_taken_later() -> None:
    async def run() -> None:
        picture = Picture()
        picture.trouble = True
        broadcaster = Broadcaster(picture, interval_s=FAST)
        messages = await broadcaster.listen()
        waiting = asyncio.create_task(heard(messages))
        await asyncio.sleep(5 * FAST)
        picture.trouble = False
        _, kind, _ = await waiting
        assert kind == "snapshot"
        broadcaster.close()

    asyncio.run(run())
