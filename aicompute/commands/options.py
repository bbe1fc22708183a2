"""What the commands share: their options, how they explain themselves, and how a call ends."""

import errno
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from aicompute.assumptions import (
    Assumptions,
    as_text,
    describe,
    load_scenario,
    parse_assumptions,
    parse_setting,
    scenario_names,
)
from aicompute.errors import AIComputeError, CallError, DataError, saying
from aicompute.names import shown, unknown
from aicompute.places import DATA, DATA_VARIABLE, using_data

#: Every key of a sweep file and every kind of axis; a test reads it.
SWEEP_FILE = """\
title: Utilization and rating         # may be left out
assumptions: {values: recounted}      # the same in every setting
vary:                                 # every combination of what is listed:
  chip_rating: {grid: [article, base, boost]}
  passes_per_example: {linspace: [2, 4, 5]}         # from, to, how many
  run_days: {logspace: [10, 1000, 3]}
  gpu_utilization: {uniform: [0.1, 0.6]}            # drawn: low, high
  tpu_utilization: {loguniform: [0.1, 0.6]}
  cpu_utilization: {normal: [0.17, 0.05, 0.1, 0.3]} # mean, deviation; ends if wanted
  method: {choice: [method_1, method_2]}
samples: 1000                         # draws for every combination
seed: 1
design: random                        # or saltelli, for Sobol indices: distributions
                                      # only, and samples a power of two
"""


@contextmanager
def ending_in_one_line() -> Iterator[None]:
    """End what goes wrong with a line on standard error and the status of whose fault it is."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise  # the help itself
    except click.UsageError as refused:
        path = refused.ctx.command_path if refused.ctx else "aicompute"
        reason = shown(refused.format_message().rstrip("."))
        _end(f"{path}: {reason}; see {path} --help", refused.exit_code)
    except AIComputeError as error:
        _end(str(error), error.exit_status)
    except KeyboardInterrupt:
        _end("interrupted; what was there before is unchanged", 130)
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # a reader that leaves is click's to handle
        # Python would try again at its end to write what is left, and complain.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _end(f"{error.filename or 'standard output'}: {error.strerror}", 1)


def _end(line: str, status: int) -> NoReturn:
    click.echo(line, err=True)
    sys.exit(status)


class OneOfEach(click.Command):
    """A command that refuses an option given again, and an empty name of a file.

    Click would take the last, and the current folder.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments of a call."""
        values, _, given = self.make_parser(ctx).parse_args(args=list(args))
        for param in given:
            if isinstance(param.type, click.Path) and values[param.name] == "":
                what = "file" if param.type.file_okay else "folder"
                raise click.BadParameter(f"'' names no {what}", ctx, param)
            option = isinstance(param, click.Option) and not (param.multiple or param.is_eager)
            if option and given.count(param) > 1:
                name = "/".join((*param.opts, *param.secondary_opts))
                raise click.UsageError(f"option {name}: given more than once; allowed: once", ctx)
        return super().parse_args(ctx, args)


class Commands(click.Group):
    """The commands of the report; one that cannot be done ends in one line."""

    command_class = OneOfEach

    def make_context(self, *arguments: Any, **extra: Any) -> click.Context:
        """Read the options that come before a command."""
        with ending_in_one_line():
            return super().make_context(*arguments, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Read and run a command."""
        with ending_in_one_line():
            return super().invoke(ctx)


class AssumingCommand(OneOfEach):
    """A command whose help lists every assumption that ``--set`` can alter."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the assumptions as a list of definitions."""
        rows = []
        for facts in map(describe, Assumptions.model_fields):
            source = "assumed" if facts["source"] == "assumed" else f"source {facts['source']}"
            unit = "" if facts["unit"] in ("", "1", "date") else f", {facts['unit']}"
            allowed = f"{facts['type']} {facts['range']}".strip()
            rows.append((facts["name"], f"{facts['meaning']} [{allowed}{unit}; default "
                                        f"{facts['default'] or 'none'}; {source}]"))
        with formatter.section("Assumptions, for --set NAME=VALUE"):
            formatter.write_dl(rows)


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
folder = click.Path(path_type=Path, file_okay=False)
file_path = click.Path(path_type=Path, dir_okay=False)
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


def refuse_unknown_systems(*names: str) -> None:
    """Refuse systems that the tables do not have; the CallError suggests the nearest."""
    from aicompute.tables import table

    known = list(table("systems")["system_id"])
    for name in names:
        if name not in known:
            raise CallError(unknown("system", name, known))


def assumptions_of(
    settings: Sequence[str], scenario: str | None, *, fitted: bool = False
) -> Assumptions:
    """The assumptions of a call; a CallError says what is at fault in them.

    To leave out a system that there is not is a fault too. So it is, where they are to be
    ``fitted``, to leave too few systems: a DataError where the tables alone hold too few.
    """
    from aicompute.methods import estimates
    from aicompute.trend import FEWEST, fit, fitted_systems

    found = parse_assumptions(altered(settings, scenario))
    with saying("assumption without"):
        refuse_unknown_systems(*found.without)
    for under in (Assumptions(), found) if fitted else ():
        systems = fitted_systems(estimates(under), under)
        if fit(systems, under).known:
            continue
        few = f"a fit needs {FEWEST} systems of different dates, got {len(systems)}"
        if not under.changed():
            raise DataError(f"systems.csv:1: set: {few} of the set chart with a value")
        said = ", ".join(f"{name}={as_text(v)}" for name, v in found.changed().items())
        raise CallError(f"{said}: {few}; the assumptions leave out too much")
    return found
