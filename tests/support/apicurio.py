"""Apicurio Registry without Docker: fetched once from Maven Central, checked, unpacked, and run on a free port."""

from __future__ import annotations

import contextlib
import hashlib
import re
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from jgo.maven import MavenContext, PythonResolver

from hangarstack.broker.embedded.java import Java, find_java
from hangarstack.broker.embedded.progress import Progress, silent

VERSION: Final = "2.6.13.Final"

_ARCHIVE_SHA256: Final = "3cda1b34aa020fb4ac4dd6a66018d757e81e437f97e20a1f92d366b70091c6ba"
_RUNNER: Final = f"apicurio-registry-app-{VERSION}-runner.jar"
_FLAGS: Final = ("-Xmx160m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_FIRST_COMPACT: Final = 24
_STARTED: Final = re.compile(r"Listening on: http://127\.0\.0\.1:(\d+)")
_DEADLINE_S: Final = 90


class ApicurioError(Exception):
    """Apicurio cannot be fetched or does not start."""


def fetch(cache_dir: Path, *, progress: Progress = silent) -> Path:
    """Return the directory that holds Apicurio, fetched and checked unless it is there (142 MB, unpacked 146 MB).

    Several processes may do it at once; a directory of that name is a whole one.

    Raises:
        ApicurioError: it cannot be fetched, or is not the archive that is pinned here.
    """
    directory = cache_dir / f"apicurio-{VERSION}"
    if directory.exists():
        return directory
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".apicurio-", dir=cache_dir) as staging:
            archive = _download(Path(staging), progress)
            with archive.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest != _ARCHIVE_SHA256:
                raise ApicurioError(f"the archive has SHA-256 {digest}, not {_ARCHIVE_SHA256}: it was not kept")
            whole = Path(staging) / "whole"
            with tarfile.open(archive) as tar:
                tar.extractall(whole, filter="data")
            # Another process may have been faster; then its directory is as good.
            with contextlib.suppress(OSError):
                whole.rename(directory)
    except OSError as error:
        raise ApicurioError(f"Apicurio {VERSION} cannot be fetched: {error}") from error
    if not directory.exists():
        raise ApicurioError(f"Apicurio {VERSION} cannot be kept in {directory}")
    return directory


def _download(directory: Path, progress: Progress) -> Path:
    @contextmanager
    def counting(name: str, size: int) -> Iterator[Callable[[int], None]]:
        received = 0

        def count(block: int) -> None:
            nonlocal received
            received += block
            progress(f"Fetching {name}", received, size)

        yield count

    context = MavenContext(resolver=PythonResolver(progress_callback=counting), repo_cache=directory)
    project = context.project("io.apicurio", "apicurio-registry-app").at_version(VERSION)
    try:
        path: Path = project.artifact("all", "tar.gz").resolve()
    except RuntimeError as error:
        raise ApicurioError(f"Maven Central does not have Apicurio {VERSION}: {error}") from error
    return path


@contextmanager
def running(directory: Path) -> Iterator[str]:
    """Run an empty Apicurio, which keeps all in memory, and give the URL of its Confluent API (about 4 s, 200 MB).

    Args:
        directory: as ``fetch`` returns it.

    Raises:
        ApicurioError: it does not start.
        KafkaNotFetchedError: there is no Java to run it on.
    """
    with tempfile.NamedTemporaryFile(prefix="apicurio-", suffix=".log") as log:
        process = subprocess.Popen(_command(find_java()), cwd=directory, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield f"http://127.0.0.1:{_port(process, Path(log.name))}/apis/ccompat/v7"
        finally:
            process.kill()
            process.wait()


def _command(java: Java) -> list[str]:
    compact = ["-XX:+UseCompactObjectHeaders"] if java.major >= _FIRST_COMPACT else []
    listen = ["-Dquarkus.http.host=127.0.0.1", "-Dquarkus.http.port=0"]
    return [str(java.path), *_FLAGS, *compact, *listen, "-jar", _RUNNER]


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + _DEADLINE_S
    while True:
        text = log.read_text(encoding="utf-8", errors="replace")
        found = _STARTED.search(text)
        if found is not None:
            return int(found[1])
        if process.poll() is not None or time.monotonic() > deadline:
            raise ApicurioError(f"Apicurio does not start: {text[-2000:]}")
        time.sleep(0.05)
