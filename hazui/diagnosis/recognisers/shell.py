"""What a shell says when it cannot run a command or read its script.

bash prints ``script: line 3: ...``, dash ``script: 3: ...``, zsh ``zsh:3: ...``. The place is
the script's own, and there is none for a command given with ``-c``.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser

_LINED = re.compile(
    r"(?P<script>[^\s:][^:]{0,300}): (?:line )?(?P<line>\d{1,9}): (?P<message>\S.*)$"
)
_ZSH = re.compile(
    r"(?:(?P<script>zsh|[\w./-]{1,200}\.z?sh):)?(?P<line>\d{1,9}): (?P<message>\S.*)$"
)
_BARE = re.compile(r"(?P<script>bash|zsh|sh|dash|ksh|fish|env|/\S{0,100}/env): (?P<message>\S.*)$")
_SHELLS = ("sh", "bash", "dash", "zsh", "ksh", "-bash", "-sh", "ash", "busybox", "environment")
_TELLS = re.compile(
    r"(?:.{0,400}: )?(?:command )?not found$|.{0,400}: (?:No such file or directory"
    r"|Permission denied|Is a directory|cannot execute|bad interpreter|unbound variable"
    r"|parameter not set|readonly)"
    r"|.{0,40}[Ss]yntax error|command not found: |cannot open |.{0,40}unexpected |unknown command"
    r"|\d{0,9} ?(?:Segmentation fault|Aborted|Killed|Bus error|Illegal instruction|Terminated"
    r"|Floating point exception)|arithmetic expression|.{0,400}: (?:bad substitution|numeric"
    r"|integer expression|too many arguments|ambiguous redirect|unary operator|invalid|illegal"
    r"|value too great)"
)
# The message of ``${NAME:?message}`` is the script's own.
_REQUIRED = re.compile(r"[^\s:][^:]{0,300}\.?\w*: line \d{1,9}: \w{1,100}: \S")
_PID = re.compile(r"\d{1,9} +(?=[A-Z])")


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        if ": " not in text or text.startswith((" ", "\t")):
            continue
        match = _LINED.match(text) or _ZSH.match(text) or _BARE.match(text)
        if match is None:
            continue
        if _TELLS.match(match["message"]) is None and not _REQUIRED.match(text):
            continue
        place = match.groupdict()
        script = place.get("script") or "zsh"
        is_script = script.rsplit("/", 1)[-1] not in _SHELLS and "line" in place
        link = page.link(
            index,
            index + 1,
            type=None,
            message=_PID.sub("", match["message"], count=1),
            file=script if is_script else None,
            line=number(place.get("line")) if is_script else None,
        )
        page.claim(index, index + 1)
        findings.append(page.finding(index, [link], Weight.FIRM))
    return findings


RECOGNISER = Recogniser(
    name="shell",
    tools=("sh", "bash", "dash", "zsh"),
    example="tea.sh: line 3: kettle: command not found\n",
    find=find,
    needs=(": ",),
)
