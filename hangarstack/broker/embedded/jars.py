"""Kafka's jars: named and pinned by ``kafka.lock``, fetched once, checked at every start."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from hangarstack.broker.embedded.progress import Progress, silent
from hangarstack.errors import KafkaNotFetchedError

KAFKA_VERSION: Final = "4.3.1"

Download = Callable[[str, Path, Callable[[int], None]], Path]
"""Fetches a Maven coordinate into a directory, telling how many bytes have come; returns the file."""

_STEP: Final = f"Fetching Apache Kafka {KAFKA_VERSION}"
_REMEDY: Final = (
    "Use `hangarstack up --broker memory`, or set HANGARSTACK_BOOTSTRAP_SERVERS to a Kafka that runs already"
)
_CONNECTIONS: Final = 6
_BLOCK: Final = 1 << 20
_STALE_S: Final = 86_400
# One time for all, so that a copy made by another process is the same file to the Java archive's checks.
_JAR_TIME_NS: Final = 1_767_225_600 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Jar:
    """One file of the lock: Maven coordinate ``group:artifact:version``, SHA-256 in hex, size in bytes."""

    coordinate: str
    sha256: str
    size: int

    @property
    def filename(self) -> str:
        """The file's name in the cache."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


@cache
def locked_jars() -> tuple[Jar, ...]:
    """Return the jars of the lock, in the order of the class path."""
    text = files("hangarstack.broker.embedded").joinpath("kafka.lock").read_text(encoding="utf-8")
    rows = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return tuple(Jar(coordinate=name, sha256=digest, size=int(size)) for digest, size, name in rows)


def fetch(
    cache_dir: Path,
    *,
    progress: Progress = silent,
    lock: Sequence[Jar] | None = None,
    download: Download | None = None,
) -> list[Path]:
    """Return the paths of the checked jars, after fetching those that are missing or damaged.

    Blocks for a few milliseconds when all are there, for the time of a 45 MB download otherwise. Any number of
    processes may do it at once: a jar appears in the cache whole and checked, or not at all.

    Args:
        cache_dir: directory of caches; the jars go to ``kafka-<version>/`` in it.
        progress: told the bytes that have come.
        lock: the jars; those of ``kafka.lock`` unless given.
        download: how one jar is fetched; from Maven Central unless given.

    Raises:
        KafkaNotFetchedError: a jar cannot be fetched or written, or is not the one that the lock names.
    """
    directory = cache_dir.absolute() / f"kafka-{KAFKA_VERSION}"
    jars = locked_jars() if lock is None else lock
    try:
        directory.mkdir(parents=True, exist_ok=True)
        checked = _read_stamp(directory)
        missing = [jar for jar in jars if not _is_good(directory, jar, checked)]
        if missing:
            _fetch_all(directory, missing, progress, download or _from_maven)
        if missing or not checked:
            _write_stamp(directory, jars)
    except OSError as error:
        # Errors of the HTTP client are OSErrors too, but carry no number of the operating system's.
        reason = error.strerror if error.errno else "Maven Central cannot be reached"
        raise KafkaNotFetchedError(
            f"Apache Kafka {KAFKA_VERSION} cannot be fetched: {reason}", where=str(directory), remedy=_REMEDY
        ) from error
    return [directory / jar.filename for jar in jars]


def _is_good(directory: Path, jar: Jar, checked: dict[str, str]) -> bool:
    path = directory / jar.filename
    try:
        status = path.stat()
    except FileNotFoundError:
        return False
    # Its contents were hashed once; since then size and time show whether somebody touched it.
    if status.st_size == jar.size and status.st_mtime_ns == _JAR_TIME_NS and checked.get(jar.filename) == jar.sha256:
        return True
    if status.st_size != jar.size or _sha256(path) != jar.sha256:
        return False
    _set_time(path)
    return True


def _fetch_all(directory: Path, jars: list[Jar], progress: Progress, download: Download) -> None:
    received, total, lock = 0, sum(jar.size for jar in jars), threading.Lock()

    def count(size: int) -> None:
        nonlocal received
        with lock:
            received += size
            progress(_STEP, min(received, total), total)

    progress(_STEP, 0, total)
    with _staging(directory) as staging:
        threads = ThreadPoolExecutor(_CONNECTIONS)
        try:
            running = [threads.submit(_fetch_one, directory, staging, jar, count, download) for jar in jars]
            for done in running:
                done.result()
        finally:
            threads.shutdown(wait=True, cancel_futures=True)


def _fetch_one(directory: Path, staging: Path, jar: Jar, count: Callable[[int], None], download: Download) -> None:
    path = download(jar.coordinate, staging, count)
    digest = _sha256(path)
    if digest != jar.sha256:
        raise KafkaNotFetchedError(
            f"{jar.filename} has SHA-256 {digest}, but the lock says {jar.sha256}: it was not kept",
            where=jar.coordinate,
            remedy=f"Try again; if it stays so, do not trust the source. {_REMEDY}",
        )
    _set_time(path)
    keep(path, directory / jar.filename)


def keep(made: Path, place: Path) -> None:
    """Give a finished file its place, so that even a loss of power leaves the whole file there or none."""
    descriptor = os.open(made, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    made.replace(place)


def _from_maven(coordinate: str, directory: Path, count: Callable[[int], None]) -> Path:
    # Imported here: it brings an HTTP client that nobody needs once the jars are there.
    from jgo.maven import MavenContext, PythonResolver

    @contextmanager
    def counting(_name: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield count

    group, artifact, version = coordinate.split(":")
    context = MavenContext(resolver=PythonResolver(progress_callback=counting), repo_cache=directory)
    try:
        path: Path = context.project(group, artifact).at_version(version).artifact().resolve()
    except RuntimeError as error:
        raise KafkaNotFetchedError(
            "Maven Central does not have a jar that the lock names", where=coordinate, remedy=_REMEDY
        ) from error
    return path


@contextmanager
def _staging(directory: Path) -> Iterator[Path]:
    for old in directory.glob(".fetch-*"):
        # Left by a process that was killed; a young one may still be at work.
        if time.time() - old.stat().st_mtime > _STALE_S:
            shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=directory) as path:
        yield Path(path)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _set_time(path: Path) -> None:
    os.utime(path, ns=(_JAR_TIME_NS, _JAR_TIME_NS))


def _read_stamp(directory: Path) -> dict[str, str]:
    with suppress(OSError, ValueError):
        stamp = json.loads((directory / "checked.json").read_text(encoding="utf-8"))
        if isinstance(stamp, dict):
            return stamp
    return {}


def _write_stamp(directory: Path, jars: Sequence[Jar]) -> None:
    with tempfile.NamedTemporaryFile("w", dir=directory, prefix=".stamp-", delete=False) as file:
        json.dump({jar.filename: jar.sha256 for jar in jars}, file)
    Path(file.name).replace(directory / "checked.json")
