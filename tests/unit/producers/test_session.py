from __future__ import annotations

import errno
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from hangarstack.errors import SpoolError
from hangarstack.producers.delivery import LEAST_S
from hangarstack.producers.metrics import Sample
from hangarstack.producers.session import Session
from hangarstack.producers.spool import Spool
from tests.unit.producers.fakes import FakeClient, FakeIds, ForgetfulDisk, until
from tests.unit.producers.samples import CAPACITY, VIEWS, held, segments


@pytest.fixture
def disk(home: Path) -> ForgetfulDisk:
    return ForgetfulDisk(home)


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def session(home: Path, disk: ForgetfulDisk, client: FakeClient) -> Iterator[Session]:
    spool = Spool(home / "spool" / "web", CAPACITY, disk=disk)
    session = Session(spool, True, client, FakeIds())
    yield session
    session.close(0)


def accept(session: Session, value: bytes) -> None:
    session.accept(VIEWS, b"key", [("ce_id", "1")], value)


def test_with_fsync_an_event_survives_a_loss_of_power_once_it_is_accepted(
    session: Session, disk: ForgetfulDisk, tmp_path: Path
) -> None:
    for number in range(3):
        accept(session, b"%d" % number)
        disk.lose_power(tmp_path / f"survivors-{number}")
    for number in range(3):
        left = Spool(tmp_path / f"survivors-{number}" / "spool" / "web", CAPACITY)
        assert held(left) == [b"%d" % each for each in range(number + 1)]
        assert left.problems() == []
        left.close()


def test_an_event_that_cannot_be_forced_to_disk_is_refused_and_never_sent(
    session: Session, disk: ForgetfulDisk, client: FakeClient
) -> None:
    accept(session, b"before")
    disk.error = OSError(errno.EIO, "Input/output error")
    for _ in range(3):
        with pytest.raises(SpoolError, match="cannot be forced to disk"):
            accept(session, b"refused")
    disk.error = None
    accept(session, b"after")
    until(lambda: len(client.queue) == len(session.spool) == 2)
    client.answer()
    assert [sent.value[5:] for sent in client.delivered] == [b"before", b"after"]
    assert {(each.name, each.value) for each in session.samples()} >= {("events_accepted", 2), ("events_delivered", 2)}


def test_a_clock_that_is_stepped_back_is_a_metric_that_begins_at_zero(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Sample("spool_clock_behind", (), 0) in list(session.samples())
    real = time.time_ns
    accept(session, b"before")
    monkeypatch.setattr(session.spool, "_clock", lambda: real() - 3_600_000_000_000)
    accept(session, b"after")
    assert Sample("spool_clock_behind", (), 1) in list(session.samples())


def test_a_segment_that_could_not_be_forced_to_disk_is_not_written_to_again(
    session: Session, disk: ForgetfulDisk, home: Path
) -> None:
    accept(session, b"before")
    disk.error = OSError(errno.EIO, "Input/output error")
    with pytest.raises(SpoolError):
        accept(session, b"refused")
    disk.error = None
    accept(session, b"after")
    contents = [path.read_bytes() for path in segments(home / "spool" / "web")]
    assert [(b"before" in each, b"after" in each) for each in contents] == [(True, False), (False, True)]


@pytest.fixture
def publishers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as publishers:
        yield publishers


def test_an_event_is_refused_if_the_disk_fails_another_one_of_its_file_though_it_takes_the_next_try(
    session: Session, disk: ForgetfulDisk, client: FakeClient, publishers: ThreadPoolExecutor, home: Path
) -> None:
    accept(session, b"before")
    seconds: list[Future[None]] = []

    def fail_once() -> None:
        disk.forcing = lambda: None
        seconds.append(publishers.submit(accept, session, b"second"))
        until(lambda: len(session.spool) == 3)
        # What the system says once of what it could not write, and never again.
        raise OSError(errno.EIO, "Input/output error")

    disk.forcing = fail_once
    with pytest.raises(SpoolError, match="cannot be forced to disk"):
        accept(session, b"first")
    with pytest.raises(SpoolError, match="cannot be forced to disk"):
        seconds[0].result()
    accept(session, b"after")
    until(lambda: len(client.queue) == len(session.spool) == 2)
    contents = [path.read_bytes() for path in segments(home / "spool" / "web")]
    assert [b"after" in each for each in contents] == [False, True]


def test_publishers_that_wait_together_are_safe_with_one_write_to_the_disk(
    session: Session, disk: ForgetfulDisk, publishers: ThreadPoolExecutor
) -> None:
    accept(session, b"before")
    go_on, writes = threading.Event(), []

    def wait() -> None:
        writes.append(len(session.spool))
        go_on.wait()

    disk.forcing = wait
    waiting = [publishers.submit(accept, session, b"%d" % number) for number in range(4)]
    until(lambda: writes and len(session.spool) == 5)
    go_on.set()
    for each in waiting:
        each.result()
    assert len(writes) <= 2


@pytest.mark.parametrize("error", [None, OSError(errno.EIO, "Input/output error")])
def test_of_an_event_that_waits_for_the_disk_when_the_session_is_closed_is_told_what_becomes_of_it(
    disk: ForgetfulDisk, client: FakeClient, publishers: ThreadPoolExecutor, home: Path, error: OSError | None
) -> None:
    session = Session(Spool(home / "spool" / "web", CAPACITY, disk=disk), True, client, FakeIds())
    accept(session, b"before")
    go_on, waits = threading.Event(), threading.Event()

    def wait() -> None:
        waits.set()
        go_on.wait()

    disk.forcing = wait
    event = publishers.submit(accept, session, b"in between")
    waits.wait()
    started = time.monotonic()
    assert session.close(0) == 2
    assert time.monotonic() - started < LEAST_S + 0.5
    disk.error = error
    go_on.set()
    assert (event.exception() is None) == (error is None)
    left: list[bytes] = []

    def is_closed() -> bool:
        heir = Spool(home / "spool" / "web", CAPACITY)
        left.extend(held(heir))
        heir.close()
        return bool(left)

    until(is_closed)
    assert left == ([b"before", b"in between"] if error is None else [b"before"])


def test_with_fsync_an_event_survives_a_loss_of_power_though_another_process_has_just_noted_its_stream(
    home: Path, disk: ForgetfulDisk, client: FakeClient, tmp_path: Path
) -> None:
    other = Spool(home / "spool" / "web", CAPACITY, disk=ForgetfulDisk(home))
    other.release(other.append(VIEWS, b"key", b"ce_id:1", b"another's"))
    (stream,) = home.glob("spool/web/streams/*.json")
    with stream.open("rb") as file:
        disk.force(file.fileno())
    session = Session(Spool(home / "spool" / "web", CAPACITY, disk=disk), True, client, FakeIds())
    accept(session, b"accepted")
    disk.lose_power(tmp_path / "survivors")
    session.close(0)
    other.close()
    left = Spool(tmp_path / "survivors" / "spool" / "web", CAPACITY)
    assert (held(left), left.problems()) == ([b"accepted"], [])
    left.close()
