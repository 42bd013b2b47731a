"""Long texts about files and about texts that should be paths.

Two to six sentences each: what the code means, when it happens, what to try. Plain words, wrapped
by whoever shows them; `code` marks stay as they are.
"""

from hazui.errors.texts.paragraphs import read_paragraphs

TEXTS = read_paragraphs(
    """
fs.not_found
    Nothing exists at this path, or one of its parents is not a directory. Names are
    case-sensitive. What was to be done with it is said by the error above this one; the operating
    system's own answer is below it, when there is one.

fs.permission_denied
    The path may not be used in this way. Either the operating system refused (look at the owner
    and the mode of the path and of every directory above it), or the path leads out of the
    workspace through a link, which hazui refuses; then a note says where it leads.

fs.no_space
    The disk is full, a quota is used up, or the file would pass the size limit of this process
    (ulimit -f). Nothing half-written is kept. Free some space; `hazui cache info` shows how much
    the cache takes and `hazui cache clean` removes what is old.

fs.io
    An operation on a file failed for a reason that has no variant of its own. The message says
    what was to be done, the operating system's error below says why. EIO points to a failing
    disk, EMFILE to too many open files, EROFS to a file system that is mounted read-only.

parse_absolute.invalid
    A text begins with a slash, as a path from the workspace root does, and still names no place
    in the workspace. The cause says which rule it breaks. Such texts come from cache entries,
    output resolution and plugins.

parse_absolute.not_absolute
    A path from the workspace root was expected, which begins with a slash, and the text does not
    begin with one. The slash stands for the root of the workspace, not of the machine.

path.empty
    A path was expected and the text is empty. Write `.` for the project's own directory.

path.empty_segment
    The path has two slashes in a row, so the name between them is empty. Two spellings of one
    path would be two different keys, so hazui accepts only one. Remove one of the slashes.

path.only_slash
    The path is a single slash: the workspace root itself, which is no file. Name something in it,
    or use a pattern such as `/**`.

path.trailing_slash
    The path ends in a slash. Paths name files; for all files in a directory write `dir/**`, for
    the directory itself leave out the slash.

path.invalid_segment
    One of the names between the slashes is not allowed. The cause says why. The same rules hold
    for inputs, outputs, working directories and everything that is stored.

segment.empty
    The text between two slashes is empty. A name in a path has at least one character.

segment.dot
    A name in a path is a single dot, which stands for the directory it is in. Leave it out: every
    place has exactly one spelling here.

segment.dot_dot
    A name in a path is two dots, which would go up. Paths never go up; write the path from the
    workspace root with a leading slash instead.

segment.contains_separator
    A single name was expected and it holds a slash. Give the parts one by one, or a whole path
    where a path is expected.

segment.contains_forbidden
    A name holds a control, format, unassigned or private-use character, or a line separator. Such
    names look like other names or break lines on a screen, so no path in a workspace may hold
    them; the message gives the character's number and category. Rename the file.
"""
)
