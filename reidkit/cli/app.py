"""The application that the commands belong to, and its entry point."""

from __future__ import annotations

import os
import sys

import typer

from reidkit.errors import ReidkitError

app = typer.Typer(
    help="See, teach and debug unsupervised person re-identification.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
data_app = typer.Typer(help="Look at a data set before you train on it.", no_args_is_help=True)
app.add_typer(data_app, name="data")


def main() -> None:
    """Run the command line; a user's error is one line, never a traceback."""
    if os.environ.get("RANK", "0") != "0":
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - of several processes, one speaks
    try:
        app()
    except ReidkitError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except SystemExit as end:
        if end.code == 130:  # what typer makes of Ctrl-C
            print("\nInterrupted. A training run goes on with `reidkit train --resume RUN`.", file=sys.stderr)
        raise
