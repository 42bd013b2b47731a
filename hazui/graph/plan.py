"""The plan of one run: a pure state machine that says what may start next.

A driver feeds inputs to ``apply`` and carries out the effects. Every change of state goes through
``_move``, which also keeps slots, tags, mutexes, waves and counts, so that no two views of a run
can disagree. One ``apply`` costs what it changes, not what exists; nothing recurses.

Invariants: limits are never exceeded; an exclusive holder is alone; a task starts only after its
hard predecessors succeeded and its weak ones ended; every task ends in exactly one terminal state,
provided that every LookUp, Spawn and Cancel(in_flight) is answered. Order: tasks bounced by a
mutex first (first in, first out for each mutex), then those that failed last time, then canonical.

One file on purpose, though a long one: every rule about when a state may change is read here, from
top to bottom, and nowhere else.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from hazui.domain.ids import TaskId
from hazui.domain.records import SkipCause
from hazui.graph.graph import Graph
from hazui.graph.limits import MutexKey, MutexTable, Slots
from hazui.graph.node import Node, give_ranks, make_nodes, unended_below
from hazui.graph.states import (
    TERMINAL,
    Blocked,
    Cancel,
    CancelAll,
    CancelTask,
    Done,
    Effect,
    Finished,
    Input,
    LookedUp,
    LookUp,
    Pause,
    Restarted,
    Resume,
    Skip,
    Spawn,
    Start,
    StopAdmitting,
    TaskState,
    Unneeded,
    Wait,
    WaitingReason,
    WaveEnded,
)
from hazui.graph.waiting import WaitReports

_State = TaskState
_HOLDING = frozenset({_State.LOOKUP, _State.RUNNING, _State.STOPPING})
"""The states in which a task holds a slot and its tags."""


class Plan:
    """The run of ``tasks``. Predecessors outside of ``tasks`` count as done and good."""

    def __init__(
        self,
        graph: Graph,
        tasks: Collection[TaskId],
        *,
        jobs: int,
        tag_limits: Mapping[str, int] | None = None,
        failed_first: Collection[TaskId] = (),
        fail_fast: bool = False,
        lazy: Collection[TaskId] = (),
        running: Collection[TaskId] = (),
    ) -> None:
        """Plan the run of ``tasks``.

        ``running`` are tasks of the set that are at work already, from an earlier plan of the
        same turn: they hold what they hold, and what is above them is done as far as they go.
        ``lazy`` are services of the set that are there only because others need them: such a
        service starts when a task that depends on it misses, and that task is looked up again
        when the service is ready; until then dependants are looked up as if it was ready.
        """
        self._slots = Slots(jobs, tag_limits or {})
        self._mutexes = MutexTable()
        self._fail_fast = fail_fast
        self._nodes = make_nodes(graph, tasks, self._slots, frozenset(running))
        self._by_rank = give_ranks(self._nodes, set(failed_first))
        self._reports = WaitReports(self._by_rank, self._slots, self._mutexes)
        self._effects: list[Effect] = []
        self._freed: list[Node] = []
        """Tasks whose last pending predecessor has just ended."""
        self._open_mutexes: dict[MutexKey, None] = {}
        """Mutexes with a queue whose head could take them."""
        for task in lazy:
            self._nodes[task].is_lazy = task not in running
        self._has_lazy = bool(lazy)
        self._wave = 0
        self._wave_left: dict[int, int] = {}
        self._left = len(self._nodes)
        self._is_started = False
        self._is_done_told = False
        self._is_paused = False
        self._is_closed = False
        self._halt: tuple[TaskId, SkipCause] | None = None
        self.counts: dict[TaskState, int] = dict.fromkeys(TaskState, 0)
        """How many tasks are in each state; read only."""
        self.counts[_State.WAITING] = self._left
        for task in sorted(running):
            self._take_over(self._nodes[task])
        self._handlers: dict[type, Callable[[Any], None]] = {
            Start: self._on_start,
            LookedUp: self._on_looked_up,
            Finished: self._on_finished,
            Restarted: self._on_restarted,
            Blocked: self._on_blocked,
            CancelTask: self._on_cancel_task,
            CancelAll: self._on_cancel_all,
            StopAdmitting: self._on_stop_admitting,
            Pause: self._on_pause,
            Resume: self._on_resume,
        }

    def __contains__(self, task: TaskId) -> bool:
        return task in self._nodes

    @property
    def tasks(self) -> list[TaskId]:
        """The tasks of the plan, canonical order."""
        return list(self._nodes)

    @property
    def is_done(self) -> bool:
        return self._is_started and not self._left

    def state(self, task: TaskId) -> TaskState:
        return self._nodes[task].state

    def wave(self, task: TaskId) -> int:
        """The number of the wave that released the task, from 1; 0 when none has yet."""
        return self._nodes[task].wave

    def in_state(self, *states: TaskState) -> list[TaskId]:
        """The tasks in one of these states, canonical order."""
        return [task for task, node in self._nodes.items() if node.state in states]

    def waiting_reason(self, task: TaskId) -> WaitingReason | None:
        """What the task waits for now; None when it is at work or has ended."""
        return self._reports.reason(self._nodes[task], self._nodes)

    def take_waits(self) -> list[Wait]:
        """The waiting reasons that changed since the last call; ask before going to sleep."""
        return self._reports.take(self._nodes)

    def apply(self, given: Input) -> list[Effect]:
        """Take one input in and say what to do now.

        Raises:
            KeyError: the input names a task that is not in the plan.
            ValueError: the input does not fit the state of the task: a bug of the driver.
        """
        effects = self._effects = []
        left = self._left
        self._handlers[type(given)](given)
        self._conclude(left)
        return effects

    def apply_all(self, given: Collection[Input]) -> list[Effect]:
        """Take several inputs in before admitting anything, so that one wave serves all."""
        effects = self._effects = []
        left = self._left
        for one in given:
            self._handlers[type(one)](one)
            self._settle_freed()
        self._conclude(left)
        return effects

    def _conclude(self, left_before: int) -> None:
        if self._freed:
            self._settle_freed()
        if not self._is_started:
            return
        if not self._is_paused:
            self._admit()
        if self._has_lazy and self._left == self.counts[_State.DORMANT]:
            for task in self.in_state(_State.DORMANT):
                self._move(self._nodes[task], _State.UNNEEDED)
                self._effects.append(Unneeded(task))
        if not self._left and (left_before or not self._is_done_told):
            self._is_done_told = True
            self._effects.append(Done())

    # -- inputs ------------------------------------------------------------------------------

    def _on_start(self, _: Start) -> None:
        if self._is_started:
            raise ValueError("the plan has been started before")
        self._is_started = True
        for node in self._nodes.values():
            if node.pending_hard or node.pending_weak:
                self._reports.note(node)
            else:
                self._freed.append(node)

    def _on_looked_up(self, given: LookedUp) -> None:
        node = self._nodes[given.task]
        if node.state is _State.CANCELLED or node.state is _State.SKIPPED:
            return  # It was called off during its lookup.
        self._expect(node, given, _State.LOOKUP)
        if given.is_hit:
            self._succeed(node)
        elif self._is_closed:
            self._end_unstarted(node)
        elif self._has_lazy and self._waits_for_services(node):
            self._move(node, _State.WAITING)
        elif node.mutex is None or self._mutexes.acquire(node.mutex, node.task, node.is_shared):
            self._spawn(node)
        else:
            self._mutexes.enqueue(node.mutex, node.task, node.is_shared)
            self._move(node, _State.BOUNCED)

    def _on_finished(self, given: Finished) -> None:
        node = self._nodes[given.task]
        ending = given.ending
        if node.state is _State.CANCELLED or node.state is _State.SKIPPED:
            return  # It was called off during its lookup.
        self._expect(node, given, _State.LOOKUP, _State.RUNNING, _State.STOPPING)
        if ending == "succeeded" or ending == "ready":
            self._succeed(node)
        elif ending == "cancelled":
            self._move(node, _State.CANCELLED)
            self._cancel_below(node)
        else:
            failed = ending == "failed"
            cause = SkipCause.UPSTREAM_FAILED if failed else SkipCause.UPSTREAM_ERRORED
            self._move(node, _State.FAILED if failed else _State.ERRORED)
            self._skip_below(node, cause, node.task)
            if self._fail_fast:
                self._close()

    def _on_restarted(self, given: Restarted) -> None:
        node = self._nodes[given.task]
        if node.state is _State.CANCELLED or node.state is _State.SKIPPED:
            return  # It was called off during its lookup.
        if node.state is _State.STOPPING:
            self._on_finished(Finished(given.task, "cancelled"))
            return
        self._expect(node, given, _State.LOOKUP, _State.BOUNCED, _State.RUNNING)
        if self._is_closed:
            self._end_unstarted(node)
        else:
            self._move(node, _State.READY)

    def _on_blocked(self, given: Blocked) -> None:
        node = self._nodes[given.task]
        self._expect(node, given, _State.RUNNING, _State.STOPPING)
        self._move(node, _State.SKIPPED)
        self._effects.append(Skip(node.task, given.cause, given.root))
        self._skip_below(node, given.cause, given.root)

    def _on_cancel_task(self, given: CancelTask) -> None:
        node = self._nodes[given.task]
        if node.state is _State.RUNNING:
            self._move(node, _State.STOPPING)
            self._effects.append(Cancel(node.task, "in_flight"))
        elif not node.has_ended and node.state is not _State.STOPPING:
            self._cancel(node)

    def _on_cancel_all(self, _: CancelAll) -> None:
        self._is_started = True
        self._halt = None
        for node in self._nodes.values():
            if node.state is _State.RUNNING:
                self._move(node, _State.STOPPING)
                self._effects.append(Cancel(node.task, "in_flight"))
            elif node.state is _State.LOOKUP:
                self._cancel(node)
        self._close()

    def _on_stop_admitting(self, given: StopAdmitting) -> None:
        if given.root is not None:
            self._halt = given.root, given.cause
        self._close()

    def _on_pause(self, _: Pause) -> None:
        self._is_paused = True

    def _on_resume(self, _: Resume) -> None:
        self._is_paused = False

    # -- steps -------------------------------------------------------------------------------

    def _close(self) -> None:
        """Admit nothing any more: what has not started ends, unless it waits for what runs."""
        self._is_closed = True
        for node in self._nodes.values():
            if (
                node.state is _State.READY
                or node.state is _State.BOUNCED
                or (node.state is _State.WAITING and not node.pending_hard)
            ):
                self._end_unstarted(node)

    def _settle_freed(self) -> None:
        # A list that grows while it is walked: what ends here may free more.
        for node in self._freed:
            if node.state is not _State.WAITING or node.pending_hard or node.pending_weak:
                continue
            if node.is_lazy and not node.is_woken:
                self._sleep(node)
            elif self._is_closed:
                self._end_unstarted(node)
            else:
                self._move(node, _State.READY)
        self._freed.clear()

    def _sleep(self, node: Node) -> None:
        self._move(node, _State.DORMANT)
        for below in node.hard_below:
            below.pending_hard -= 1
            self._freed.append(below)
            self._reports.note(below)

    def _waits_for_services(self, node: Node) -> bool:
        """Wake the services that ``node`` needs now that it missed; whether there are any."""
        services = [above for above in node.above if above.is_lazy and not above.has_ended]
        found = [above for above in services if node in above.hard_below]
        for service in found:
            service.wakers = [*service.wakers, node]
            node.pending_hard += 1
            if service.state is _State.DORMANT:
                service.is_woken = True
                self._move(service, _State.READY)
            node.cursor = len(node.above) - 1
        return bool(found)

    def _admit(self) -> None:
        slots, mutexes = self._slots, self._mutexes
        for key in list(self._open_mutexes) if self._open_mutexes else ():
            while (task := mutexes.next_waiter(key)) is not None:
                node = self._nodes[task]
                if not slots.has_room(node.signature):
                    break
                mutexes.grant(key)
                self._spawn(node)
            else:
                del self._open_mutexes[key]
        wave = self._wave + 1
        while (best := slots.next_ready()) is not None:
            rank, signature = best
            slots.pop_ready(signature)
            node = self._by_rank[rank]
            if node.state is not _State.READY:
                continue  # It was called off while it was ready.
            self._wave = node.wave = wave
            self._wave_left[wave] = self._wave_left.get(wave, 0) + 1
            self._move(node, _State.LOOKUP)
            self._effects.append(LookUp(node.task, wave))

    def _spawn(self, node: Node) -> None:
        self._move(node, _State.RUNNING)
        self._effects.append(Spawn(node.task))

    def _succeed(self, node: Node) -> None:
        self._move(node, _State.SUCCEEDED)
        for below in node.wakers if node.is_lazy else node.hard_below:
            below.pending_hard -= 1
            self._freed.append(below)

    def _end_unstarted(self, node: Node) -> None:
        if self._halt is None:
            self._cancel(node)
            return
        root, cause = self._halt
        self._move(node, _State.SKIPPED)
        self._effects.append(Skip(node.task, cause, root))
        self._skip_below(node, cause, root)

    def _cancel(self, node: Node) -> None:
        self._move(node, _State.CANCELLED)
        self._effects.append(Cancel(node.task, "never_started"))
        self._cancel_below(node)

    def _cancel_below(self, node: Node) -> None:
        for below in unended_below(node):
            self._move(below, _State.CANCELLED)
            self._effects.append(Cancel(below.task, "upstream", node.task))

    def _skip_below(self, node: Node, cause: SkipCause, root: TaskId) -> None:
        for below in unended_below(node):
            self._move(below, _State.SKIPPED)
            self._effects.append(Skip(below.task, cause, root))

    def _move(self, node: Node, to: TaskState) -> None:
        """The one place where a state changes, and all that hangs on it."""
        was = node.state
        node.state = to
        self.counts[was] -= 1
        self.counts[to] += 1
        holds = to in _HOLDING
        if (was in _HOLDING) is not holds:
            if holds:
                self._slots.take(node.signature)
            else:
                self._slots.give_back(node.signature)
        if node.mutex is not None:
            self._move_mutex(node, node.mutex, was, to)
        if to in TERMINAL:
            self._left -= 1
            node.has_ended = True
            if node.wave:
                self._leave_wave(node.wave)
            if was is not _State.DORMANT and not node.is_woken:
                self._free_weak(node)
            for below in node.hard_below:
                if below.above[below.cursor] is node:
                    self._reports.note(below)
        elif to is _State.READY or to is _State.WAITING:
            if to is _State.READY:
                self._slots.add_ready(node.rank, node.signature)
            self._reports.note(node)
            if node.wave:
                self._leave_wave(node.wave)
                node.wave = 0
        elif to is _State.DORMANT:
            self._free_weak(node)

    def _free_weak(self, node: Node) -> None:
        for below in node.weak_below:
            below.pending_weak -= 1
            self._freed.append(below)
            self._reports.note(below)

    def _move_mutex(self, node: Node, key: MutexKey, was: TaskState, to: TaskState) -> None:
        if was is _State.BOUNCED and to is not _State.RUNNING:
            self._mutexes.leave(key, node.task)
        elif (was is _State.RUNNING and to is not _State.STOPPING) or was is _State.STOPPING:
            self._mutexes.release(key, node.task)
        if to is _State.BOUNCED:
            self._reports.note(node)
        elif was is _State.BOUNCED or was is _State.RUNNING or was is _State.STOPPING:
            self._reports.note_mutex(key)
            if key in self._mutexes.queues:
                self._open_mutexes[key] = None

    def _leave_wave(self, wave: int) -> None:
        self._wave_left[wave] -= 1
        if not self._wave_left[wave]:
            del self._wave_left[wave]
            self._effects.append(WaveEnded(wave))

    def _expect(self, node: Node, given: Input, *states: TaskState) -> None:
        if node.state not in states:
            raise ValueError(f"{given} while the task is {node.state}")

    def _take_over(self, node: Node) -> None:
        """Put a task that runs already where it is."""
        if node.mutex is not None:
            self._mutexes.acquire(node.mutex, node.task, node.is_shared)
        self._move(node, _State.RUNNING)
