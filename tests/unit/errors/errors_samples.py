"""One or more real-looking errors of every class and of every known runtime code."""

import errno
import sqlite3
from pathlib import Path

from hazui.errors import (
    build_key,
    config,
    control,
    decode,
    feature,
    fs,
    graph,
    internal,
    parse_absolute,
    path,
    plugin,
    process,
    restore,
    run_task,
    segment,
    service,
    state,
    store,
    watch,
)
from hazui.errors.base import HazuiError
from hazui.errors.runtime import DurableStoreFacet, HazuiRuntimeError, RuntimeErrorCode
from hazui.errors.stream import CapturedStream

ROOT = Path("/home/ada/shop")
FILE = ROOT / "hazui.toml"
DB = ROOT / ".hazui/state.db"
DIGEST = "af1349b9f5f9a1a6"


def os_error(number: int, name: str = "out.js") -> OSError:
    return OSError(number, "as the system says it", name)


def forbidden() -> parse_absolute.Invalid:
    why = segment.ContainsForbidden(character="\u200b", category="Cf")
    part = path.InvalidSegment(segment="a\u200b", position=1, source=why)
    return parse_absolute.Invalid(path="/dist/a\u200b", source=part)


def missing() -> fs.FsError:
    return fs.from_os_error(ROOT / "dist/out.js", "read", os_error(errno.ENOENT))


def broken() -> fs.FsError:
    return fs.from_os_error(ROOT / "dist/out.js", "rename", os_error(errno.EIO))


def refused() -> fs.FsError:
    return fs.from_os_error(ROOT / "dist", "walk", os_error(errno.EACCES))


def full() -> fs.FsError:
    return fs.from_os_error(ROOT / ".hazui/cache", "write", os_error(errno.ENOSPC))


def _task_samples() -> list[HazuiError]:
    unreadable = build_key.InputContentReadFailed(path=ROOT / "src/a.ts", source=refused())
    not_found = FileNotFoundError(errno.ENOENT, "No such file or directory", "nodee")
    not_started = process.SpawnFailed(program="nodee", source=not_found)
    lost = process.WaitFailed(pid=4242, source=ChildProcessError(errno.ECHILD, "No child"))
    out = ROOT / "dist/out.js"
    return [
        run_task.BuildKeyFailed(source=unreadable),
        run_task.RestoreFailed(source=restore.TargetBlocked(path=out, source=refused())),
        run_task.SpawnFailed(source=not_started),
        run_task.WaitFailed(source=lost),
        run_task.CapturedStreamReadFailed(
            stream=CapturedStream.STDERR, source=OSError(errno.EIO, "Input/output error")
        ),
        run_task.OutputPatternResolutionFailed(root=ROOT, source=refused()),
        run_task.OutputModeReadFailed(path=out, source=missing()),
        run_task.OutputNotARegularFile(path=ROOT / "dist"),
        run_task.OutputDeclaredButNotProduced(path=out),
        run_task.StoreFailed(source=store.Io(phase="blobs", source=full())),
        run_task.MaterialisedOutputPathInvalid(
            path="dist/a", source=parse_absolute.NotAbsolute(path="dist/a")
        ),
        run_task.MaterialisedOutputPathInvalid(path="/dist/a\u200b", source=forbidden()),
        build_key.TaskNotInWorkspace(task="shop:build"),
        build_key.PredecessorStreamsMissing(predecessor="shop:gen"),
        build_key.InputPatternResolutionFailed(root=ROOT, source=missing()),
        unreadable,
        build_key.InputNotARegularFile(path=ROOT / "src"),
        process.NonAbsoluteCwd(cwd=Path("src")),
        not_started,
        process.SpawnFailed(program="/x/tool", source=PermissionError(errno.EACCES, "no")),
        process.SpawnFailed(program="/x/tool", source=OSError(errno.ENOEXEC, "no")),
        process.SpawnFailed(program="/x/tool", source=OSError(errno.EMFILE, "no")),
        process.SignalFailed(signal="SIGTERM", pid=7, source=PermissionError(errno.EPERM, "no")),
        lost,
        process.Survivors(pids=(17, 18)),
        store.Io(phase="entry", source=full()),
        store.InvalidOutputPath(path=ROOT / "dist/a", source=forbidden()),
        store.OutputChangedWhileStoring(path=out),
        restore.BlobMissing(path=out, digest=DIGEST),
        restore.BlobCorrupt(path=out, expected=DIGEST, actual="00"),
        restore.TargetBlocked(path=out, source=refused()),
        restore.Io(phase="rename", source=broken()),
    ]


