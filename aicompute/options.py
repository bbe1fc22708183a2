"""What the commands share: options for assumptions and data, and how errors end a command."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

from aicompute.assumptions import (
    Assumptions,
    describe,
    load_scenario,
    parse_assumptions,
    parse_setting,
)
from aicompute.dataset import DATA, open_dataset
from aicompute.errors import AIComputeError
from aicompute.study import Study

INTERRUPTED = 130

data_option = click.option(
    "--data", type=click.Path(path_type=Path), default=DATA, show_default=False,
    help="Folder of tables to use instead of the report's own.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


class AssumingCommand(click.Command):
    """A command whose help lists every assumption that ``--set`` can alter."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the assumptions as a list of definitions."""
        with formatter.section("Assumptions, for --set NAME=VALUE"):
            formatter.write_dl([
                (name, _in_one_line(describe(name))) for name in Assumptions.model_fields
            ])
        super().format_epilog(ctx, formatter)


def assumption_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--set`` and ``--scenario``."""
    set_option = click.option(
        "--set", "settings", multiple=True, metavar="NAME=VALUE",
        help="Alter an assumption of the list below; may be given several times.",
    )
    scenario_option = click.option(
        "--scenario", metavar="NAME_OR_FILE",
        help="A named set of altered assumptions, or a file of one; --set comes on top.",
    )
    return set_option(scenario_option(command))


def reporting_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Turn the package's errors into a line on standard error and their exit status."""

    @wraps(command)
    def run(**options: Any) -> None:
        try:
            command(**options)
        except AIComputeError as error:
            click.echo(str(error), err=True)
            sys.exit(error.exit_status)
        except KeyboardInterrupt:
            # Asked again, Python would end with a traceback of its own clearing up.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            click.echo("interrupted; what was there before is unchanged", err=True)
            sys.exit(INTERRUPTED)

    return run


def altered(settings: Sequence[str], scenario: str | None) -> dict[str, Any]:
    """The assumptions a call alters: those of the scenario, then those set one by one."""
    found: dict[str, Any] = dict(load_scenario(scenario)["assumptions"]) if scenario else {}
    return {**found, **dict(parse_setting(text) for text in settings)}


def study_of(settings: Sequence[str], scenario: str | None, data: Path) -> Study:
    """The checked tables under the assumptions of a call."""
    return Study(open_dataset(data), parse_assumptions(altered(settings, scenario)))


def _in_one_line(facts: dict[str, str]) -> str:
    allowed = " ".join(part for part in (facts["type"], facts["range"]) if part)
    default = facts["default"] or "none"
    return f"{facts['meaning']} [{allowed}; default {default}]"
