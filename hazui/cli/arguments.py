"""The command line: one parser per subcommand, global options on either side of it.

A first word that is a subcommand is the subcommand; otherwise every word is a target for the
screen. Only the parser that is needed is built, which keeps start-up short.
"""

import argparse
from collections.abc import Callable, Sequence
from typing import NoReturn

_VALUE_OPTIONS = ("-C", "--directory", "--config")

SUMMARY = {
    "run": "run targets and what they need, without the screen",
    "check": "load and validate everything, print all problems",
    "graph": "print the graph of tasks",
    "explain": "what an error code means and what to try",
    "diagnose": "find the error chain in captured output",
    "init": "write a commented hazui.toml from what is found here",
    "demo": "a small workspace that shows every state, opened on the screen",
    "schema": "print the JSON Schema of hazui.toml",
    "doctor": "check this machine: watch limits, terminal, git, editor, clipboard",
    "completions": "print the completion script for bash, zsh or fish",
    "why": "why a task ran or would run, and why its cache missed",
    "history": "past turns, newest first",
    "errors": "what failed in a turn, root causes first",
    "log": "the captured output of a task",
    "cache": "info, verify, clean or clear the cache",
    "ps": "live processes of the running owner",
    "stop": "stop a task of the running owner",
    "restart": "restart a task of the running owner",
    "attach": "watch the running owner from another terminal",
}

USAGE = """\
usage: hazui [TARGET...]              open the screen, run what is needed, watch
       hazui COMMAND [ARGUMENTS]      see hazui COMMAND --help
"""


class UsageError(Exception):
    """The words on the command line are off; ``message`` says how."""


class Parser(argparse.ArgumentParser):
    """An argument parser that raises instead of exiting, so that one place owns stderr."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n{self.format_usage().rstrip()}")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; ``namespace.command`` is the subcommand, "" for the screen.

    Raises:
        UsageError: unknown option, subcommand argument or value.
    """
    words, rest = _split_rest(argv)
    position = _first_word(words)
    command = ""
    if position is not None and words[position] in SUMMARY:
        command = words[position]
        words = [*words[:position], *words[position + 1 :]]
    parser = build(command)
    namespace = parser.parse_args(words)
    namespace.command = command
    namespace.arguments = rest
    if rest and command != "run":
        raise UsageError("arguments after -- are for `hazui run TARGET -- ARGS`")
    return namespace


