"""``hazui init``: writes a commented hazui.toml from what the directory holds.

Looks at package.json, pyproject.toml, Makefile, Cargo.toml and go.mod, in that order; takes the
scripts that are there. Never overwrites.
"""

import argparse
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import tomli

from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode
from hazui.domain.ids import is_name
from hazui.errors import fs

_SERVICE_SCRIPTS = frozenset({"dev", "start", "serve", "watch", "preview"})
_NAMED_LATER = frozenset({"deploy", "publish", "release", "prepare", "postinstall", "preinstall"})


@dataclass(slots=True)
class Proposal:
    """One task to write."""

    name: str
    command: str
    inputs: list[str] = field(default_factory=list)
    deps: list[str] = field(default_factory=list)
    is_service: bool = False
    watch: bool = True


def execute(options: argparse.Namespace, console: Console) -> int:
    """Write the file and say what was found.

    Raises:
        fs.FsError: the file cannot be written.
    """
    root = Path(options.directory or ".").absolute()
    target = root / "hazui.toml"
    if target.exists():
        console.complain(f"hazui: {target} is there already; nothing was written")
        return ExitCode.USAGE
    found: list[tuple[str, list[Proposal]]] = []
    for name, read in _READERS.items():
        if (root / name).is_file():
            proposals = read(root)
            if proposals:
                found.append((name, proposals))
    text = render(root.name, found)
    try:
        with target.open("x") as file:
            file.write(text)
    except OSError as error:
        raise fs.from_os_error(target, "write", error) from error
    sources = ", ".join(name for name, _ in found) or "nothing that is known, so one example"
    console.say(f"hazui: wrote {target} from {sources}; next: hazui check, then hazui")
    return ExitCode.SUCCESS


def render(workspace: str, found: list[tuple[str, list[Proposal]]]) -> str:
    """The text of the file."""
    lines = [
        "# What hazui supervises: `hazui check` validates this file, `hazui` opens the screen.",
        "# inputs are patterns of files whose change runs the task again; deps run before it.",
        "",
    ]
    taken: set[str] = set()
    for source, proposals in found:
        lines.append(f"# from {source}")
        for proposal in proposals:
            if proposal.name in taken:
                continue
            taken.add(proposal.name)
            lines.extend(_table(proposal))
    if not taken:
        lines += [
            "[tasks.hello]",
            f"command = \"echo 'hello from {re.sub(r'[^A-Za-z0-9_-]', '-', workspace)}'\"",
            'inputs = ["*.txt"]',
            "",
        ]
    return "\n".join(lines)


def _table(proposal: Proposal) -> list[str]:
    lines = [f"[tasks.{proposal.name}]", f"command = {json.dumps(proposal.command)}"]
    if proposal.is_service:
        lines.append('kind = "service"')
    if proposal.inputs:
        lines.append(f"inputs = {json.dumps(proposal.inputs)}")
    if proposal.deps:
        lines.append(f"deps = {json.dumps(proposal.deps)}")
    if not proposal.watch:
        lines.append("watch = false  # only when asked for by name")
    return [*lines, ""]


def _package_json(root: Path) -> list[Proposal]:
    try:
        scripts = json.loads((root / "package.json").read_text())["scripts"]
    except (OSError, ValueError, LookupError, TypeError):
        return []
    if not isinstance(scripts, dict):
        return []
    sources = [f"{name}/**/*" for name in ("src", "lib", "app", "test", "tests") if _is(root, name)]
    inputs = [*sources, "package.json", *_present(root, "tsconfig.json")]
    runner = "pnpm" if (root / "pnpm-lock.yaml").exists() else "npm"
    return [
        Proposal(
            _task_name(name),
            f"{runner} run {name}",
            inputs=inputs,
            is_service=name in _SERVICE_SCRIPTS,
            watch=name not in _NAMED_LATER | _SERVICE_SCRIPTS,
        )
        for name in scripts
        if is_name(_task_name(name))
    ]


def _pyproject(root: Path) -> list[Proposal]:
    try:
        tools = tomli.loads((root / "pyproject.toml").read_text()).get("tool", {})
    except (OSError, ValueError):
        return []
    if not isinstance(tools, dict):
        tools = {}
    packages = sorted(p.parent.name for p in root.glob("*/__init__.py"))
    folders = [*packages, *(name for name in ("src", "tests", "test") if _is(root, name))]
    inputs = [f"{name}/**/*.py" for name in dict.fromkeys(folders)] or ["**/*.py"]
    inputs.append("pyproject.toml")
    proposals = []
    if "ruff" in tools:
        proposals.append(Proposal("lint", "ruff check .", inputs))
    if "mypy" in tools:
        proposals.append(Proposal("types", "mypy .", inputs))
    if "pytest" in tools or _is(root, "tests") or _is(root, "test"):
        proposals.append(Proposal("test", "python -m pytest -q", inputs))
    return proposals


def _makefile(root: Path) -> list[Proposal]:
    try:
        text = (root / "Makefile").read_text(errors="replace")
    except OSError:
        return []
    names = re.findall(r"^([A-Za-z0-9][A-Za-z0-9_-]*)\s*:(?!=)", text, re.MULTILINE)
    return [
        Proposal(name, f"make {name}", watch=name not in _NAMED_LATER | {"clean", "install"})
        for name in dict.fromkeys(names)
        if is_name(name)
    ]


def _cargo(root: Path) -> list[Proposal]:
    del root
    inputs = ["src/**/*.rs", "Cargo.toml"]
    return [Proposal("build", "cargo build", inputs), Proposal("test", "cargo test", inputs)]


def _go(root: Path) -> list[Proposal]:
    del root
    inputs = ["**/*.go", "go.mod"]
    return [Proposal("vet", "go vet ./...", inputs), Proposal("test", "go test ./...", inputs)]


def _is(root: Path, name: str) -> bool:
    return (root / name).is_dir()


def _present(root: Path, *names: str) -> list[str]:
    return [name for name in names if (root / name).is_file()]


def _task_name(script: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", script).strip("-_")


_READERS: dict[str, Callable[[Path], list[Proposal]]] = {
    "package.json": _package_json,
    "pyproject.toml": _pyproject,
    "Makefile": _makefile,
    "Cargo.toml": _cargo,
    "go.mod": _go,
}
