"""The last line of a program that failed without any recognisable error.

Many programs say in plain words why they give up and exit. This is the weakest evidence there
is: it is used only where nothing else was found, from the error stream (or the only one), and
never when the line is one of a log's milder levels, part of a longer listing, or has no word of
failure.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight
from hazui.diagnosis.recogniser import Recogniser

_MILD = re.compile(
    r".{0,40}\b(?:INFO|DEBUG|WARN|WARNING|Warning|info|debug|warning|note|hint|OK|ok|done)\b"
)
_ASIDE = re.compile(
    r"(?:exit status \d|npm |make(?:\[\d+\])?: |For more information|Try |Run |See |Use |help: "
    r"|\d+ (?:error|fail)"
    r"|[\W\d_]*$)"
)
# One of the words that telling of a failure takes.
_TELLS = re.compile(
    r"\b(?:can(?:not|'t)|could|couldn't|won't|doesn't|isn't|fail\w*|invalid|illegal|unknown|missing"
    r"|not|no|would|never|denied|refused|unable|unexpected|expected|expecting|must|required?|errors?"
    r"|abort\w*|fatal|bad|wrong|exceed\w*|timed? ?out|unsupported|unrecogni[sz]ed|too|already|gone"
    r"|broken?|reset|unreachable|unterminated|lost|closed|down|full|panic|crash\w*|killed"
    r"|exception|refus\w*|reject\w*|forbidden|corrupt\w*|mismatch\w*|undefined|empty|usage)\b",
    re.IGNORECASE,
)
_USAGE = re.compile(r"(?:[Uu]sage\b|USAGE\b|Options:|Commands:)")
_TRACED = re.compile(r"\+{1,9} ")
_SEARCH_LINES = 40
_MAX_LINES = 60


def find(page: Page) -> list[Finding]:
    # Whoever writes at length tells of more than the reason of the end.
    is_quiet = not any(line.text for line in page.others)
    if (page.stream != "stderr" and not is_quiet) or len(page.lines) - sum(
        page.claimed
    ) > _MAX_LINES:
        return []
    stop = len(page.lines)
    for index in range(max(1, stop - _SEARCH_LINES), stop):
        if _USAGE.match(page.text(index)):
            stop = index
            break
    for index in range(stop - 1, max(-1, stop - _SEARCH_LINES), -1):
        text = page.text(index)
        if page.claimed[index] or text.startswith((" ", "\t", "{")) or _ASIDE.match(text):
            continue
        if _MILD.match(text) or not (_TELLS.search(text) or _TRACED.match(text)):
            break
        link = page.link(
            index, index + 1, type=None, message=_TRACED.sub("", text.lstrip("\ufffd"), count=1)
        )
        return [page.finding(index, [link], Weight.LAST_WORDS)] if link.message else []
    return []


RECOGNISER = Recogniser(
    name="last-words",
    tools=("any",),
    example="filling the kettle\nthe tap gave no water within 30 s\n",
    find=find,
)