def build(command: str) -> argparse.ArgumentParser:
    """The parser of one subcommand, or of the screen for ""."""
    if not command:
        listing = "\n".join(f"  {name:12} {text}" for name, text in SUMMARY.items())
        parser = Parser(
            prog="hazui",
            usage=USAGE.removeprefix("usage: ").rstrip(),
            description="A terminal supervisor for local runs.",
            epilog=f"commands:\n{listing}\n\n"
            "exit codes: 0 success, 1 a task failed or errored, 2 usage, 3 configuration,\n"
            "4 session, 70 internal, 124 timeout of a single task, 130/143/129 signals",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument("targets", nargs="*", metavar="TARGET", help="tasks to run and watch")
        parser.add_argument("--version", action="store_true", help="print the version and exit")
        parser.add_argument(
            "--durable", action="store_true", help="insist on a session that survives a crash"
        )
        parser.add_argument("-j", "--jobs", metavar="N", help="at most N tasks at once")
        _add_common(parser)
        return parser
    parser = Parser(prog=f"hazui {command}", description=SUMMARY[command].capitalize() + ".")
    _ARGUMENTS.get(command, _no_arguments)(parser)
    _add_common(parser)
    return parser


def suggestion(word: str, known: Sequence[str]) -> str | None:
    """The known word that is nearest to a mistyped one, or None."""
    import difflib

    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return close[0] if close else None


def _split_rest(argv: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    if "--" not in argv:
        return list(argv), ()
    position = list(argv).index("--")
    return list(argv[:position]), tuple(argv[position + 1 :])


def _first_word(words: Sequence[str]) -> int | None:
    skip = False
    for position, word in enumerate(words):
        if skip:
            skip = False
        elif word in _VALUE_OPTIONS or word in ("-j", "--jobs"):
            skip = True
        elif not word.startswith("-"):
            return position
    return None


def _add_common(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("common options")
    group.add_argument(
        "-C", "--directory", metavar="DIR", help="the workspace root, instead of looking upwards"
    )
    group.add_argument("--config", metavar="FILE", help="the configuration file to use")
    group.add_argument(
        "--scratch", action="store_true", help="keep nothing: session and cache in memory"
    )
    group.add_argument("--no-color", action="store_true", help="no colours")
    group.add_argument("-q", "--quiet", action="store_true", help="say only what is needed")
    group.add_argument("-v", "--verbose", action="count", default=0, help="say more")


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def _json_flag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="machine-readable output on stdout")


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("targets", nargs="*", metavar="TARGET", help="task, project:task, ^:task or [tag]:task")
    add("--all", action="store_true", dest="every_task", help="every task of the workspace")
    add("--watch", action="store_true", help="stay and run again what changes affect")
    add("--affected", action="store_true", help="only what files changed in git affect")
    add("--since", metavar="REV", help="with --affected: changes since this revision")
    add("-j", "--jobs", metavar="N", help="at most N tasks at once")
    add("-f", "--force", action="store_true", help="run the targets even on a cache hit")
    add("-n", "--dry-run", action="store_true", help="print what would run and why")
    add("--fail-fast", action="store_true", help="start nothing more after the first failure")
    add(
        "--output",
        choices=("live", "buffered", "events"),
        default="live",
        help="lines as they come, whole streams at the end, or output events with --json",
    )
    add("--samples", action="store_true", help="CPU and memory of processes in the events")
    add("--durable", action="store_true", help="insist on a session that survives a crash")
    add("--turn-id", metavar="ID", help="the turn this request is meant for")
    add("--ext", action="append", metavar="KEY=JSON", default=[], help="extension of the request")
    add("--attach", action="store_true", help="hand the request to the running owner")
    _json_flag(parser)


def _graph_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format", choices=("text", "dot", "mermaid", "json", "names"), default="text", help="how"
    )
    _json_flag(parser)


def _explain_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", nargs="?", metavar="CODE", help="an error code; none lists all")
    _json_flag(parser)


def _diagnose_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stdout", metavar="FILE", help="the captured standard output")
    parser.add_argument("--stderr", metavar="FILE", help="the captured standard error")
    parser.add_argument("--exit-code", type=int, default=1, metavar="N", help="128+n for signal n")
    parser.add_argument("--argv", default="", metavar="TEXT", help="the command, if known")
    _json_flag(parser)


def _demo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("where", nargs="?", metavar="DIR", help="where (default: hazui-demo)")
    parser.add_argument("--write-only", action="store_true", help="write it and do not open it")


def _completions_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")


def _cache_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=("info", "verify", "clean", "clear"),
        help="count, re-hash everything, evict by size and age, or remove everything",
    )
    _json_flag(parser)


def _task_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("task", metavar="TASK", help="one task")
    parser.add_argument("--turn", metavar="N", help="in that turn, instead of the last one")
    _json_flag(parser)


def _log_arguments(parser: argparse.ArgumentParser) -> None:
    _task_arguments(parser)
    parser.add_argument(
        "--stream", choices=("stdout", "stderr"), help="only that one, byte for byte"
    )


def _errors_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("turn", nargs="?", metavar="TURN", help="default: the last one")
    _json_flag(parser)


def _later_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)

    _json_flag(parser)


_ARGUMENTS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "run": _run_arguments,
    "check": _json_flag,
    "graph": _graph_arguments,
    "explain": _explain_arguments,
    "diagnose": _diagnose_arguments,
    "doctor": _json_flag,
    "demo": _demo_arguments,
    "cache": _cache_arguments,
    "history": _json_flag,
    "errors": _errors_arguments,
    "log": _log_arguments,
    "why": _task_arguments,
    "completions": _completions_arguments,
    **dict.fromkeys(
        ("ps", "stop", "restart", "attach"),
        _later_arguments,
    ),
}