def _file_samples() -> list[HazuiError]:
    return [
        missing(),
        refused(),
        full(),
        broken(),
        fs.NotFound(path=Path("/home/ada/caf\udce9")),
        forbidden(),
        parse_absolute.NotAbsolute(path="dist/a"),
        path.Empty(),
        path.EmptySegment(),
        path.OnlySlash(),
        path.TrailingSlash(),
        path.InvalidSegment(segment="..", position=0, source=segment.DotDot()),
        segment.Empty(),
        segment.Dot(),
        segment.DotDot(),
        segment.ContainsSeparator(),
        segment.ContainsForbidden(character="\n", category="Cc"),
    ]


def _config_samples() -> list[HazuiError]:
    key = "tasks.build.deps"
    cycle = graph.Cycle(path=("shop:a", "shop:b", "shop:a"))
    return [
        config.SyntaxInvalid(
            file=FILE, line=3, column=9, detail="invalid value", excerpt="command = nope"
        ),
        config.FileUnreadable(file=FILE, source=PermissionError(errno.EACCES, "no")),
        config.ConfigNotFound(file=FILE, start=ROOT),
        config.UnknownKey(
            file=FILE,
            line=4,
            column=1,
            key="tasks.build.retires",
            excerpt="retires = 2",
            suggestion="retries",
        ),
        config.UnknownKey(file=FILE, line=4, column=1, key="tasks.build.zzz"),
        config.UnknownTable(file=FILE, line=1, column=2, key="task", suggestion="tasks"),
        config.WrongType(file=FILE, key="workspace.jobs", expected="a number", found="a list"),
        config.OutOfRange(file=FILE, key="workspace.jobs", value="0", allowed="at least 1"),
        config.InvalidChoice(
            file=FILE,
            key="workspace.hash",
            value="sha25",
            choices=("blake3", "sha256"),
            suggestion="sha256",
        ),
        config.InvalidName(file=FILE, key="tasks", value="-x", reason='it begins with "-"'),
        config.ReservedName(file=FILE, key="tasks.build.env", value="HAZUI_RUN"),
        config.InvalidPattern(
            file=FILE, key="tasks.build.inputs", value="src/[a", reason='"[" is not closed'
        ),
        config.InvalidPattern(
            file=FILE, key="tasks.build.inputs", value="a//b", source=path.EmptySegment()
        ),
        config.InvalidPath(
            file=FILE, key="tasks.build.cwd", value="../x", source=forbidden().source
        ),
        config.InvalidDuration(file=FILE, key="workspace.grace_period_s", value="-1"),
        config.InvalidSize(file=FILE, key="workspace.cache.max_bytes", value="ten"),
        config.InvalidSignal(
            file=FILE, key="tasks.web.stop_signal", value="SIGTREM", suggestion="SIGTERM"
        ),
        config.InvalidRegex(
            file=FILE, key="tasks.web.ready.log", value="(", detail="missing ), at position 0"
        ),
        config.InvalidText(
            file=FILE, line=7, column=11, key="tasks.build.command", value="", reason="it is empty"
        ),
        config.ServiceKeyOnTask(file=FILE, line=7, column=1, key="tasks.build.ready"),
        config.InvalidReference(file=FILE, key=key, value="a:b:c"),
        config.InvalidReference(file=FILE, key=key, value="api/b", suggestion="api:b"),
        config.MissingKey(file=FILE, line=7, column=1, key="tasks.build.command"),
        config.DuplicateProject(file=FILE, key="projects.api", paths=(ROOT / "a", ROOT / "b")),
        config.ProjectMissing(file=FILE, key="projects.api", path=ROOT / "api"),
        config.EnvFileInvalid(
            file=FILE, key="workspace.env_file", path=ROOT / ".env", detail="line 3 has no ="
        ),
        config.MemoryStoreInDurable(
            file=FILE, key="workspace.stores.session_store", facet="session_store"
        ),
        config.LeaseTooShort(file=FILE, key="workspace.lease.ttl_s", ttl_s=20.5, renew_s=10),
        config.GraphInvalid(
            file=FILE, line=9, column=9, key=key, excerpt='deps = ["b"]', source=cycle
        ),
        config.InvalidOverride(
            file=FILE, key="workspace.jobs", variable="HAZUI_JOBS", value="x", reason="no number"
        ),
        graph.UnresolvedReference(task="shop:a", reference="biuld", suggestion="build"),
        graph.SelfReference(task="shop:a", reference="^:a"),
        graph.DependencyOverlap(task="shop:a", overlap=("shop:b",)),
        cycle,
        graph.LiteralOutputCollision(path="dist/out.js", tasks=("shop:a", "shop:b")),
        graph.RuntimeCycle(path=("shop:a", "shop:b", "shop:a"), edge=("shop:b", "shop:a")),
        graph.OutputOverlap(path="dist/out.js", first="shop:a", second="shop:b"),
        graph.UnknownTarget(target="tset", suggestion="test"),
    ]


