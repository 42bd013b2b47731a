"""``hazui cache info|verify|clean|clear``: looking into the cache, and making room."""

import argparse
from dataclasses import asdict
from pathlib import Path

from hazui.cache import upkeep
from hazui.cache.store import Cache
from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode
from hazui.cli.workspace import load, tell_rejected
from hazui.domain.ids import Digest
from hazui.state.history import read_pinned
from hazui.state.opening import DATABASE
from hazui.supervisor.workspace import LoadedWorkspace, RejectedWorkspace
from hazui.view import durations

_DAY_S = 86_400.0


def execute(options: argparse.Namespace, console: Console) -> int:
    """Do one of the four; all of them are safe while a hazui runs here."""
    found = load(options)
    if isinstance(found, RejectedWorkspace):
        return tell_rejected(console, found)
    return {"info": _info, "verify": _verify, "clean": _clean, "clear": _clear}[options.action](
        options, console, found
    )


def _cache(found: LoadedWorkspace) -> Cache:
    spec = found.spec
    state_dir = spec.state_dir
    return Cache(state_dir / "cache", state_dir / "attachments", spec.hash_name, spec.fsync)


def _info(options: argparse.Namespace, console: Console, found: LoadedWorkspace) -> int:
    held = upkeep.info(_cache(found))
    if options.json:
        console.out_json(asdict(held))
        return ExitCode.SUCCESS
    limit = durations.size(found.spec.cache.max_bytes)
    console.out(f"{held.entries:,} entries, {held.blobs:,} blobs")
    console.out(f"{durations.size(held.size_bytes)} of {limit}")
    if held.unusable_entries:
        console.out(f"{held.unusable_entries:,} entries are of no use: `hazui cache clean`")
    return ExitCode.SUCCESS


def _verify(options: argparse.Namespace, console: Console, found: LoadedWorkspace) -> int:
    report = upkeep.verify(_cache(found))
    if options.json:
        console.out_json({**asdict(report), "is_sound": report.is_sound})
    elif report.is_sound:
        size = durations.size(report.size_bytes)
        console.out(f"{report.entries:,} entries and {report.blobs:,} blobs ({size}) are sound")
    else:
        for digest in report.bad_blobs:
            console.out(f"bad blob {digest}: put aside")
        for key in report.broken_entries:
            console.out(f"broken entry {key}")
        console.say("hazui: the tasks of what is broken run fresh the next time")
    return ExitCode.SUCCESS if report.is_sound else ExitCode.TASK_FAILED


def _clean(options: argparse.Namespace, console: Console, found: LoadedWorkspace) -> int:
    limits = found.spec.cache
    report = upkeep.clean(
        _cache(found),
        max_bytes=limits.max_bytes,
        max_age_s=limits.max_age_days * _DAY_S,
        pinned=_pinned(found.spec.state_dir),
    )
    if options.json:
        console.out_json(asdict(report))
        return ExitCode.SUCCESS
    evicted = report.evicted_for_age + report.evicted_for_size
    freed, kept = durations.size(report.freed_bytes), durations.size(report.kept_bytes)
    console.out(f"evicted {evicted:,} entries, freed {freed}, kept {kept}")
    return ExitCode.SUCCESS


def _clear(options: argparse.Namespace, console: Console, found: LoadedWorkspace) -> int:
    before = upkeep.clear(_cache(found))
    if options.json:
        console.out_json(asdict(before))
    else:
        size = durations.size(before.size_bytes)
        console.out(f"removed {before.entries:,} entries, {size}; logs of past turns are kept")
    return ExitCode.SUCCESS


def _pinned(state_dir: Path) -> set[Digest]:
    return read_pinned(state_dir / DATABASE)
