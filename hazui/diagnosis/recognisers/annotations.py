"""Errors as the marks that a CI service turns into annotations: GitHub's and Azure's commands."""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser

_GITHUB = re.compile(
    r"::error(?: (?P<fields>[^:]{0,1000}(?::[^:]{1,400}){0,4}?))?::(?P<message>.*)$"
)
_AZURE = re.compile(r"##vso\[task\.logissue (?P<fields>[^\]]{1,1000})\](?P<message>.*)$")
_CODE = re.compile(r"\((?P<code>[\w/@-]{1,80})\)")
_REPEATED = re.compile(r"\S{1,400}:\d{1,9}:\d{1,9}: (?P<message>.*)$")
_ESCAPES = (("%0A", "\n"), ("%0D", ""), ("%3A", ":"), ("%2C", ","), ("%25", "%"))


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        match = _GITHUB.match(text) if text.startswith("::error") else None
        separator = ","
        if match is None and text.startswith("##vso["):
            match = _AZURE.match(text)
            separator = ";"
        if match is None:
            continue
        fields = dict(
            part.strip().partition("=")[::2] for part in (match["fields"] or "").split(separator)
        )
        if separator == ";" and fields.get("type") != "error":
            continue
        message = match["message"]
        for escape, meaning in _ESCAPES:
            message = message.replace(escape, meaning)
        code = fields.get("code")
        if code is None and (titled := _CODE.search(fields.get("title", ""))) is not None:
            code = titled["code"]
        repeated = _REPEATED.match(message.partition("\n")[0])
        if repeated is not None:
            message = repeated["message"]
        link = page.link(
            index,
            index + 1,
            type=code,
            message=message.removeprefix(f"{code} ") if code else message,
            file=fields.get("file") or fields.get("sourcepath"),
            line=number(fields.get("line") or fields.get("linenumber")),
            column=number(fields.get("col") or fields.get("columnnumber")),
        )
        page.claim(index, index + 1)
        weight = Weight.FIRM if link.file is not None else Weight.VAGUE
        findings.append(page.finding(index, [link], weight))
    return findings


RECOGNISER = Recogniser(
    name="annotations",
    tools=("github actions", "azure pipelines"),
    example="::error file=src/pot.py,line=4,col=7,title=lint (F821)::Undefined name `tea`\n",
    find=find,
    needs=(
        "::error",
        "##vso[",
    ),
)
