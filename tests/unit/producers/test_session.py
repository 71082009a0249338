from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from hangarstack.errors import SpoolError
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
