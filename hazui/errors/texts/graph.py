"""Long texts about the graph of tasks.

Two to six sentences each: what the code means, when it happens, what to try. Plain words, wrapped
by whoever shows them; `code` marks stay as they are.
"""

from hazui.errors.texts.paragraphs import read_paragraphs

TEXTS = read_paragraphs(
    """
graph.unresolved_reference
    A dependency refers to a task that does not exist. A bare name is looked up in the task's own
    project; another project's task needs its project in front. If a similar name exists, it is
    suggested.

graph.self_reference
    A task depends on itself, directly or because a reference such as `^:build` includes it. It
    could never start. Take the reference out, or narrow it.

graph.dependency_overlap
    The same task is in `deps` and in `weak_deps`. A hard dependency brings order, outputs and
    failures, a weak one brings order only, so both at once contradict each other. Keep the one
    that is meant.

graph.cycle
    Tasks depend on each other in a circle, so none of them could start. The message shows the
    whole circle. Take out one of the dependencies, or split a task so that the shared part comes
    first.

graph.literal_output_collision
    Several tasks declare the same file as an output. Which one wins would be chance, and the
    cache could not tell whose it is. Give the files different names, or let one task produce it
    and the others depend on that task.

graph.runtime_cycle
    A file that a task really wrote is an input of a task that it comes after, which closes a
    circle that the configuration does not show. Nothing more is started, and the turn fails with
    the circle named. Narrow the `inputs` of the reader or the `outputs` of the writer, or declare
    the dependency and resolve the circle.

graph.output_overlap
    Two tasks wrote the same file in one turn. Patterns can overlap without being equal, so this
    is found when it happens. Nothing more is started, and the turn fails with both tasks named.
    Let each write into a place of its own.

graph.unknown_target
    The command line or a request names a task that does not exist. `hazui graph` lists all of
    them; the full name is `project:task`. A first word that is a subcommand is taken as one.
"""
)
