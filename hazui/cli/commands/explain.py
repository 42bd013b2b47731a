"""``hazui explain [CODE]``: what a code means and what to try."""

import argparse

from hazui.cli.arguments import suggestion
from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode


def execute(options: argparse.Namespace, console: Console) -> int:
    """Print one code's text, or the list of all codes."""
    from hazui.errors.explain import entries

    known = entries()
    if options.code is None:
        if options.json:
            console.out_json(known)
        else:
            width = max(len(entry["code"]) for entry in known)
            for entry in known:
                first = entry["text"].split(". ")[0].rstrip(".")
                console.out(f"{entry['code']:{width}}  {entry['kind']:11}  {first}.")
        return ExitCode.SUCCESS
    found = next((entry for entry in known if entry["code"] == options.code), None)
    if found is None:
        near = suggestion(options.code, [entry["code"] for entry in known])
        hint = f"; did you mean {near}?" if near else ""
        console.complain(f"hazui: there is no code {options.code!r}{hint}")
        return ExitCode.USAGE
    if options.json:
        console.out_json(found)
    else:
        console.out(f"{found['code']}  ({found['class']}, {found['kind']})\n\n{found['text']}")
    return ExitCode.SUCCESS
