"""Whatever the instant of a crash, the next owner finds exactly the complete records that were not released."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from hangarstack.errors import SpoolFullError
from hangarstack.producers.segment import Segment
from hangarstack.producers.spool import Spool
from tests.support.disks import disk_that_fails
from tests.unit.producers.fakes import ForgetfulDisk
from tests.unit.producers.samples import add, crash, held, segments

CAPACITY = 65_536


class SpoolLife(RuleBasedStateMachine):
    """A spool beside a plain dictionary of what it must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.model: dict[int, bytes] = {}
        self.count = 0

    @initialize()
    def open(self) -> None:
        self.spool = Spool(self.directory, CAPACITY)

    @rule(size=st.integers(0, 3_000), many=st.integers(1, 20))
    def append(self, size: int, many: int) -> None:
        for _ in range(many):
            self.count += 1
            value = b"%d:" % self.count + b"x" * size
            try:
                self.model[add(self.spool, value)] = value
            except SpoolFullError:
                assert sum(map(len, self.model.values())) > CAPACITY // 4

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def release_some(self, data: st.DataObject) -> None:
        tokens = list(self.model)
        for index in data.draw(st.sets(st.integers(0, len(tokens) - 1), max_size=40)):
            self.spool.release(tokens[index])
            del self.model[tokens[index]]

    @precondition(lambda self: self.model)
    @rule()
    def release_all_but_the_newest(self) -> None:
        for token in list(self.model)[:-1]:
            self.spool.release(token)
            del self.model[token]

    @rule(clean=st.booleans())
    def end_and_start_again(self, clean: bool) -> None:
        if clean:
            self.spool.close()
        else:
            crash(self.spool)
        self.spool = Spool(self.directory, CAPACITY)
        assert held(self.spool) == list(self.model.values())
        self.model = dict(zip((token for token, _ in self.spool.recovered), self.model.values(), strict=True))

    @rule()
    def die_beside_a_sibling_that_adopts(self) -> None:
        sibling = Spool(self.directory, CAPACITY)
        crash(self.spool)
        self.spool = sibling
        adopted = sibling.admit(sibling.salvage())
        assert [sibling.read(token).body for token, _ in adopted] == list(self.model.values())
        self.model = dict(zip((token for token, _ in adopted), self.model.values(), strict=True))

    def teardown(self) -> None:
        self.spool.close()
        shutil.rmtree(self.directory)


TestSpoolLife = SpoolLife.TestCase
TestSpoolLife.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def image_of(values: list[bytes], directory: Path) -> tuple[Path, list[int]]:
    """Write a segment of these values; return it and where each record ends."""
    path = directory / "image.spool"
    path.unlink(missing_ok=True)
    segment = Segment.create(path, 4096)
    ends = []
    for number, value in enumerate(values):
        segment.append(number, 1, b"k", b"a", value)
        ends.append(segment.end)
    segment.close()
    return path, ends


def values_in(path: Path) -> tuple[list[bytes], bool]:
    segment = Segment(path)
    values = [segment.read(found.offset).value for found in segment.scan() if found.waiting]
    segment.close()
    return values, segment.damaged


def test_an_append_cut_at_any_byte_leaves_the_records_before_it_and_no_alarm(tmp_path: Path) -> None:
    path, ends = image_of([b"first", b"second", b"the one that is cut"], tmp_path)
    whole = path.read_bytes()
    start, end = ends[1], ends[2]
    # The body is written before the prefix of twelve bytes, each of the two from its beginning.
    for written in range(start + 12, end):
        path.write_bytes(whole[:start] + bytes(12) + whole[start + 12 : written] + bytes(len(whole) - written))
        assert values_in(path) == ([b"first", b"second"], False), written
    for written in range(start + 1, start + 12):
        cut = whole[:written] + bytes(start + 12 - written) + whole[start + 12 :]
        if cut == whole:
            # The rest of this prefix is zeros: nothing was cut off.
            continue
        path.write_bytes(cut)
        assert values_in(path)[0] == [b"first", b"second"], written
    path.write_bytes(whole)
    assert values_in(path) == ([b"first", b"second", b"the one that is cut"], False)


class KilledError(Exception):
    """The process is gone."""


class DyingMap:
    """A segment's memory map in a process that is killed after so many more writes."""

    def __init__(self, real: Any, writes: int) -> None:
        self._real, self._left = real, writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def __setitem__(self, where: slice, content: bytes) -> None:
        if not self._left:
            raise KilledError
        self._left -= 1
        self._real[where] = content


def test_an_append_killed_between_its_writes_leaves_the_records_before_it_and_no_alarm(tmp_path: Path) -> None:
    writes = 0
    while True:
        path, _ = image_of([b"first"], tmp_path)
        segment: Any = Segment(path)
        list(segment.scan())
        segment._map = DyingMap(segment._map, writes)
        try:
            segment.append(2, 1, b"k", b"a", b"second")
        except KilledError:
            assert values_in(path) == ([b"first"], False), writes
        else:
            break
        finally:
            segment.close()
        writes += 1
    assert writes >= 1
    assert values_in(path) == ([b"first", b"second"], False)


def test_a_value_that_carries_the_bytes_of_a_record_is_never_taken_for_one(tmp_path: Path) -> None:
    path, ends = image_of([b"forged"], tmp_path)
    forged = path.read_bytes()[20 : ends[0]]
    path, ends = image_of([b"before", b"<" + forged + b">", b"after"], tmp_path)
    content = bytearray(path.read_bytes())
    content[ends[0] + 12] ^= 1
    path.write_bytes(content)
    assert values_in(path) == ([b"before", b"after"], True)


