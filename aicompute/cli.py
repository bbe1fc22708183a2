"""The command line: every command of the report, and the exit status each ends with.

A command imports what it needs when it is called: what calculates takes a second to load.
"""

from pathlib import Path
from textwrap import indent
from typing import Any

import click

from aicompute.assumptions import Assumptions, load_scenario, parse_assumptions, scenario_names
from aicompute.commands import options
from aicompute.commands.add import fact_options
from aicompute.errors import CallError, DataError


@click.group(cls=options.Commands, context_settings={
    # A narrower terminal gets lines of its own width.
    "help_option_names": ["-h", "--help"], "max_content_width": 100,
})
def main() -> None:
    """AI and Compute, the executable edition: build, check and question the report."""


@main.command(cls=options.AssumingCommand)
@options.assumption_options
@click.option("--all-scenarios", is_flag=True,
              help="Build the book of every scenario too, and link them from the page that "
                   "compares them.")
@click.option("--output", type=options.folder,
              help="Where to build; a scenario goes to a folder of its own unless told otherwise.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Pages run at once.")
@click.option("--force", is_flag=True, help="Run every page, also those whose inputs are the same.")
@click.option("--kernel", is_flag=True, help="Run the pages in an ordinary Jupyter kernel.")
def build(
    settings: tuple[str, ...], scenario: str | None, output: Path | None, all_scenarios: bool,
    **how: Any,
) -> None:
    """Build the report, from the tables to the pages."""
    from aicompute.book.build import refuse_foreign
    from aicompute.book.order import OUTPUT, scenario_folder

    shared = {name: value for name, value in how.items() if value is not None}
    if not all_scenarios:
        assumptions = parse_assumptions(options.altered(settings, scenario))
        alone = parse_assumptions(options.altered(settings, None)).changed()
        own = scenario_folder(alone, scenario) if assumptions.changed() else OUTPUT
        _build_one(shared, assumptions=assumptions, output=output or own)
        return
    if settings or scenario is not None:
        raise CallError("--all-scenarios: allowed without --set and --scenario only")
    main_book = output or OUTPUT
    books = {name: (main_book / "scenarios" / name).absolute() for name in scenario_names()}
    # The main book comes last: refused then, its folder would hold those of the scenarios.
    for place in (main_book, *books.values()):
        refuse_foreign(place)
    for name, book in books.items():
        assumptions = parse_assumptions(load_scenario(name)["assumptions"])
        _build_one(shared, assumptions=assumptions, output=book)
    _build_one(shared, output=main_book, scenario_books=books)


def _build_one(shared: dict[str, Any], **more: Any) -> None:
    """Build one book, unless nothing has changed; say which pages were run, and print its path."""
    from aicompute.book.build import build as build_book
    from aicompute.book.order import Order

    outcome = build_book(Order(**shared, **more))
    pages = len(outcome.pages)
    click.echo(f"{len(outcome.ran)} of {pages} pages run" if outcome.changed
               else f"nothing changed: {pages} pages kept", err=True)
    click.echo(outcome.index)


@main.command("check")
@options.data_option
def check_command(data: Path) -> None:
    """Check the tables; list every problem as file:line: column: value: rule."""
    _checked(data)
    click.echo("the tables are sound")


@main.command("add")
@fact_options
@options.data_option
@click.option("--dry-run", is_flag=True, help="Show the estimate and write nothing.")
def add_command(data: Path, dry_run: bool, **given: str | None) -> None:
    """Add a system: on a terminal it asks for the facts, elsewhere options give them.

    A number may be a range, 1e12..1.4e12..2e12, and with a ? behind it a guess. What the source's
    range means may follow: "1..2..4 limits", "1..2..4 5_to_95", "2 within_3x".
    """
    from aicompute.commands.add import add

    _checked(data)
    facts = {name.replace("_", "-"): text for name, text in given.items() if text is not None}
    text, files = add(data, facts, dry_run)
    click.echo(text)
    for file in files:
        click.echo(f"{data / file}: written", err=True)


@main.command(cls=options.AssumingCommand)
@click.argument("system")
@options.assumption_options
@options.json_option
def estimate(
    system: str, settings: tuple[str, ...], scenario: str | None, data: Path, as_json: bool
) -> None:
    """Both methods for one SYSTEM, factor by factor, with units and sources."""
    from aicompute.cells import systems_with_pages
    from aicompute.commands.answers import estimate_text

    _checked(data)
    assumptions = options.assumptions_of(settings, scenario)
    options.refuse_unknown_systems(system)
    if as_json:
        page = f"systems/{system}" if system in systems_with_pages() else "systems"
        _print_json(assumptions, data, page, f"systems.{system}.")
    else:
        click.echo(estimate_text(assumptions, system))


