"""A stream and small helpers for the spool's tests."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hangarstack.producers.record import Stream
from hangarstack.producers.spool import Spool

VIEWS = Stream(
    topic="test.views",
    subject="test.views-value",
    event="View",
    type="test.View",
    source="/hangarstack/test",
    schema='{"type":"record","name":"View","namespace":"test","fields":[]}',
)

CAPACITY = 1 << 20


def add(spool: Spool, value: bytes, stream: Stream = VIEWS) -> int:
    """Append a record that is told apart by its value."""
    return spool.append(stream, b"key", b"ce_id:1", value)


def held(spool: Spool) -> list[bytes]:
    """Return the values of what a fresh spool has recovered, in order."""
    return [spool.read(token).body for token, _ in spool.recovered]


def segments(directory: Path) -> list[Path]:
    """Return the segment files of all slots."""
    return sorted(directory.glob("slots/*/*.spool"))


def crash(spool: Spool) -> None:
    """Let go of the files as the kernel does when the process dies: nothing is tidied."""
    spool.forget()


def fill(spool: Spool, size: int, tokens: list[int]) -> None:
    """Append records until one is refused; ``tokens`` gets those that were not."""
    while True:
        tokens.append(add(spool, b"x" * size))


@contextmanager
def files_left(count: int) -> Iterator[None]:
    """Let the kernel refuse to open more files than so many, as it does when visitors' connections take the others."""
    others = [os.open(os.devnull, os.O_RDONLY) for _ in range(400)]
    try:
        with files_at_most(others[-1] + 1 + count):
            yield
    finally:
        for each in others:
            os.close(each)


@contextmanager
def files_at_most(limit: int) -> Iterator[None]:
    """Let this process open so many files, those that are open included."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Let the kernel refuse to make larger files, as it does when a disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
