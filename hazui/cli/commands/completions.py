"""``hazui completions SHELL``: completion scripts, made from the parsers themselves.

Target names are asked of ``hazui graph --format names`` when a word is completed, so that they
are never stale.
"""

import argparse

from hazui.cli.arguments import SUMMARY, build
from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode

_TARGETS = ("run",)


def execute(options: argparse.Namespace, console: Console) -> int:
    """Print the script of one shell."""
    console.out({"bash": _bash, "zsh": _zsh, "fish": _fish}[options.shell]().rstrip())
    return ExitCode.SUCCESS


def _flags(command: str) -> list[str]:
    actions = build(command)._actions
    return sorted({flag for action in actions for flag in action.option_strings})


def _bash() -> str:
    cases = "\n".join(
        f"    {name}) words='{' '.join(_flags(name))}"
        + (' \'"$(hazui graph --format names 2>/dev/null)" ;;' if name in _TARGETS else "' ;;")
        for name in SUMMARY
    )
    return f"""\
_hazui() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} command='' word words
  COMPREPLY=()
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in -*) ;; *) command=$word; break ;; esac
  done
  case $command in
{cases}
    *) words='{" ".join([*SUMMARY, *_flags("")])} '"$(hazui graph --format names 2>/dev/null)" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -F _hazui hazui
"""


def _zsh() -> str:
    commands = "\n".join(f"    '{name}:{text}'" for name, text in SUMMARY.items())
    cases = "\n".join(f"    {name}) compadd -- {' '.join(_flags(name))} ;;" for name in SUMMARY)
    return f"""\
#compdef hazui
_hazui() {{
  local -a commands
  commands=(
{commands}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    compadd -- ${{(f)"$(hazui graph --format names 2>/dev/null)"}}
    compadd -- {" ".join(_flags(""))}
    return
  fi
  case $words[2] in
{cases}
  esac
  [[ $words[2] == run ]] && compadd -- ${{(f)"$(hazui graph --format names 2>/dev/null)"}}
}}
compdef _hazui hazui
"""


def _fish() -> str:
    lines = ["complete -c hazui -f"]
    for name, text in SUMMARY.items():
        lines.append(f"complete -c hazui -n __fish_use_subcommand -a {name} -d '{text}'")
        for flag in _flags(name):
            option = f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
            lines.append(f"complete -c hazui -n '__fish_seen_subcommand_from {name}' {option}")
    wanted = "__fish_use_subcommand; or __fish_seen_subcommand_from run"
    lines.append(f"complete -c hazui -n '{wanted}' -a '(hazui graph --format names 2>/dev/null)'")
    return "\n".join(lines) + "\n"
