"""Long texts about carrying out one task: the executor, the key, processes, the cache.

Two to six sentences each: what the code means, when it happens, what to try. Plain words, wrapped
by whoever shows them; `code` marks stay as they are.
"""

from hazui.errors.texts.paragraphs import read_paragraphs

TEXTS = read_paragraphs(
    """
run_task.build_key_failed
    Before a task is looked up in the cache, its inputs, dependencies, environment and command are
    hashed into a key. That could not be done, so nothing was looked up, run or restored. The
    cause says which step failed: usually an input that is missing or cannot be read. Correct
    `inputs`, or make the file readable, and run the task again.

run_task.restore_failed
    The result of this task was found in the cache, and its outputs could not be put back into the
    workspace. The workspace is as it was before: renames that fail midway are undone. A missing
    or damaged blob is not this error but an ordinary miss; this one is about the workspace
    itself, such as something that stands in the way of an output, or a full disk. Remove the
    obstacle and run again, or run with --force to produce the outputs anew.

run_task.spawn_failed
    The operating system refused to start the command, so it never ran: that is different from a
    command that ran and failed. The cause names the program and the reason, for example that it
    is not found on the child's PATH, that it is not executable, or that no more processes are
    allowed. A child sees only a few variables of your shell; what it needs goes into `env` or
    `pass_env`.

run_task.wait_failed
    The command was started, and how it ended cannot be learnt, because its status was taken by
    somebody else or the process was lost. An unknown status never counts as success, so nothing
    was stored. It is rare on a healthy machine; a debugger, a tracer or a library that reaps
    foreign children is the usual reason. Run the task again.

run_task.captured_stream_read_failed
    Reading the named stream of the command failed before its end. The command's processes were
    stopped, and what was read so far is kept in the log; the other stream may be complete. A
    stream that a left-over process merely holds open is not this error. The cause holds the
    operating system's reason; a failing disk or an exhausted limit of open files are typical.

run_task.output_pattern_resolution_failed
    After a successful run the workspace is walked to find what the output patterns name, and that
    walk failed. It says nothing about whether the task honoured its outputs. Typical causes are a
    directory that may not be read, or an output that leaves the workspace through a link; the
    note on the cause then names where the link leads.

run_task.output_mode_read_failed
    The permission bits of an output file could not be read after the run. They are part of what
    is stored, so that a restored file has the same mode. Most often the file was removed or
    replaced between the end of the command and this step: look for a process that still works on
    it.

run_task.output_not_a_regular_file
    A path that `outputs` names is a directory, a socket, a FIFO, a device, a dangling link or a
    link to a directory. The cache holds regular files only (CACHE-013); a link to a file counts
    as that file. To declare everything in a directory write `dir/**`, and leave out what is not a
    file.

run_task.output_declared_but_not_produced
    The command succeeded, and a file that `outputs` names literally does not exist. Declared
    outputs are a promise of the task, so this is a mistake in the task or its configuration and
    not an accident of the file system. Correct the path, or use a pattern: a pattern may match
    nothing.

run_task.store_failed
    The command succeeded, and its result could not be written into the cache (CACHE-017). The
    outputs in the workspace are as the command left them; no half entry was written, so the next
    run simply misses. The cause says what failed, most often a full disk or a file that changed
    while it was read.

run_task.materialised_output_path_invalid
    A path that hazui built from an output that it found does not parse as a path in the
    workspace. In the original contract this can only be a broken promise inside the program, and
    then it is a bug to be reported. Here it has a second, wider meaning: a file on disk has a
    name that no canonical path can hold, such as one with a control character. Then the kind is
    `user`: rename the file, or leave it out of `outputs`.

build_key.task_not_in_workspace
    A key was asked for a task that the loaded configuration does not hold. It can happen for a
    moment around a reload that removes a task. If it comes back, it is a bug in hazui: please
    report it.

build_key.predecessor_streams_missing
    A dependency is declared with `streams = true`, so what it printed is part of this task's key,
    and no recorded streams of it were found. They are recorded whenever it runs. Run that
    dependency again with --force; if it comes back, please report it.

build_key.input_pattern_resolution_failed
    Finding the files that `inputs` name failed. Either a literal input does not exist (a pattern
    may match nothing, a literal may not), or a directory could not be walked, or an input leads
    out of the workspace through a link; the cause says which. Correct the path, or let a
    dependency produce the file before this task.

build_key.input_content_read_failed
    A file that is an input was found and could not be read to its end. Permissions are the usual
    reason, then a file that vanished in between, then a failing disk. Its content is part of the
    key, so the task was not run.

build_key.input_not_a_regular_file
    A literal input is a directory, a socket, a FIFO or a device. Only the content of regular
    files can be hashed. To depend on everything in a directory write `dir/**`.

process.non_absolute_cwd
    A process was to be started in a working directory that is not absolute. It would depend on
    where hazui itself was started, so it is refused before anything runs. The configuration
    cannot cause this: it is a bug in hazui or in a plugin.

process.spawn_failed
    The operating system did not start the program. Not found: argv[0] is looked up with the
    child's own PATH and from its working directory, which may differ from your shell's.
    Permission denied: the file, or the interpreter in its first line, may not be executed. Too
    many processes, no memory or too many open files: lower `workspace.jobs` or raise the limits
    with ulimit.

process.signal_failed
    A signal could not be delivered to a process that belongs to a task. Before every signal the
    identity of the process is checked, so a reused number is never hit. A refusal usually means
    that the process changed its user, as setuid programs do; stop it by hand.

process.wait_failed
    The exit status of a child could not be collected. Another part of the process, or a tracer,
    has taken it, and a status that is unknown is never treated as success. Run the task again; if
    it comes back, look for plugins that start and wait for processes of their own.

process.survivors
    Processes that belong to a task were still there after the last signal. A process in
    uninterruptible sleep, for example on a dead network mount, cannot be killed until it wakes;
    one of another user cannot be signalled at all. They are named so that you can deal with them;
    hazui looks for them again at its next start.

store.io
    Reading an output or writing into the cache failed in the named step. The entry is written
    last, so a failure leaves at most unused blobs, which are cleaned up later. The cause names
    the file and the reason; see whether the disk of `.hazui/cache` is full or read-only.

store.invalid_output_path
    The path of an output cannot be written into a cache entry, because it is not a canonical path
    in the workspace. It has passed such a check before, so this is a bug in hazui unless the
    cause says that the name holds a forbidden character.

store.output_changed_while_storing
    While the bytes of an output were read into the cache, the file changed. Storing it would keep
    something that the task never produced as a whole, so nothing was stored. Something still
    writes to the file: a process that the task left behind (see `leftovers`), another task, or an
    editor.

restore.blob_missing
    A cache entry refers to content that is not in the cache. During a run this is not an error
    you see: the entry is put aside and the task runs fresh. It appears in the cache lookup as the
    reason for the miss. `hazui cache verify` finds all such entries.

restore.blob_corrupt
    The content of a cached file does not have the digest that it is filed under: it was damaged
    after it was written, for example by a power cut or a failing disk. It never reaches the
    workspace; the entry is put aside and the task runs fresh. If it happens again, check the disk
    and run `hazui cache verify`.

restore.target_blocked
    Where an output belongs there is something that hazui did not put there and will not remove,
    such as a directory in place of a file, or a file in place of one of its parent directories.
    Data of yours that is in the way is never deleted. Move it, then run again.

restore.io
    Staging the cached files or renaming them into place failed in the named step, and what had
    been renamed was put back. The cause names the file and the reason, such as a full disk or a
    directory that may not be written.
"""
)
