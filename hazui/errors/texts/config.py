"""Long texts about the configuration.

Two to six sentences each: what the code means, when it happens, what to try. Plain words, wrapped
by whoever shows them; `code` marks stay as they are.
"""

from hazui.errors.texts.paragraphs import read_paragraphs

TEXTS = read_paragraphs(
    """
config.syntax_invalid
    The file is not TOML, so none of it was used. The position is where reading stopped, which may
    be a little after the mistake: an unclosed quote or bracket is noticed late. When this happens
    on a reload, the configuration that was running stays in force.

config.file_unreadable
    The configuration file exists and cannot be read: permissions, a directory of that name, or
    text that is not UTF-8. The cause says which. Nothing is run without a configuration.

config.config_not_found
    hazui looks for its file in the directory where it is started and in every directory above it,
    and found none. Change into the workspace, name it with -C or --config, or write a
    configuration with `hazui init`.

config.unknown_key
    The table has no key of this name. Unknown keys are refused rather than ignored, because a
    mistyped key would otherwise silently do nothing. If one with a similar name exists, it is
    suggested; `config.example.toml` documents all of them.

config.unknown_table
    There is no table of this name. The tables are [workspace] with its sub-tables,
    [projects.NAME] and [tasks.NAME]; a task's own sub-tables hang below it.

config.wrong_type
    The value has another type than the key takes, for example a text where a list is expected.
    TOML does not convert: numbers are written without quotes, lists in brackets.

config.out_of_range
    The value has the right type and is too small, too large or not finite. The message says what
    is allowed.

config.invalid_choice
    The key takes one of a few words, and this is not one of them. The message lists them; case
    matters.

config.invalid_name
    Names of tasks, projects, tags and mutexes have letters, digits, `_` and `-`, begin with a
    letter or digit, and are at most 64 bytes long. They appear in references, on the command line
    and in file names, so nothing else is possible.

config.reserved_name
    hazui keeps this name for itself. The variables HAZUI_TASK, HAZUI_TURN and HAZUI_RUN are set
    for every child and cannot be given another value. Choose another name.

config.invalid_pattern
    The text is not a pattern. Inside one name `*`, `?`, `[...]` and `{a,b}` are special, `**`
    stands for any number of directories, and a leading `!` excludes. Often a bracket or brace is
    not closed, or a name between slashes is empty, `.` or `..`.

config.invalid_path
    The text is not a path in the workspace. Paths are written with `/`, relative to the project
    or, with a leading `/`, to the workspace root; they never go up and never end in a slash. The
    cause names the part that is wrong.

config.invalid_duration
    The value is not a duration. Durations are plain numbers whose unit is in the key's name:
    `grace_period_s` takes seconds, `settle_ms` milliseconds. They are finite and not negative.

config.invalid_size
    The value is not a size. Write a number of bytes, or a number followed by B, kB, MB, GB, KiB,
    MiB, GiB and so on, as in "10GiB".

config.invalid_signal
    The value is not the name of a signal on this system. Write it as SIGTERM, SIGINT or SIGHUP.

config.invalid_regex
    The value is not a regular expression as Python understands it. The detail says where it
    stopped making sense. In TOML, single quotes keep backslashes as they are.

config.invalid_text
    The text is of the right type and the key cannot take it: it is empty, holds a NUL character,
    names no program, or is not the name of an environment variable. The message says which.

config.service_key_on_task
    The key says how a service is watched, restarted or stopped, and the task is not a service.
    Set `kind = "service"` when it is meant to keep running; take the key out when it ends.

config.invalid_reference
    The text cannot refer to a task. The forms are `task` in the same project, `project:task`,
    `^:task` for that task in every project, and `[tag]:task` for every project with the tag.

config.missing_key
    A key without which the table makes no sense is not there. A task needs at least a `command`.

config.duplicate_project
    Two projects claim the same name or the same directory. Tasks are named by their project, so
    each name and each directory may occur only once.

config.project_missing
    A project is declared whose directory does not exist. Correct its `path`, or create the
    directory; paths are relative to the workspace root.

config.env_file_invalid
    A file named in `env_file` cannot be read or has a line that is not NAME=value. Only the place
    is shown, never the value, since such files hold secrets.

config.memory_store_in_durable
    With `workspace.durable = true` everything that must survive a crash has to be on disk, and
    this store is set to "memory". There is no silent fallback. Make the store "durable", or set
    `durable = false`, or use --scratch for one session.

config.lease_too_short
    A supervisor owns its workspace by a lease that it renews. If the lease lasts less than three
    renewals, one slow disk write would lose it in the middle of a turn. Raise `ttl_s` or lower
    `renew_s`.

config.graph_invalid
    Every key is right by itself, and together the tasks do not form a graph that can be run. The
    cause says why: a reference to no task, a circle, two tasks that claim one output. The
    position is where the offending line is written.

config.invalid_override
    A variable of the form HAZUI_<KEY> overrides a key of [workspace], and its value is not one
    that the key takes. Unset the variable or correct it; HAZUI_JOBS, for example, takes a number
    or `auto`.
"""
)
