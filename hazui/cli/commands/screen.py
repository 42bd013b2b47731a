"""``hazui [TARGET...]``: opens the screen, runs at once what is needed, and watches.

The supervisor encloses the screen: both live in one task group, and when the screen is left the
supervisor stops everything and proves it before the command returns.
"""

import argparse
import contextlib
import os
import sys
from pathlib import Path

from hazui.cli.commands import run
from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode, exit_code_of
from hazui.cli.signals import SIGNAL_CODES
from hazui.cli.workspace import flags, load, tell_rejected
from hazui.config.locate import bearing_project
from hazui.domain.clock import SystemClock
from hazui.errors.base import HazuiError
from hazui.protocol.commands import Quit, RunTasks
from hazui.protocol.values import TriggerKind
from hazui.supervisor.opening import close_session, open_session
from hazui.supervisor.session import Session
from hazui.supervisor.supervisor import Supervisor
from hazui.supervisor.workspace import LoadedWorkspace, RejectedWorkspace


def execute(options: argparse.Namespace, console: Console) -> int:
    """Open the screen; not on a terminal it is ``hazui run``, and says so."""
    reason = why_no_screen()
    if reason is not None:
        console.say(f"hazui: {reason}: running once, as `hazui run` does")
        return run.execute(_as_run(options), console)
    found = load(options)
    if isinstance(found, RejectedWorkspace):
        is_missing = any(p.code == "config.config_not_found" for p in found.problems)
        if not is_missing:
            return tell_rejected(console, found)
        offered = offer_start(console)
        if offered is None:
            return tell_rejected(console, found)
        return offered
    bearing = bearing_project(found.spec, Path.cwd())
    targets = tuple(
        str(task) for text in options.targets for task in found.graph.resolve_target(text, bearing)
    )
    session = open_session(
        found, clock=SystemClock(), environ=dict(os.environ), overrides=flags(options)
    )
    return show(session, found, RunTasks(targets=targets), has_color=not options.no_color)


def show(session: Session, found: LoadedWorkspace, request: RunTasks, *, has_color: bool) -> int:
    """Run supervisor and screen together until the user quits.

    Raises:
        internal.Unexpected: the screen broke; everything is stopped and the terminal restored.
    """
    import anyio

    supervisor = Supervisor(session, is_watching=True)
    interrupted = run.Interrupted()
    if not has_color:
        os.environ["NO_COLOR"] = "1"
    broken = anyio.run(_together, supervisor, found, request, interrupted)
    if broken is not None:
        _keep_report(broken, found.spec.state_dir)
        raise broken
    if interrupted.by is not None:
        return SIGNAL_CODES[interrupted.by]
    error = supervisor.runtime_error
    if error is not None and not supervisor.was_asked_to_quit:
        return exit_code_of(error)
    return ExitCode.SUCCESS


async def _together(
    supervisor: Supervisor,
    found: LoadedWorkspace,
    request: RunTasks,
    interrupted: run.Interrupted,
) -> HazuiError | None:
    """The supervisor encloses the screen: leaving the screen stops it, and its end is awaited.

    Returns why the screen broke, or None when it was left in the ordinary way.
    """
    import anyio

    from hazui.supervisor.loop import Loop
    from hazui.tui.start import run_screen

    session = supervisor.session
    loop = Loop(supervisor, has_samples=True)

    async def supervise() -> None:
        is_clean = False
        try:
            await loop.run()
            is_clean = True
        finally:
            close_session(session, is_clean=is_clean)

    broken: HazuiError | None = None
    user = found.spec.user
    async with anyio.create_task_group() as group:
        group.start_soon(run.heed_signals, supervisor, interrupted)
        supervisor.post_begin(request, TriggerKind.START)
        group.start_soon(supervise)
        try:
            await run_screen(
                supervisor,
                root=found.spec.root,
                state_dir=session.state.state_dir,
                theme=user.theme,
                keymap=user.keymap,
                editor=user.editor,
                bell=user.bell,
            )
        except HazuiError as error:
            broken = error
        finally:
            with anyio.CancelScope(shield=True):
                supervisor.post(Quit())
                await loop.ended.wait()
            group.cancel_scope.cancel()
    return broken


def _keep_report(broken: HazuiError, state_dir: Path) -> None:
    """Write the whole of what broke the screen where the user can find it, and say where."""
    import traceback

    at = SystemClock().utc().replace(":", "")
    report = state_dir / f"crash-{at}.txt"
    try:
        report.write_text("".join(traceback.format_exception(broken)))
    except OSError:
        return
    broken.add_note(f"The whole report is in {report}.")


def why_no_screen() -> str | None:
    """Why the screen cannot be shown here; None when it can."""
    # The screen is drawn on stderr; a redirected one would leave the user before a blank terminal.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        return "this is not a terminal"
    if os.environ.get("CI"):
        return "CI is set"
    if os.environ.get("TERM", "dumb") == "dumb":
        return "TERM is dumb"
    return None


def offer_start(console: Console) -> int | None:
    """Ask whether to write a configuration or look at the demo; None when neither is wanted."""
    from hazui.cli.arguments import parse
    from hazui.cli.commands import demo, init

    console.complain("hazui: there is no hazui.toml here or above.")
    console.complain("  i  write one from what is here (hazui init)")
    console.complain("  d  look at a demo workspace in ./hazui-demo (hazui demo)")
    console.complain("  Enter  neither")
    with contextlib.suppress(EOFError):
        answer = input("i, d or Enter? ").strip().lower()
        if answer == "i":
            return init.execute(parse(["init"]), console)
        if answer == "d":
            return demo.execute(parse(["demo"]), console)
    return None


def _as_run(options: argparse.Namespace) -> argparse.Namespace:
    from hazui.cli.arguments import parse

    defaults = parse(["run"])
    return argparse.Namespace(**{**vars(defaults), **vars(options), "command": "run"})
