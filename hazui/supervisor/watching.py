"""A watcher for a session: which files beyond the tree it must look at."""

from hazui.domain.paths import CanonicalPath
from hazui.domain.patterns import literals
from hazui.supervisor.session import Session
from hazui.watch.watcher import Watcher


def make_watcher(session: Session) -> Watcher:
    """Watches inputs, literal inputs that are ignored, and all configuration and env files."""
    spec = session.workspace.spec
    wanted = {
        CanonicalPath(pattern.path)
        for task in spec.tasks.values()
        for pattern in literals(task.inputs)
    }
    outside = []
    for file in (*spec.config_files, *spec.env_files):
        try:
            wanted.add(CanonicalPath(file.relative_to(spec.root).as_posix()))
        except ValueError:
            outside.append(file)
    return Watcher(
        session.resolver,
        session.index,
        literals=sorted(wanted),
        outside=outside,
        settle_ms=spec.settle_ms,
        clock=session.clock,
    )
