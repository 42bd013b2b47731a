"""One owner at a time: the rows of the lease table, and a race of real processes."""

import multiprocessing
import os
import signal
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from hazui.domain.specs import LeaseTimes
from hazui.errors.runtime import HazuiRuntimeError, RuntimeErrorCode
from hazui.state.connection import open_database
from hazui.state.lease import claim
from hazui.state.opening import open_durable
from tests.support.poll import wait_until

resource_tracker.ensure_running()  # It lives as long as the interpreter: no leak of one test.


class Now:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.s = 1_000.0

    def __call__(self) -> float:
        return self.s


def test_a_second_owner_is_refused_with_the_holder(tmp_path: Path) -> None:
    first = open_durable(tmp_path / ".hazui", times=LeaseTimes(), started_at="now")

    with pytest.raises(HazuiRuntimeError) as caught:
        open_durable(tmp_path / ".hazui", times=LeaseTimes(), started_at="now")

    assert caught.value.is_code(RuntimeErrorCode.SESSION_EXECUTION_BUSY)
    assert caught.value.data["pid"] == os.getpid()
    first.close(ended_at="later", is_clean=True)


def test_each_owner_has_a_higher_number(tmp_path: Path) -> None:
    epochs = []
    for _ in range(3):
        state = open_durable(tmp_path / ".hazui", times=LeaseTimes(), started_at="now")
        epochs.append(state.epoch)
        state.close(ended_at="later", is_clean=True)

    assert epochs == [1, 2, 3]
    assert not list((tmp_path / ".hazui").glob("owner.*.lock"))


def test_a_stopped_owner_is_replaced_when_its_lease_expires_and_finds_out(tmp_path: Path) -> None:
    now, path = Now(), tmp_path / "state.db"
    first_db, second_db = open_database(path), open_database(path)
    first = claim(first_db, path, LeaseTimes(), started_at="now", now=now)
    now.s += 29
    with pytest.raises(HazuiRuntimeError):
        claim(second_db, path, LeaseTimes(), started_at="now", now=now)
    now.s += 2

    second = claim(second_db, path, LeaseTimes(), started_at="now", now=now)

    assert second.epoch == first.epoch + 1
    with pytest.raises(HazuiRuntimeError) as caught:
        first.renew()
    assert caught.value.is_code(RuntimeErrorCode.SESSION_EXECUTION_LEASE_LOST)
    second.renew()
    first.release()
    second.renew()
    second.release()
    first_db.close()
    second_db.close()


def test_an_expired_lease_that_nobody_took_is_taken_up_again(tmp_path: Path) -> None:
    now, path = Now(), tmp_path / "state.db"
    database = open_database(path)
    lease = claim(database, path, LeaseTimes(), started_at="now", now=now)
    now.s += 1_000

    lease.renew()

    (expires,) = database.execute("SELECT expires_at FROM lease").fetchone()
    assert expires == now.s + 30
    lease.release()
    database.close()


def _own(directory: str, pipe: Connection) -> None:
    open_durable(Path(directory), times=LeaseTimes(), started_at="now")
    pipe.send("owner")
    signal.pause()


@pytest.mark.slow
def test_a_killed_owner_is_replaced_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_own, args=(str(tmp_path / ".hazui"), theirs))
    process.start()
    assert ours.poll(20)
    assert ours.recv() == "owner"
    with pytest.raises(HazuiRuntimeError):
        open_durable(tmp_path / ".hazui", times=LeaseTimes(), started_at="now")

    process.kill()
    process.join()

    state = open_durable(tmp_path / ".hazui", times=LeaseTimes(), started_at="now")
    assert state.epoch == 2
    state.close(ended_at="later", is_clean=True)
    ours.close()
    theirs.close()
    process.close()


def _race(directory: str, pipe: Connection) -> None:
    pipe.send("ready")
    pipe.recv()
    try:
        state = open_durable(Path(directory), times=LeaseTimes(), started_at="now")
    except HazuiRuntimeError as error:
        pipe.send(str(error.code))
        return
    pipe.send(state.epoch)
    pipe.recv()
    state.close(ended_at="later", is_clean=True)


@pytest.mark.slow
def test_of_owners_that_race_exactly_one_wins(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    directory = str(tmp_path / ".hazui")
    open_durable(Path(directory), times=LeaseTimes(), started_at="now").close(
        ended_at="later", is_clean=True
    )
    pairs = [context.Pipe() for _ in range(3)]
    racers = [context.Process(target=_race, args=(directory, theirs)) for _, theirs in pairs]
    for racer in racers:
        racer.start()
    for ours, _ in pairs:
        wait_until(lambda ours=ours: ours.poll(), 30)  # type: ignore[misc]
        ours.recv()
    for ours, _ in pairs:
        ours.send("go")

    answers = []
    for ours, _ in pairs:
        wait_until(lambda ours=ours: ours.poll(), 30)  # type: ignore[misc]
        answers.append(ours.recv())

    assert sorted(map(str, answers)) == ["2", "session_execution_busy", "session_execution_busy"]
    pairs[answers.index(2)][0].send("close")
    for racer in racers:
        racer.join()
        racer.close()
    for ours, theirs in pairs:
        ours.close()
        theirs.close()
