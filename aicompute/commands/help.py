"""How the command line explains itself, and how a call that goes wrong ends: in one line."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

import click

from aicompute.assumptions import Assumptions, describe
from aicompute.errors import AIComputeError
from aicompute.names import shown

INTERRUPTED = 130

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
#: Units that say nothing to who types a value.
_NO_UNIT = ("", "1", "date")


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
        _end("interrupted; what was there before is unchanged", INTERRUPTED)
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
    """A command that refuses an option given again, of which click would take the last."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments of a call."""
        _, _, given = self.make_parser(ctx).parse_args(args=list(args))
        for option in (param for param in given if isinstance(param, click.Option)):
            if given.count(option) > 1 and not (option.multiple or option.is_eager):
                name = "/".join((*option.opts, *option.secondary_opts))
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
        with formatter.section("Assumptions, for --set NAME=VALUE"):
            formatter.write_dl([(n, _in_one_line(describe(n))) for n in Assumptions.model_fields])
        super().format_epilog(ctx, formatter)


class SweepCommand(OneOfEach):
    """A command whose help shows a sweep file."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the file as it stands."""
        with formatter.section("A sweep file"):
            formatter.write("".join(f"  {line}\n" for line in SWEEP_FILE.splitlines()))
        super().format_epilog(ctx, formatter)


def _in_one_line(facts: dict[str, str]) -> str:
    source = "assumed" if facts["source"] == "assumed" else f"source {facts['source']}"
    allowed = " ".join(part for part in (facts["type"], facts["range"]) if part)
    unit = "" if facts["unit"] in _NO_UNIT else f", {facts['unit']}"
    default = facts["default"] or "none"
    return f"{facts['meaning']} [{allowed}{unit}; default {default}; {source}]"
