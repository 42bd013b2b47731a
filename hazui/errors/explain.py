"""The long text behind every code, and the list of all codes.

The texts are data, one module per subject, loaded when somebody asks. Invariant, kept by a test:
every code of the registry has a text, and there is no text without a code.
"""

from functools import cache

from hazui.errors import registry
from hazui.errors.runtime import RuntimeErrorCode

TITLE = """\
# The codes of hazui's errors

Generated from the classes; `hazui explain CODE` prints the long text of one. *Kind* says who can
put it right, *class* whether trying again without changing anything can help.

"""


@cache
def _texts() -> dict[str, str]:
    from hazui.errors.texts import config, files, graph, runtime, session, task

    return {
        code: text
        for module in (task, files, config, graph, session, runtime)
        for code, text in module.TEXTS.items()
    }


def text_of(code: str) -> str:
    """What a code means, when it happens, what to try; of a foreign code, that it is one."""
    from hazui.errors.texts.runtime import EXTERNAL, OTHER

    return EXTERNAL if code == "external" else _texts().get(code, OTHER)


def hint_of(code: str) -> str | None:
    """What to try for a runtime code; None for any other."""
    from hazui.errors.texts.runtime import HINTS

    return HINTS.get(code)


def entries() -> list[dict[str, str]]:
    """Every code with family, kind, class (of trying again) and text, as ``hazui explain`` has it.

    Runtime codes come last, each facet by itself. The kind of a class is its usual one.
    """
    rows = [
        {
            "code": code,
            "family": cls.FAMILY,
            "kind": cls.KIND.value,
            "class": cls.CLASS.value,
            "text": text_of(code),
        }
        for code, cls in registry.all_classes().items()
    ]
    rows += [
        {
            "code": code.as_str(),
            "family": "runtime",
            "kind": code.kind.value,
            "class": code.code_class.value,
            "text": text_of(code),
        }
        for code in RuntimeErrorCode.known()
    ]
    return rows


def table() -> str:
    """The Markdown table of all codes."""
    lines = ["| code | kind | class | meaning |", "|---|---|---|---|"]
    for row in entries():
        meaning = row["text"].partition(". ")[0].rstrip(".")
        cells = (f"`{row['code']}`", row["kind"], row["class"], meaning.replace("|", "\\|"))
        lines.append(f"| {' | '.join(cells)} |")
    return TITLE + "\n".join(lines) + "\n"