def test_records_that_move_to_another_segment_stay_as_safe_from_power_loss_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    disk = ForgetfulDisk(tmp_path / "home")
    spool = Spool(tmp_path / "home" / "spool" / "web", CAPACITY, disk=disk)
    token = add(spool, b"must survive")
    spool.sync(token)
    place = spool._places[token]
    for number in range(5_000):
        other = add(spool, b"x" * 400)
        if number % 10:
            spool.release(other)
        if spool._places[token] is not place:
            break
    else:
        pytest.fail("nothing was moved")
    spool.close()
    disk.lose_power(tmp_path / "survivors")
    left = Spool(tmp_path / "survivors" / "spool" / "web", CAPACITY)
    assert b"must survive" in held(left)
    left.close()


def pass_through(spool: Spool) -> None:
    """Append records, of which one in ten stays, until one is refused."""
    number = 0
    while True:
        token = add(spool, b"x" * 400)
        if number % 10:
            spool.release(token)
        number += 1


def test_records_that_cannot_be_moved_safely_stay_where_they_are(tmp_path: Path) -> None:
    disk = ForgetfulDisk(tmp_path)
    spool = Spool(tmp_path, CAPACITY, disk=disk)
    add(spool, b"kept")
    disk.error = OSError(errno.EIO, "Input/output error")
    with pytest.raises(SpoolFullError, match="cannot be moved"):
        pass_through(spool)
    disk.error = None
    add(spool, b"after")
    crash(spool)
    spool = Spool(tmp_path, CAPACITY)
    assert (held(spool).count(b"kept"), held(spool)[-1]) == (1, b"after")
    spool.close()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.binary(max_size=300), min_size=1, max_size=8),
    lost=st.sets(st.integers(0, 63), max_size=20),
    flips=st.lists(st.tuples(st.integers(0, 4095), st.integers(1, 255)), max_size=3),
)
def test_lost_sectors_and_flipped_bytes_cost_only_the_records_they_hit(
    tmp_path: Path, values: list[bytes], lost: set[int], flips: list[tuple[int, int]]
) -> None:
    path, ends = image_of(values, tmp_path)
    content = bytearray(path.read_bytes())
    whole = bytes(content)
    for sector in lost:
        content[max(20, sector * 64) : sector * 64 + 64] = bytes(sector * 64 + 64 - max(20, sector * 64))
    for position, change in flips:
        if position >= 20:
            content[position] ^= change
    path.write_bytes(content)
    starts = [20, *ends[:-1]]
    intact = [
        value
        for value, start, end in zip(values, starts, ends, strict=True)
        # A flip of the state byte alone turns a waiting record into another waiting one, or into a released one.
        if content[start : start + 3] == whole[start : start + 3]
        and content[start + 4 : end] == whole[start + 4 : end]
        and content[start + 3] != ord("x")
    ]
    assert values_in(path)[0] == intact


_APPENDER = """
import sys
from pathlib import Path
from hangarstack.producers.spool import Spool
from tests.unit.producers.samples import add
spool = Spool(Path(sys.argv[1]), 1 << 24)
waiting = []
number = 0
while True:
    waiting.append((number, add(spool, b"%d" % number + b"x" * (number % 700))))
    number += 1
    if number % 7 == 0:
        done, token = waiting.pop(len(waiting) // 2)
        spool.release(token)
        sys.stdout.write(f"-{done}\\n")
    sys.stdout.write(f"+{number - 1}\\n")
    sys.stdout.flush()
"""


def test_sigkill_of_a_writing_process_loses_nothing_it_had_accepted(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", _APPENDER, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = b"".join(process.stdout.readline() for _ in range(3_000))
    os.kill(process.pid, signal.SIGKILL)
    said += process.stdout.read()
    process.stdout.close()
    process.wait()
    lines = said.decode().split("\n")[:-1]
    accepted = {int(line[1:]) for line in lines if line[0] == "+"}
    released = {int(line[1:]) for line in lines if line[0] == "-"}
    spool = Spool(tmp_path, 1 << 24)
    found = [int(value.rstrip(b"x")) for value in held(spool)]
    assert found == sorted(found)
    # A record may be released just before that is told, and accepted just before.
    assert len(accepted - released - set(found)) <= 1
    assert set(found) - accepted <= {max(accepted) + 1}
    spool.close()


_STARTER = """
import sys
from pathlib import Path
from hangarstack.producers.spool import Spool
spool = Spool(Path(sys.argv[1]), 1 << 20)
print(len(spool), spool.unread)
"""


def test_a_process_that_starts_on_a_disk_that_cannot_read_a_file_any_more_is_not_killed_by_it(tmp_path: Path) -> None:
    with disk_that_fails(tmp_path / "disk") as fail:
        home = tmp_path / "disk" / "web"
        spool = Spool(home, 1 << 20)
        for _ in range(50):
            add(spool, b"x" * 1_000)
        [path] = segments(home)
        crash(spool)
        fail(path)
        started = subprocess.run([sys.executable, "-c", _STARTER, str(home)], capture_output=True, check=False)
        assert (started.returncode, started.stdout.split()[-2:]) == (0, [b"0", b"1"])
