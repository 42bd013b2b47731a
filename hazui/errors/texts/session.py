"""Long texts about what surrounds the tasks: watching, state, services, plugins, control.

Two to six sentences each: what the code means, when it happens, what to try. Plain words, wrapped
by whoever shows them; `code` marks stay as they are.
"""

from hazui.errors.texts.paragraphs import read_paragraphs

TEXTS = read_paragraphs(
    """
watch.limit_reached
    The operating system limits how many directories one user may watch, and the workspace needs
    more. Until there is room, changes are found by polling, which is slower. Raise the limit as
    the hint says, or keep generated directories out with `workspace.ignore`. `hazui doctor` shows
    the limit.

watch.root_vanished
    The directory of the workspace was removed, renamed or unmounted while it was watched. Nothing
    can be run or stored until it is back.

watch.overflowed
    Changes arrived faster than the operating system could queue them, and some notifications were
    lost. No change is lost: the whole tree is read again and compared. If it happens often,
    something large is being written below the workspace; ignore that directory.

watch.polling_only
    This file system or machine gives no native notifications (network mounts and some containers
    do not), so the tree is read at intervals. It works, only later and with more CPU. A local
    file system avoids it.

state.locked
    Another program held the state database for longer than the busy timeout of five seconds. It
    may be a backup, a database browser or a second hazui in a strange state. Nothing was written;
    the commit is tried again a few times by itself.

state.no_space
    The state database could not grow: the disk is full, a quota is used up, or the file size
    limit is reached. The turn was not recorded, and its changes stay pending. Free some space and
    run again.

state.read_only
    The state database, or the `.hazui` directory, cannot be written. A read-only mount or files
    that another user has created are the usual reasons. To work without recording anything use
    --scratch.

state.newer_schema
    A newer version of hazui has written this database, in a form that this one does not know.
    Reading it half would be worse than refusing. Upgrade hazui, or move `.hazui` away and lose
    the history.

state.corrupt
    SQLite reports that the database file is damaged. Logs and the cache are separate files and
    are not affected. Move `state.db` away (with its -wal and -shm files) to start with an empty
    history, and check the disk.

state.foreign_owner
    The `.hazui` directory belongs to another user, so its content cannot be trusted and its files
    could not be shared safely. It often comes from one run with sudo. Give it back with chown, or
    remove it.

service.probe_timed_out
    The service was started and did not become ready in `ready_timeout_s`. What was tried and the
    last answer are in the message, the last lines it printed in its log. Either it failed early,
    or it listens elsewhere than the probe asks, or it needs longer.

service.restarts_exhausted
    The service kept on ending and was restarted with growing pauses until `max_restarts` was
    reached. Tasks that depend on it are skipped. Read its log: the first end is usually more
    telling than the last.

service.port_held
    The port that the service is probed at is already in use by another process, so its readiness
    would have been somebody else's answer. The holder is named where the system tells. Stop it,
    or use another port.

service.liveness_lost
    The service was ready and then failed its liveness probe several times in a row, though its
    process still exists. It is stopped and restarted by its `restart` policy. A dead lock, an
    exhausted pool or a machine under load are typical.

plugin.hook_failed
    A hook of a plugin raised an exception, which is the cause, with its own traceback. The plugin
    and the hook are named. hazui itself goes on; what the failure means for the turn is said by
    the error above. Fix the plugin or take it out of `workspace.plugins`.

plugin.hook_timed_out
    A hook of a plugin did not return in the time it is given, and is not waited for any longer.
    Hooks run between tasks and hold everything up, so long work belongs into a task.

plugin.not_loadable
    A plugin named in `workspace.plugins` could not be imported, or has nothing that hazui can
    call. The cause is the import error with file and line. For an entry point, check that its
    package is installed in the environment that hazui runs in.

control.not_running
    The command talks to a running hazui in this workspace, and there is none, or its socket does
    not answer. Start one with `hazui` or `hazui run --watch`, or change into the right workspace.

control.refused
    The running hazui understood the request and refuses it; the reason is in the message. Nothing
    was changed.

control.bad_request
    What arrived at the control socket is not a request: it is not JSON, or a member is missing or
    has the wrong type. Two different versions of hazui talking to each other are the usual
    reason.

feature.not_available
    You asked for something that is planned and not part of this version. It is refused openly
    rather than done halfway or ignored. The detail says what there is instead.

internal.unexpected
    An exception that no part of hazui expects was caught at a boundary, so that the rest could go
    on or end in order. It is a bug. Please report it with the whole chain; `hazui errors --json`
    prints it.

decode.invalid
    A value that was read as JSON is not what it should be: a member is missing or has the wrong
    type. It was written by a different version of hazui or by another program, or the file is
    damaged. The message names the member.
"""
)
