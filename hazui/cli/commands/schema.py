"""``hazui schema``: the JSON Schema of hazui.toml, for editors."""

import argparse

from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode


def execute(options: argparse.Namespace, console: Console) -> int:
    """Print the schema."""
    from hazui.config.json_schema import json_schema

    del options
    console.out_json(json_schema())
    return ExitCode.SUCCESS