@main.command(cls=options.AssumingCommand)
@options.assumption_options
@options.json_option
def trend(settings: tuple[str, ...], scenario: str | None, data: Path, as_json: bool) -> None:
    """The fit: doubling time with its interval, growth, and Moore's law beside it."""
    from aicompute.commands.answers import trend_text

    _checked(data)
    assumptions = options.assumptions_of(settings, scenario, fitted=True)
    if as_json:
        _print_json(assumptions, data, "trend", "trend.", "growth.", "moore.")
    else:
        click.echo(trend_text(assumptions))


@main.command(cls=options.AssumingCommand)
@options.assumption_options
@click.option("--output", type=options.folder,
              help="Folder for results.json and a copy of the tables.")
def results(
    settings: tuple[str, ...], scenario: str | None, data: Path, output: Path | None
) -> None:
    """Every number of the report as JSON, calculated without building the book."""
    from aicompute.book.results import data_files, results_text
    from aicompute.files import copy_files, write_text
    from aicompute.results import results_document

    _checked(data)
    assumptions = options.assumptions_of(settings, scenario, fitted=True)
    text = results_text(results_document(assumptions, data))
    if output is None:
        click.echo(text, nl=False)
        return
    copy_files(data, output / "data", data_files(data))
    write_text(output / "results.json", text)
    click.echo(output / "results.json")


@main.command()
@click.argument("a")
@click.argument("b")
@options.data_option
@click.option("--format", "form", type=click.Choice(["table", "markdown", "json"]),
              default="table", show_default=True, help="How to print the comparison.")
@click.option("--limit", type=click.IntRange(min=1), default=40, show_default=True,
              help="Things of a kind to print at most, the most important first; JSON has all.")
def compare(a: str, b: str, data: Path, form: str, limit: int) -> None:
    """What moved from A to B, and which sentences of the book ceased to hold.

    Each is `baseline`, the name of a scenario, a scenario file, settings such as
    `"values=recounted gpu_utilization=0.5"`, a result file, or a folder that `build` or `results`
    has written.
    """
    from aicompute import what_moved
    from aicompute.compare import compare as compare_sides
    from aicompute.compare import load_side

    if not (Path(a).exists() and Path(b).exists()):
        _checked(data)
    there = load_side(b, data)  # A is the baseline as a rule, which takes long and is not at fault
    click.echo(what_moved.FORMS[form](compare_sides(load_side(a, data), there), limit))


@main.command()
@click.option("--output", type=options.folder, required=True,
              help="Folder to write the notebooks to.")
@options.data_option
def notebooks(output: Path, data: Path) -> None:
    """Write every page as a notebook that papermill and Jupyter run by themselves."""
    from aicompute.export import export_notebooks

    _checked(data)
    for path in export_notebooks(output, data):
        click.echo(path)


@main.command(epilog="\b\nA sweep file:\n" + indent(options.SWEEP_FILE, "  "))
@click.argument("file", type=options.file_path)
@click.option("--output", type=options.file_path, required=True,
              help="Table to write, one row a setting: .csv or .parquet.")
@options.data_option
@click.option("--jobs", type=click.IntRange(1, 256), default=1, show_default=True,
              help="Processes on this machine.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, such as tcp://host:8786.")
@click.option("--summary", type=options.file_path, help="Write the summary as JSON too.")
def sweep(file: Path, output: Path, data: Path, **how: Any) -> None:
    """Calculate the trend under many settings, as the YAML file FILE lays them out.

    The summary goes to standard error.
    """
    from aicompute.sweeps.run import run_sweep, summary_text

    _checked(data)
    click.echo(summary_text(run_sweep(file, output, **how)), err=True)
    click.echo(output)


def _checked(data: Path) -> None:
    """Refuse tables with problems: a DataError has all of them, one a line."""
    from aicompute.check import problems

    if found := problems(data):
        raise DataError("\n".join(map(str, found)))


def _print_json(assumptions: Assumptions, data: Path, page: str, *prefixes: str) -> None:
    """Print the numbers of a page whose names begin so, and what they were calculated from."""
    from aicompute.book.results import document, results_text
    from aicompute.cells import run_pages

    found = {name: number for name, number in run_pages([page], assumptions).items()
             if name.startswith(prefixes)}
    whole = document(assumptions, data, found, [], [], {})
    kept = {name: whole[name] for name in ("assumptions", "data_sha256", "results")}
    click.echo(results_text(kept), nl=False)
