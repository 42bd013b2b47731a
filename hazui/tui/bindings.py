"""Every key in one table: id, keys, action, words and help group, by the place where it works.

Footer, help screen and palette are made from it, so a key that is not here does not exist and one
that is here is explained. The user's keymap names the ids.
"""

from dataclasses import dataclass
from typing import NamedTuple

from textual.binding import Binding, BindingType


class Key(NamedTuple):
    """One action and the keys that call it, parted by commas."""

    id: str
    keys: str
    action: str
    label: str
    """One or two words for the footer."""
    tooltip: str
    group: str
    show: bool = False
    """In the footer while its place has the focus."""
    priority: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a set of keys works."""

    name: str
    keys: tuple[Key, ...]


MOVE, ACT, ERRORS, LOOK, SESSION = "Move", "Run and stop", "Errors", "Look", "Session"
GROUPS = (MOVE, ACT, ERRORS, LOOK, SESSION)

APP = Place(
    "app",
    (
        Key("quit", "q,ctrl+q", "request_quit", "quit", "Quit; asks when something runs", SESSION),
        Key(
            "interrupt",
            "ctrl+c",
            "interrupt",
            "copy or quit",
            "Copy the selected text, else quit; twice forces",
            SESSION,
            priority=True,
        ),
        Key("help", "question_mark,f1", "help", "help", "Show every key", SESSION, show=True),
        Key(
            "palette",
            "colon,ctrl+p",
            "command_palette",
            "palette",
            "Search every command and task",
            SESSION,
        ),
        Key("theme", "T", "toggle_theme", "theme", "Change between dark and light", LOOK),
    ),
)

MAIN = Place(
    "main",
    (
        Key("rerun", "r", "rerun", "rerun", "Run the selected task again", ACT, show=True),
        Key("rerun_failed", "R", "rerun_failed", "rerun failed", "Run all failed tasks", ACT),
        Key("run_all", "a", "run_all", "run all", "Run every task", ACT),
        Key("stop", "x", "stop", "stop", "Stop the selected task", ACT, show=True),
        Key("kill", "X", "kill", "kill", "Kill the selected task at once", ACT),
        Key("pause", "p", "pause", "pause", "Pause or resume watching files", ACT),
        Key("next_error", "right_square_bracket", "next_error", "next error",
            "Select the next error and show its chain", ERRORS, show=True),
        Key("previous_error", "left_square_bracket", "previous_error", "previous error",
            "Select the previous error and show its chain", ERRORS),
        Key("root", "full_stop", "root", "root cause", "Jump to the root of the error", ERRORS),
        Key("edit", "e", "edit", "edit", "Open the editor at file and line", ERRORS),
        Key("log_lines", "l", "log_lines", "log lines",
            "Jump to the log lines that the link was read from", ERRORS),
        Key("copy_link", "y", "copy_link", "copy", "Copy the selected link", ERRORS),
        Key("copy_report", "Y", "copy_report", "copy report",
            "Copy the whole error as Markdown, with a reproducer", ERRORS),
        Key("view_tasks", "1", "view('tasks')", "tasks", "Go to the tasks", LOOK),
        Key("view_output", "2", "view('output')", "output", "Go to the output", LOOK),
        Key("view_errors", "3", "view('errors')", "errors", "Go to the errors", LOOK),
        Key("view_processes", "4", "view('processes')", "processes", "Go to the processes", LOOK),
        Key("view_turns", "5", "view('turns')", "turns", "Go to the turns", LOOK),
        Key("view_why", "6", "view('why')", "why", "Why did it run, was it cached?", LOOK),
        Key("timeline", "t", "view('timeline')", "timeline", "When each task ran", LOOK),
        Key("next_pane", "tab", "next_pane", "next pane", "Go to the next pane", MOVE),
        Key("previous_pane", "shift+tab", "previous_pane", "previous pane",
            "Go to the previous pane", MOVE),
        Key("out", "escape", "out", "out", "Go out one level", MOVE),
        Key("zoom", "z", "zoom", "zoom", "Give the focused pane the whole screen", LOOK),
        Key("layout", "o", "layout", "layout",
            "stdout and stderr stacked, side by side, or merged", LOOK),
        Key("follow", "f", "follow", "follow", "Follow the end of the output", LOOK),
        Key("wrap", "w", "wrap", "wrap", "Wrap long lines of output", LOOK),
        Key("times", "i", "times", "times", "Show when each line of output arrived", LOOK),
        Key("problems", "c", "problems", "config", "Show the problems of the configuration",
            SESSION),
        Key("search", "slash", "search", "search", "Search the output, or filter the tasks", LOOK,
            show=True),
        Key("next_match", "n", "next_match", "next match", "Go to the next match", LOOK),
        Key("previous_match", "N", "previous_match", "previous match",
            "Go to the previous match", LOOK),
    ),
)  # fmt: skip

LIST = Place(
    "list",
    (
        Key("down", "j,down", "down", "down", "Next row, or one line down", MOVE),
        Key("up", "k,up", "up", "up", "Previous row, or one line up", MOVE),
        Key("first", "g,home", "first", "first", "To the first row", MOVE),
        Key("last", "G,end", "last", "last", "To the last row", MOVE),
        Key("half_down", "ctrl+d,pagedown", "half_down", "half down", "Half a page down", MOVE),
        Key("half_up", "ctrl+u,pageup", "half_up", "half up", "Half a page up", MOVE),
        Key(
            "enter",
            "enter",
            "enter",
            "in",
            "Go in: from a task to its error or output, along a chain of causes",
            MOVE,
            show=True,
        ),
    ),
)

TASKS = Place(
    "tasks",
    (
        Key(
            "failed_first",
            "F",
            "failed_first",
            "failed first",
            "List failed tasks first, or in the stable order",
            LOOK,
        ),
    ),
)

ERROR_LIST = Place(
    "errors",
    (
        Key(
            "dismiss",
            "d,delete",
            "dismiss",
            "dismiss",
            "Hide this error until it changes",
            ERRORS,
            show=True,
        ),
        Key("undismiss", "u", "undismiss", "show all", "Show what was dismissed", ERRORS),
    ),
)

_SCROLLS = {
    "down": "scroll_down",
    "up": "scroll_up",
    "first": "scroll_home",
    "last": "scroll_end",
    "half_down": "page_down",
    "half_up": "page_up",
}
DETAIL = Place(
    "detail",
    # The same ids and keys as in a list, so that one entry of the keymap changes both.
    (
        *(key._replace(action=_SCROLLS[key.id]) for key in LIST.keys if key.id in _SCROLLS),
        Key("left", "left", "scroll_left", "left", "Show what is further left", MOVE),
        Key("right", "right", "scroll_right", "right", "Show what is further right", MOVE),
    ),
)

STOPPING = Place(
    "quit",
    (
        Key("confirm", "enter,y,q", "confirm", "stop and quit", "Stop everything and quit", SESSION,
            show=True),
        Key("cancel", "escape,n", "cancel", "go back", "Do not quit", SESSION, show=True),
        Key("force", "X", "force", "force", "Kill what still runs at once", SESSION, show=True),
    ),
)  # fmt: skip

CLOSE = Place(
    "close",
    (
        Key("close", "escape,q,question_mark", "close", "close", "Close", SESSION, show=True),
        *(key for key in DETAIL.keys),
    ),
)

HINTS: dict[str, tuple[str, ...]] = {
    "tasks": ("enter", "rerun", "stop", "next_error", "search", "rerun_failed", "pause", "zoom"),
    "output": ("search", "follow", "wrap", "layout", "next_error", "times", "zoom", "out"),
    "errors": (
        "enter",
        "out",
        "root",
        "edit",
        "log_lines",
        "next_error",
        "copy_report",
        "rerun",
        "dismiss",
    ),
    "processes": ("enter", "stop", "kill", "out"),
    "turns": ("out", "timeline"),
    "why": ("out", "rerun"),
    "timeline": ("out",),
}
"""What the footer shows while a panel is active, the most useful first; help always comes last."""

PLACES = (APP, MAIN, LIST, TASKS, ERROR_LIST, DETAIL, STOPPING, CLOSE)
_BY_NAME = {place.name: place for place in PLACES}


def bindings_for(name: str) -> list[BindingType]:
    """The Textual bindings of a place."""
    return [
        Binding(
            key.keys,
            key.action,
            key.label,
            show=key.show,
            tooltip=key.tooltip,
            id=key.id,
            priority=key.priority,
            group=Binding.Group(key.group),
        )
        for key in _BY_NAME[name].keys
    ]


def every_key() -> dict[str, Key]:
    """All keys by id."""
    return {key.id: key for place in reversed(PLACES) for key in place.keys}
