"""``hazui check``: loads and validates everything, prints all problems."""

import argparse

from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode
from hazui.cli.workspace import load, tell_rejected
from hazui.errors.record import record_of
from hazui.supervisor.workspace import RejectedWorkspace
from hazui.view import wording


def execute(options: argparse.Namespace, console: Console) -> int:
    """Exit 0 with the number of tasks, or 3 with every problem."""
    found = load(options)
    if isinstance(found, RejectedWorkspace):
        if options.json:
            problems = [record_of(problem).to_json() for problem in found.problems]
            console.out_json({"ok": False, "problems": problems})
            return ExitCode.CONFIG
        return tell_rejected(console, found)
    spec = found.spec
    if options.json:
        console.out_json(
            {
                "ok": True,
                "root": str(spec.root),
                "files": [str(file) for file in spec.config_files],
                "tasks": len(spec.tasks),
                "projects": len(spec.projects),
                "problems": [],
            }
        )
    else:
        files = ", ".join(str(file) for file in spec.config_files)
        tasks = wording.plural(len(spec.tasks), "task")
        projects = wording.plural(len(spec.projects), "project")
        console.out(f"valid: {tasks} in {projects} ({files})")
    return ExitCode.SUCCESS
