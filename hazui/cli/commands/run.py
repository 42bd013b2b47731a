"""``hazui run``: targets and their closure without the screen, once or watching.

A run of nothing but cache hits ends before an event loop, process code or a watcher is loaded.
"""

import argparse
import json
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import hazui.protocol.events as ev
from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode, exit_code_of
from hazui.cli.signals import (
    SIGNAL_CODES,
    heeded,
    note_signals,
    raise_on_signals,
    raised,
    signal_of,
)
from hazui.cli.streams import OutputLostError, find_lost
from hazui.cli.workspace import flags, load, tell_rejected
from hazui.domain.clock import SystemClock
from hazui.domain.ids import TaskId
from hazui.errors import feature
from hazui.errors.base import HazuiError
from hazui.errors.record import record_of
from hazui.protocol.commands import Quit, RunTasks
from hazui.protocol.events import Event, Stamped
from hazui.protocol.values import TriggerKind, TurnOutcome
from hazui.supervisor.hub import QueueSubscription
from hazui.supervisor.opening import close_session, open_session
from hazui.supervisor.session import Session
from hazui.supervisor.supervisor import STEP_BUDGET_NS, Supervisor
from hazui.supervisor.workspace import LoadedWorkspace, RejectedWorkspace


class FrontEnd(Protocol):
    """What the two headless front ends have in common."""

    async def follow(self, subscription: Any) -> None: ...

    def consume(self, batch: Any) -> None: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class Interrupted:
    """The first signal that asked hazui to end."""

    by: signal.Signals | None = None


def execute(options: argparse.Namespace, console: Console) -> int:
    """Run, print, and say by the exit code how it went."""
    _refuse_later(options)
    found = load(options)
    if isinstance(found, RejectedWorkspace):
        if options.json:
            problems = tuple(record_of(problem) for problem in found.problems)
            _print_alone(console, ev.ConfigRejected(problems=problems))
            return ExitCode.CONFIG
        return tell_rejected(console, found)
    request = _request(options, found)
    if options.dry_run:
        from hazui.cli.commands.dry_run import tell_plan

        return tell_plan(options, console, found, request)
    try:
        session = open_session(
            found, clock=SystemClock(), environ=dict(os.environ), overrides=flags(options)
        )
    except HazuiError as error:
        if options.json:
            _print_alone(console, ev.SessionRefused(error=record_of(error)))
            return exit_code_of(error)
        raise
    return _supervise(options, console, session, request)


def _supervise(
    options: argparse.Namespace, console: Console, session: Session, request: RunTasks
) -> int:
    supervisor = Supervisor(session, is_watching=options.watch, fail_fast=options.fail_fast)
    subscription = supervisor.subscribe()
    front = _front_end(options, console, supervisor)
    interrupted = Interrupted()
    refusal: HazuiError | None = None
    lost: OutputLostError | None = None
    is_clean = False
    try:
        trigger = TriggerKind.START if options.watch else TriggerKind.REQUEST
        try:
            note_signals()
            supervisor.begin(request, trigger)
            is_over = _advance(supervisor, interrupted)
            if interrupted.by is None and (options.watch or not is_over):
                lost = _run_loop(options, supervisor, subscription, front, interrupted)
                raise_on_signals()
        except KeyboardInterrupt as stop:
            interrupted.by = interrupted.by or signal_of(stop)
            supervisor.call_off()
        except HazuiError as error:
            refusal = error
            supervisor.tell_refusal(error)
            supervisor.call_off()
        is_clean = True
    finally:
        try:
            close_session(session, is_clean=is_clean)
        finally:
            try:
                front.consume(subscription.drain())
                front.close()
                console.flush()
            except OutputLostError as late:
                lost = lost or late
    exit_code = _exit_code(options, supervisor, interrupted, refusal)
    if lost is not None:
        unheard_code = console.give_up(lost)
        exit_code = exit_code or unheard_code
    return exit_code


def _advance(supervisor: Supervisor, interrupted: Interrupted) -> bool:
    """Work without an event loop, looking for signals between two steps; true when it is over."""
    while True:
        is_over = supervisor.advance(STEP_BUDGET_NS)
        if raised:
            interrupted.by = raised[0]
            supervisor.call_off()
            return True
        if is_over or not supervisor.has_more:
            return is_over


def _run_loop(
    options: argparse.Namespace,
    supervisor: Supervisor,
    subscription: QueueSubscription,
    front: FrontEnd,
    interrupted: Interrupted,
) -> OutputLostError | None:
    """Go on with an event loop; returns what ended it when nobody takes the output any more."""
    import anyio

    from hazui.supervisor.loop import Loop

    graph = supervisor.session.workspace.graph
    named = _named_tasks(supervisor) if options.targets else []
    stays = bool(named) and all(graph.spec(task).is_service for task in named)
    is_over: Callable[[], bool] | None = None
    if not options.watch:
        services = supervisor.session.services
        is_over = (lambda: not services.live_tasks()) if stays else (lambda: True)

    async def main() -> None:
        loop = Loop(supervisor, has_samples=options.samples, is_over=is_over)
        async with anyio.create_task_group() as group:
            group.start_soon(heed_signals, supervisor, interrupted)
            group.start_soon(front.follow, subscription)
            await loop.run()
            group.cancel_scope.cancel()

    try:
        anyio.run(main, backend_options={"debug": False})
    except BaseException as error:
        lost = find_lost(error)
        if lost is None:
            raise
        return lost
    return None


