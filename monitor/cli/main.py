"""The command line: one module a noun, this one puts them together and turns errors into sentences."""

from __future__ import annotations

import sys

import typer

from monitor.cli import alerts, assess, backfill, backtest, config, demo, explain, run, sources, stories, tune
from monitor.errors import MonitorError

app = typer.Typer(
    name="monitor",
    help="Knows first, and exactly, when an institution in the Balkans is hit by a cyberattack.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _noun in (run, demo, stories, sources, alerts, assess, explain, tune, backtest, backfill, config):
    _noun.register(app)


def main() -> None:
    """Runs the command; an expected error is a sentence on standard error and an exit status (2: something must be changed first)."""
    try:
        app()
    except MonitorError as error:
        print(f"monitor: {error}", file=sys.stderr)  # noqa: T201 - the command line is where printing belongs
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(141)
