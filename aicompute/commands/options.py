"""What the commands share: options for assumptions and data, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from aicompute.errors import CallError, DataError
from aicompute.names import shown
from aicompute.places import DATA, DATA_VARIABLE, using_data


class Named(click.Path):
    """A folder or a file that a command writes or reads, by a name that is one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse an empty name, which a path takes for the current folder."""
        what = "file" if self.file_okay else "folder"
        return super().convert(value or self.fail(f"'' names no {what}", param, ctx), param, ctx)


def _use_data(ctx: click.Context, param: click.Parameter, value: Path) -> Path:
    """Have the tables of a call read from its folder, here and in every process it starts."""
    del param
    ctx.with_resource(using_data(value))
    return value.absolute()


data_option = click.option(
    "--data", type=click.Path(path_type=Path, exists=True, file_okay=False), default=DATA,
    show_default=False, callback=_use_data, envvar=DATA_VARIABLE, show_envvar=True,
    help="Folder of tables to use instead of the report's own.",
)
folder = Named(path_type=Path, file_okay=False)
file_path = Named(path_type=Path, dir_okay=False)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


def assumption_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--set``, ``--scenario`` and ``--data``."""
    command = click.option(
        "--scenario", metavar="NAME_OR_FILE",
        help="A named set of altered assumptions, or a file of one; --set comes on top. "
        f"Names: {', '.join(scenario_names())}.")(data_option(command))
    return click.option(
        "--set", "settings", multiple=True, metavar="NAME=VALUE",
        help="Alter an assumption of the list below; may be given several times.")(command)


def altered(settings: Sequence[str], scenario: str | None) -> dict[str, Any]:
    """The assumptions a call alters: those of the scenario, then those set one by one.

    A CallError says that the scenario is at fault, or one name is set to two values.
    """
    found: dict[str, Any] = {}
    for name, value in map(parse_setting, settings):
        if found.setdefault(name, value) != value:
            two = f"{shown(found[name])} and {shown(value)}"
            raise CallError(f"--set {shown(name)}: got {two}; allowed: one value")
    return found if scenario is None else {**load_scenario(scenario)["assumptions"], **found}


def assumptions_of(settings: Sequence[str], scenario: str | None) -> Assumptions:
    """The assumptions of a call; a CallError says what is at fault in them.

    To leave out a system that there is not is a fault too.
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
    """The assumptions of a call, if they leave enough systems for a fit; else a CallError.

    It is a DataError where the tables hold too few whatever the assumptions are.
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
