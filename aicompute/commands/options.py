"""What the commands share: options for assumptions and data, and how errors end a command."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

from aicompute.assumptions import (
    Assumptions,
    as_text,
    load_scenario,
    parse_assumptions,
    parse_setting,
    scenario_names,
)
from aicompute.errors import AIComputeError, CallError, DataError
from aicompute.names import shown
from aicompute.places import DATA, DATA_VARIABLE

INTERRUPTED = 130


class Named(click.Path):
    """A folder or a file that a command writes or reads, by a name that is one."""

    def __init__(self, what: str) -> None:
        super().__init__(
            path_type=Path, file_okay=what == "file", dir_okay=what == "folder")
        self.what = what

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse an empty name, which a path takes for the current folder."""
        named = value or self.fail(f"'' names no {self.what}", param, ctx)
        return super().convert(named, param, ctx)


def _use_data(ctx: click.Context, param: click.Parameter, value: Path) -> Path:
    """Have the tables of a call read from its folder, here and in every process it starts."""
    del ctx, param
    folder = value.absolute()
    os.environ[DATA_VARIABLE] = str(folder)
    return folder


data_option = click.option(
    "--data", type=click.Path(path_type=Path, exists=True, file_okay=False), default=DATA,
    show_default=False, callback=_use_data,
    help="Folder of tables to use instead of the report's own.",
)
folder = Named("folder")
file_path = Named("file")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


def assumption_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--set`` and ``--scenario``."""
    set_option = click.option(
        "--set", "settings", multiple=True, metavar="NAME=VALUE",
        help="Alter an assumption of the list below; may be given several times.",
    )
    scenario_option = click.option(
        "--scenario", metavar="NAME_OR_FILE",
        help="A named set of altered assumptions, or a file of one; --set comes on top. "
        f"Names: {', '.join(scenario_names())}.",
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
            click.echo("interrupted; what was there before is unchanged", err=True)
            sys.exit(INTERRUPTED)
        except OSError as error:
            # A reader that leaves is click's to handle.
            if error.errno == errno.EPIPE:
                raise
            click.echo(f"{error.filename or 'standard output'}: {error.strerror}", err=True)
            _forget_output()
            sys.exit(1)

    return run


def _forget_output() -> None:
    """Send what is still to be written nowhere: Python would try again at its end, and complain."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def altered(settings: Sequence[str], scenario: str | None) -> dict[str, Any]:
    """The assumptions a call alters: those of the scenario, then those set one by one.

    Raises
    ------
    CallError
        If the scenario is at fault, or one name is set to two values.
    """
    found: dict[str, Any] = {}
    for name, value in map(parse_setting, settings):
        if found.setdefault(name, value) != value:
            two = f"{shown(found[name])} and {shown(value)}"
            raise CallError(f"--set {shown(name)}: got {two}; allowed: one value")
    return found if scenario is None else {**load_scenario(scenario)["assumptions"], **found}


def assumptions_of(settings: Sequence[str], scenario: str | None) -> Assumptions:
    """The assumptions of a call, which name systems that there are.

    Raises
    ------
    CallError
        If they are at fault, or leave out a system that there is not.
    """
    from aicompute.names import unknown
    from aicompute.tables import table

    found = parse_assumptions(altered(settings, scenario))
    known = list(table("systems")["system_id"]) if found.without else []
    for system_id in found.without:
        if system_id not in known:
            raise CallError(f"assumption without: {unknown('system', system_id, known)}")
    return found


def fitting_assumptions(settings: Sequence[str], scenario: str | None) -> Assumptions:
    """The assumptions of a call, if they leave enough systems for a fit.

    Raises
    ------
    CallError
        If they leave too few; a DataError where the tables hold too few whatever they are.
    """
    from aicompute.methods import estimates
    from aicompute.trend import FEWEST, fit, fitted_systems

    assumptions = assumptions_of(settings, scenario)
    for under in (Assumptions(), assumptions):
        systems = fitted_systems(estimates(under), under)
        if fit(systems, under).known:
            continue
        few = f"a fit needs {FEWEST} systems of different dates, got {len(systems)}"
        if not under.changed():
            raise DataError(f"systems.csv:1: set: {few} of the set chart with a value")
        said = ", ".join(f"{name}={as_text(v)}" for name, v in assumptions.changed().items())
        raise CallError(f"{said}: {few}; the assumptions leave out too much")
    return assumptions