async def heed_signals(supervisor: Supervisor, interrupted: Interrupted) -> None:
    """The first signal quits, the second one forces."""
    import anyio

    def heed(number: int) -> None:
        is_second = interrupted.by is not None
        interrupted.by = interrupted.by or signal.Signals(number)
        supervisor.post(Quit(force=is_second))

    with anyio.open_signal_receiver(*heeded()) as signals:
        for earlier in raised:
            heed(earlier)
        async for number in signals:
            heed(number)


def _named_tasks(supervisor: Supervisor) -> list[TaskId]:
    """The tasks of the open turn that were asked for by name."""
    driver = supervisor.driver
    if driver is None:
        return []
    return [t for t, why in driver.reasons.items() if why.kind == "requested" and not why.needed_by]


def _front_end(options: argparse.Namespace, console: Console, supervisor: Supervisor) -> FrontEnd:
    state_dir = supervisor.session.state.state_dir
    if options.json:
        from hazui.headless.ndjson import JsonFrontEnd, JsonSettings

        return JsonFrontEnd(
            supervisor,
            state_dir=state_dir,
            stdout=console.stdout,
            settings=JsonSettings(options.output == "events", options.samples),
        )
    from hazui.headless.plain import PlainFrontEnd, PlainSettings

    environ = os.environ
    is_dumb = environ.get("TERM") == "dumb" or bool(environ.get("CI"))
    return PlainFrontEnd(
        supervisor,
        state_dir=state_dir,
        stdout=console.stdout,
        stderr=console.stderr,
        settings=PlainSettings(
            output="buffered" if options.output == "buffered" else "live",
            has_color=console.has_color(console.stderr),
            has_color_on_stdout=console.has_color(console.stdout),
            has_live_line=console.stderr.isatty() and not is_dumb and not console.is_quiet,
            is_quiet=console.is_quiet,
            is_verbose=bool(options.verbose),
            is_watching=options.watch,
        ),
    )


def _request(options: argparse.Namespace, found: LoadedWorkspace) -> RunTasks:
    graph = found.graph
    from pathlib import Path

    from hazui.config.locate import bearing_project

    bearing = bearing_project(found.spec, Path.cwd())
    targets = tuple(str(t) for text in options.targets for t in graph.resolve_target(text, bearing))
    if options.arguments and len(targets) != 1:
        from hazui.cli.arguments import UsageError

        raise UsageError("arguments after -- need exactly one target")
    if options.affected:
        targets = _affected_targets(options, found)
    return RunTasks(
        targets=targets,
        every_task=options.every_task,
        force=options.force,
        arguments=options.arguments,
        turn_id=options.turn_id,
        extension=_extension(options.ext),
    )


def _affected_targets(options: argparse.Namespace, found: LoadedWorkspace) -> tuple[str, ...]:
    from hazui.cli.arguments import UsageError
    from hazui.graph.affected import affected
    from hazui.supervisor.requests import GitUnavailableError, git_changes

    try:
        paths = git_changes(found.spec.root, options.since)
    except GitUnavailableError as error:
        raise UsageError(f"--affected: {error}") from error
    tasks = affected(found.graph, paths, matcher=found.matcher)
    return tuple(str(task) for task in tasks if found.graph.spec(task).watch)


def _extension(words: list[str]) -> dict[str, Any] | None:
    from hazui.cli.arguments import UsageError

    found: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        try:
            found[key] = json.loads(text) if equals else _no_value(word)
        except ValueError as error:
            raise UsageError(f"--ext {word}: KEY=JSON is wanted: {error}") from error
    return found or None


def _no_value(word: str) -> Any:
    raise ValueError(f"{word!r} has no =")


def _refuse_later(options: argparse.Namespace) -> None:
    if options.attach:
        raise feature.NotAvailable(
            feature="hazui run --attach",
            detail="a running hazui cannot be reached from another terminal yet",
        )


def _print_alone(console: Console, event: Event) -> None:
    stamped = Stamped(1, SystemClock().utc(), event)
    console.out(json.dumps(stamped.to_json(), separators=(",", ":")))


def _exit_code(
    options: argparse.Namespace,
    supervisor: Supervisor,
    interrupted: Interrupted,
    refusal: HazuiError | None,
) -> int:
    if interrupted.by is not None:
        return SIGNAL_CODES[interrupted.by]
    error = refusal or supervisor.runtime_error
    if error is not None:
        return exit_code_of(error)
    if supervisor.outcome in (TurnOutcome.FAILED, TurnOutcome.ERRORED):
        driver = supervisor.last_driver
        if len(options.targets) == 1 and driver is not None:
            ends = [e for e in driver.results.values() if isinstance(e, ev.TaskFinished)]
            failed = [e for e in ends if e.state == "failed"]
            if len(failed) == 1 and failed[0].timed_out:
                return ExitCode.TIMEOUT
        return ExitCode.TASK_FAILED
    if supervisor.outcome is TurnOutcome.STOPPED:
        return ExitCode.TASK_FAILED  # Not by a signal: nobody took the output any more.
    return ExitCode.SUCCESS
