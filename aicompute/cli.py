"""The command line: every command of the report, and the exit status each ends with."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
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
from aicompute.dataset import DATA, check, open_dataset
from aicompute.errors import AIComputeError, CallError
from aicompute.results import Results, document
from aicompute.study import Study

INTERRUPTED = 130


def _setting_help() -> str:
    names = ", ".join(describe(name)["name"] for name in Assumptions.model_fields)
    return f"Alter an assumption; may be given several times. Names: {names}."


def _assumption_options(command: Callable[..., Any]) -> Callable[..., Any]:
    set_option = click.option("--set", "settings", multiple=True, metavar="NAME=VALUE",
                              help=_setting_help())
    scenario_option = click.option("--scenario", metavar="NAME_OR_FILE",
                                   help="A named set of altered assumptions, or a file of one.")
    return set_option(scenario_option(command))


_data_option = click.option(
    "--data", type=click.Path(path_type=Path), default=DATA, show_default=False,
    help="Folder of tables to use instead of the report's own.",
)


def _reporting_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Turn the package's errors into one line on standard error and their exit status."""

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

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """AI and Compute, the executable edition: build, check and question the report."""


@main.command()
@_assumption_options
@_data_option
@click.option("--output", type=click.Path(path_type=Path),
              help="Where to build; a scenario goes to a folder of its own unless told otherwise.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Pages run at once.")
@click.option("--force", is_flag=True, help="Run every page, also those whose inputs are the same.")
@click.option("--warm-kernels/--no-warm-kernels", default=True, show_default=True,
              help="Fork kernels from one warm process, or start each anew.")
@_reporting_errors
def build(
    settings: tuple[str, ...], scenario: str | None, data: Path, output: Path | None,
    jobs: int | None, force: bool, warm_kernels: bool,
) -> None:
    """Build the report, from the tables to the pages."""
    # Papermill, Sphinx and what they need take a second to import: only this command waits for it.
    from aicompute.book.build import OUTPUT, Order, scenario_folder
    from aicompute.book.build import build as build_book

    altered = _altered(settings, scenario)
    assumptions = parse_assumptions(altered)
    alone = assumptions.changed()
    folder = output or (scenario_folder(alone, scenario) if alone else OUTPUT)
    order = Order(assumptions=assumptions, data=data, output=folder, force=force,
                  warm_kernels=warm_kernels, **({"jobs": jobs} if jobs else {}))
    outcome = build_book(order)
    if outcome.changed:
        click.echo(f"{len(outcome.ran)} of {len(outcome.pages)} pages run")
    else:
        click.echo(f"nothing changed: {len(outcome.pages)} pages kept")
    click.echo(outcome.index)


@main.command("check")
@_data_option
@_reporting_errors
def check_command(data: Path) -> None:
    """Check the tables; list every problem as file:line: column: value: rule."""
    problems = check(data)
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        sys.exit(1)
    click.echo("the tables are sound")


@main.command()
@click.argument("system")
@_assumption_options
@_data_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@_reporting_errors
def estimate(
    system: str, settings: tuple[str, ...], scenario: str | None, data: Path, as_json: bool
) -> None:
    """Both methods for one SYSTEM, factor by factor, with units and sources."""
    from aicompute.terminal import estimate_text

    study = _study(settings, scenario, data)
    study.system(system)
    if as_json:
        _print_json(study, f"systems.{system}.")
    else:
        click.echo(estimate_text(study, system))


@main.command()
@_assumption_options
@_data_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@_reporting_errors
def trend(settings: tuple[str, ...], scenario: str | None, data: Path, as_json: bool) -> None:
    """The fit: doubling time with its interval, growth, and Moore's law beside it."""
    from aicompute.terminal import trend_text

    study = _study(settings, scenario, data)
    if as_json:
        _print_json(study, "trend.", "growth.", "moore.")
    else:
        click.echo(trend_text(study))


def _altered(settings: tuple[str, ...], scenario: str | None) -> dict[str, Any]:
    altered: dict[str, Any] = dict(load_scenario(scenario)["assumptions"]) if scenario else {}
    for text in settings:
        name, value = parse_setting(text)
        altered[name] = value
    return altered


def _study(settings: tuple[str, ...], scenario: str | None, data: Path) -> Study:
    assumptions = parse_assumptions(_altered(settings, scenario))
    study = Study(open_dataset(data), assumptions)
    known = set(study.estimates["system_id"])
    for system_id in assumptions.without:
        if system_id not in known:
            raise CallError(f"assumption without: {system_id}: no such system")
    return study


def _print_json(study: Study, *prefixes: str) -> None:
    families = {prefix.split(".", 1)[0] for prefix in prefixes}
    results = Results(study)
    found = {n: r for n, r in results.families(families).items() if n.startswith(prefixes)}
    click.echo(json.dumps(document(study, found), indent=1, ensure_ascii=False))

