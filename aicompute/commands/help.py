"""How the command line explains itself, and how it refuses a call in one line."""

from __future__ import annotations

from typing import Any

import click

from aicompute.assumptions import Assumptions, describe
from aicompute.names import unknown

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


class OneLine(click.ClickException):
    """A call that click refuses, in one line instead of its three."""

    exit_code = 2

    def __init__(self, refused: click.UsageError) -> None:
        path = refused.ctx.command_path if refused.ctx else "aicompute"
        reason = "".join(s if s.isprintable() else repr(s)[1:-1] for s in _reason(refused))
        super().__init__(f"{path}: {reason}; see {path} --help")

    def show(self, file: Any = None) -> None:
        """Write the line."""
        click.echo(self.format_message(), err=True, file=file)


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
    """The commands of the report; a call that cannot be read is refused in one line."""

    command_class = OneOfEach

    def make_context(self, *arguments: Any, **extra: Any) -> click.Context:
        """Read the options that come before a command."""
        try:
            return super().make_context(*arguments, **extra)
        except click.UsageError as error:
            raise _refusal(error) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Read and run a command."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise _refusal(error) from None


class AssumingCommand(OneOfEach):
    """A command whose help lists every assumption that ``--set`` can alter."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the assumptions as a list of definitions."""
        with formatter.section("Assumptions, for --set NAME=VALUE"):
            formatter.write_dl([
                (name, _in_one_line(describe(name))) for name in Assumptions.model_fields
            ])
        super().format_epilog(ctx, formatter)


class SweepCommand(OneOfEach):
    """A command whose help shows a sweep file."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the file as it stands."""
        with formatter.section("A sweep file"):
            formatter.write("".join(f"  {line}\n" for line in SWEEP_FILE.splitlines()))
        super().format_epilog(ctx, formatter)


def _refusal(error: click.UsageError) -> click.ClickException:
    """The one line; without any argument, click's error is the help itself, and stays."""
    return error if isinstance(error, click.exceptions.NoArgsIsHelpError) else OneLine(error)


def _reason(refused: click.UsageError) -> str:
    """What is wrong, with the commands or options there are where one was named that is not."""
    context = refused.ctx
    if context is not None and isinstance(refused, click.NoSuchOption):
        params = context.command.get_params(context)
        names = [name for param in params for name in param.opts if name.startswith("--")]
        return unknown("option", refused.option_name, names)
    if isinstance(refused, click.NoSuchCommand) and context is not None:
        group = context.command
        names = group.list_commands(context) if isinstance(group, click.Group) else []
        return unknown("command", refused.command_name, names)
    message = refused.format_message().rstrip(".")
    return f"{message[:1].lower()}{message[1:]}"


def _in_one_line(facts: dict[str, str]) -> str:
    source = "assumed" if facts["source"] == "assumed" else f"source {facts['source']}"
    allowed = " ".join(part for part in (facts["type"], facts["range"]) if part)
    unit = "" if facts["unit"] in _NO_UNIT else f", {facts['unit']}"
    default = facts["default"] or "none"
    return f"{facts['meaning']} [{allowed}{unit}; default {default}; {source}]"
