"""The command line: every command of the report, and the exit status each ends with.

A command imports what it needs when it is called: what calculates takes a second to load.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aicompute.assumptions import parse_assumptions
from aicompute.commands.building import build_one, build_scenarios
from aicompute.commands.command_help import AssumingCommand, Commands, SweepCommand
from aicompute.commands.options import (
    altered,
    assumption_options,
    data_option,
    file_path,
    fitting_study_of,
    folder,
    json_option,
    reporting_errors,
    study_of,
)
from aicompute.dataset import DATA
from aicompute.errors import CallError

if TYPE_CHECKING:
    from aicompute.study import Study

#: Columns of help at most; a narrower terminal gets lines of its own width.
WIDEST_HELP = 100


@click.group(cls=Commands, context_settings={
    "help_option_names": ["-h", "--help"], "max_content_width": WIDEST_HELP,
})
def main() -> None:
    """AI and Compute, the executable edition: build, check and question the report."""


@main.command(cls=AssumingCommand)
@assumption_options
@data_option
@click.option("--all-scenarios", is_flag=True,
              help="Build the book of every scenario too, and link them from the page that "
                   "compares them.")
@click.option("--output", type=folder,
              help="Where to build; a scenario goes to a folder of its own unless told otherwise.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Pages run at once.")
@click.option("--force", is_flag=True, help="Run every page, also those whose inputs are the same.")
@click.option("--warm-kernels/--no-warm-kernels", default=True, show_default=True,
              help="Fork kernels from one warm process, or start each anew.")
@reporting_errors
def build(
    settings: tuple[str, ...], scenario: str | None, data: Path, output: Path | None,
    all_scenarios: bool, **how: Any,
) -> None:
    """Build the report, from the tables to the pages."""
    from aicompute.book.order import OUTPUT, scenario_folder

    # Pages run, and Sphinx looks for its files, in folders of their own.
    output = output.absolute() if output is not None else None
    options = {"data": data, **{name: value for name, value in how.items() if value is not None}}
    if all_scenarios:
        if settings or scenario is not None:
            raise CallError("--all-scenarios: allowed without --set and --scenario only")
        build_scenarios(output or OUTPUT, options)
        return
    assumptions = parse_assumptions(altered(settings, scenario))
    alone = parse_assumptions(altered(settings, None)).changed()
    own = scenario_folder(alone, scenario) if assumptions.changed() else OUTPUT
    build_one({**options, "assumptions": assumptions, "output": output or own})


@main.command("check")
@data_option
@reporting_errors
def check_command(data: Path) -> None:
    """Check the tables; list every problem as file:line: column: value: rule."""
    from aicompute.results import refuse_unknown_results

    refuse_unknown_results(fitting_study_of((), None, data))
    click.echo("the tables are sound")


@main.command(cls=AssumingCommand)
@click.argument("system")
@assumption_options
@data_option
@json_option
@reporting_errors
def estimate(
    system: str, settings: tuple[str, ...], scenario: str | None, data: Path, as_json: bool
) -> None:
    """Both methods for one SYSTEM, factor by factor, with units and sources."""
    from aicompute.commands.estimate_text import estimate_text

    study = study_of(settings, scenario, data)
    study.system(system)
    if as_json:
        _print_json(study, f"systems.{system}.")
    else:
        click.echo(estimate_text(study, system))


@main.command(cls=AssumingCommand)
@assumption_options
@data_option
@json_option
@reporting_errors
def trend(settings: tuple[str, ...], scenario: str | None, data: Path, as_json: bool) -> None:
    """The fit: doubling time with its interval, growth, and Moore's law beside it."""
    from aicompute.commands.trend_text import trend_text

    study = fitting_study_of(settings, scenario, data)
    if as_json:
        _print_json(study, "trend.", "growth.", "moore.")
    else:
        click.echo(trend_text(study))


@main.command(cls=AssumingCommand)
@assumption_options
@data_option
@click.option("--output", type=folder, help="Folder for results.json and a copy of the tables.")
@reporting_errors
def results(
    settings: tuple[str, ...], scenario: str | None, data: Path, output: Path | None
) -> None:
    """Every number of the report as JSON, calculated without building the book."""
    from aicompute.files import copy_files, write_text
    from aicompute.results import results_document

    study = fitting_study_of(settings, scenario, data)
    text = json.dumps(results_document(study), indent=1, ensure_ascii=False)
    if output is None:
        click.echo(text)
        return
    copy_files(data, output / "data", study.dataset.files())
    write_text(output / "results.json", text + "\n")
    click.echo(output / "results.json")


@main.command()
@click.argument("a")
@click.argument("b")
@data_option
@click.option("--format", "form", type=click.Choice(["table", "markdown", "json"]),
              default="table", show_default=True, help="How to print the comparison.")
@click.option("--limit", type=click.IntRange(min=1), default=40, show_default=True,
              help="Numbers that moved to print at most, the most important first; JSON has all.")
@reporting_errors
def compare(a: str, b: str, data: Path, form: str, limit: int) -> None:
    """What moved from A to B.

    Each is `baseline`, the name of a scenario, a scenario file, a result file, or a folder that
    `build` or `results` has written.
    """
    from aicompute.commands import compare_text
    from aicompute.compare import compare as compare_sides
    from aicompute.compare import load_sides

    comparison = compare_sides(*load_sides(a, b, data))
    click.echo(compare_text.FORMS[form](comparison, limit))


@main.command()
@click.option("--output", type=folder, required=True, help="Folder to write the notebooks to.")
@data_option
@reporting_errors
def notebooks(output: Path, data: Path) -> None:
    """Write every page as a notebook that papermill and Jupyter run by themselves."""
    from aicompute.book.export import export_notebooks

    for path in export_notebooks(output, data):
        click.echo(path)


@main.command(cls=SweepCommand)
@click.argument("file", type=file_path)
@click.option("--output", type=file_path, required=True,
              help="Table to write, one row a setting: .csv or .parquet.")
@data_option
@click.option("--jobs", type=click.IntRange(1, 256), default=1, show_default=True,
              help="Processes on this machine.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, such as tcp://host:8786.")
@click.option("--summary", type=file_path, help="Write the summary as JSON too.")
@reporting_errors
def sweep(
    file: Path, output: Path, data: Path, jobs: int, scheduler: str | None, summary: Path | None
) -> None:
    """Calculate the trend under many settings, as the YAML file FILE lays them out.

    An interrupted sweep goes on where it stopped when the same command is given again. The summary
    goes to standard error.
    """
    from aicompute.sweeps import GOES_ON, run_sweep

    try:
        found = run_sweep(
            file, output, summary=summary, data=data, jobs=jobs, scheduler=scheduler
        )
    except KeyboardInterrupt:
        click.echo(GOES_ON, err=True)
        raise
    click.echo(found.text(), err=True)
    click.echo(output)
    if summary is not None:
        found.write(summary)


def _print_json(study: Study, *prefixes: str) -> None:
    from aicompute.results import Results, document

    families = {prefix.split(".", 1)[0] for prefix in prefixes}
    found = {
        name: result for name, result in Results(study).families(families).items()
        if name.startswith(prefixes)
    }
    click.echo(json.dumps(document(study, found), indent=1, ensure_ascii=False))


__all__ = ["DATA", "main"]