def _session_samples() -> list[HazuiError]:
    locked = sqlite3.OperationalError("database is locked")
    return [
        watch.LimitReached(limit=8192, how_to_raise="sysctl fs.inotify.max_user_watches=524288"),
        watch.RootVanished(path=ROOT),
        watch.Overflowed(count=2),
        watch.PollingOnly(reason="a network mount"),
        state.Locked(path=DB, source=locked),
        state.NoSpace(path=DB, source=sqlite3.OperationalError("database or disk is full")),
        state.ReadOnly(path=DB, source=PermissionError(errno.EACCES, "no")),
        state.NewerSchema(path=DB, found=9, known=3),
        state.Corrupt(path=DB, detail="row 3 missing from index", source=locked),
        state.ForeignOwner(path=DB.parent, owner_uid=0),
        service.ProbeTimedOut(probe="tcp 8080", last_answer="connection refused"),
        service.ProbeTimedOut(probe="log READY"),
        service.RestartsExhausted(count=10),
        service.PortHeld(port=8080, pid=77, command="python -m http.server"),
        service.PortHeld(port=8080, pid=None, command=None),
        service.LivenessLost(probe="http /health", failures=3, last_answer="status 500"),
        plugin.HookFailed(plugin="acme", hook="before_turn", source=KeyError("price")),
        plugin.HookTimedOut(plugin="acme", hook="checkpoint", timeout_s=2.5),
        plugin.NotLoadable(plugin="acme", detail="it has no hooks"),
        plugin.NotLoadable(plugin="acme", source=ImportError("no module named acme")),
        control.NotRunning(root=ROOT, source=ConnectionRefusedError(errno.ECONNREFUSED, "no")),
        control.Refused(reason="it is shutting down"),
        control.BadRequest(detail="targets must be a list"),
        feature.NotAvailable(feature="Remote execution", detail="only local runs are there"),
        internal.Unexpected(where="scheduler", source=ZeroDivisionError("division by zero")),
        decode.Invalid(what="error record", field="source.code", detail="is missing"),
        decode.Invalid(what="event", field="", detail="is not JSON"),
    ]


def _runtime_samples() -> list[HazuiError]:
    special: list[HazuiError] = [
        HazuiRuntimeError.durable_store_required(facet) for facet in DurableStoreFacet
    ]
    special.append(HazuiRuntimeError.missing_process_execution_id())
    done = {error.code for error in special}
    plain: list[HazuiError] = [
        HazuiRuntimeError(
            code,
            f"a message\nof {code}",
            data={"kind": "io", "ids": [1, None, {"a": 0.5}]},
            source=state.Locked(path=DB),
        )
        for code in RuntimeErrorCode.known()
        if code not in done
    ]
    return special + plain


def samples() -> list[HazuiError]:
    """Fresh errors of every class, some of them twice, and of every known runtime code."""
    return [
        *_task_samples(),
        *_file_samples(),
        *_config_samples(),
        *_session_samples(),
        *_runtime_samples(),
    ]


def nested(depth: int) -> HazuiError:
    """A chain of ``depth`` typed errors above a foreign one."""
    error: BaseException = ValueError("the root")
    for number in range(depth):
        error = internal.Unexpected(where=f"level {number}", source=error)
    assert isinstance(error, HazuiError)
    return error
