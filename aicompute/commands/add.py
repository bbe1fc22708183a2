"""Adds a system: from a few facts to rows in the right tables, written when all of it is sound.

What a fact may be stands in datapackage.json, and the rows are tried on a copy of the tables. A
number may be given as ``LOW..VALUE..HIGH``, and as a guess with a question mark behind it; a word
behind that says what the source's range means, ``1..2..4 limits`` or ``2 within_3x``.
"""

import csv
import io
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import click

from aicompute import words
from aicompute.errors import CallError, DataError, Gathered
from aicompute.files import write_text
from aicompute.names import shown
from aicompute.places import DATA, using_data
from aicompute.ranges import ENDS, within
from aicompute.references import sources
from aicompute.units import PFS_DAY

Rows = dict[str, dict[str, str]]


class Fact(NamedTuple):
    """A fact: the column it goes to, its question, and its default; None where it is needed.

    It is asked only with the fact that ``needs`` names, and never beside that of ``unless``; of a
    source only where that is new.
    """

    option: str
    table: str
    column: str
    question: str
    default: str | None = None
    needs: str = ""
    unless: str = ""


FACTS = [
    Fact("name", "systems", "name", "Name"),
    Fact("published", "systems", "published", "First publication: year-month-day, or less"),
    Fact("organization", "systems", "organization", "Who published it"),
    Fact("alphabet", "systems", "is_alphabet", "Did they belong to Alphabet: true, false", "false"),
    Fact("domain", "systems", "domain", "What it does"),
    Fact("set", "systems", "set", "Which list it joins", "later"),
    Fact("title", "systems", "title", "Title of its paper or post"),
    Fact("summary", "systems", "summary", "What it is, in one sentence"),
    Fact("source", "systems", "source_key", "Source: a key of references.bib, or a new one"),
    Fact("author", "references", "author", "Authors of a new source, as Family, Given",
         needs="source"),
    Fact("year", "references", "year", "Year of a new source", needs="source"),
    Fact("url", "references", "url", "Where a new source can be read", needs="source"),
    Fact("place", "systems", "source_place", "Where in the source the figures stand"),
    Fact("compute", "published", "pfs_days", "Compute as stated: pfs-days, or 3e23 FLOP", ""),
    Fact("compute-kind", "published", "kind", "Who states it", "estimated", "compute"),
    Fact("parameters", "workloads", "parameters", "Parameters that act on one token", ""),
    Fact("tokens", "workloads", "units", "Tokens gone through", None, "parameters"),
    Fact("chip", "chip_time", "chip_id", "Chip: a chip_id of chips.csv", ""),
    Fact("chip-hours", "chip_time", "chip_hours", "Hours of one chip, all added up", "", "chip"),
    Fact("chips", "chip_time", "chips", "Chips at once", None, "chip", "chip-hours"),
    Fact("days", "chip_time", "days", "Days it ran", None, "chip", "chip-hours"),
    Fact("utilization", "chip_time", "utilization", "Share of the peak, if stated", "", "chip"),
]
#: The tables that are calculated from, and by which method.
_METHODS = {"workloads": "1", "chip_time": "2"}
_ALWAYS = {"published": {"bound": "="}, "chip_time": {"basis": "recount", "phase": "training"},
           "workloads": {"basis": "recount", "phase": "training", "unit": "token"}}


@cache
def _fields() -> dict[str, dict[str, dict[str, Any]]]:
    """The columns of every table by name, as the schema describes them."""
    package = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    tables = {r["name"]: r["schema"]["fields"] for r in package["resources"]}
    tables["references"] = [{"name": fact.column, "type": "string"} for fact in FACTS]
    return {name: {field["name"]: field for field in fields} for name, fields in tables.items()}


def _meaning(fact: Fact) -> str:
    """The question, with the answers that the schema allows."""
    rules = _fields()[fact.table][fact.column].get("constraints", {})
    allowed = ", ".join(rules.get("enum", []))
    return fact.question + f" [{allowed}]" * bool(allowed)


def fact_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for every fact, with what the schema says of it."""
    for fact in reversed(FACTS):
        command = click.option(f"--{fact.option}", help=f"{_meaning(fact)}.")(command)
    return command


def is_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


def add(data: Path, given: dict[str, str], dry_run: bool = False) -> tuple[str, list[str]]:
    """Add a system to a folder of tables: its estimate, and the files that were written.

    Facts are ``given`` by option; on a terminal, what is not given is asked for. Where facts are
    missing, cannot be, or leave tables that are not sound, the CallError or DataError has every
    problem, and nothing is written.
    """
    from aicompute.assumptions import Assumptions
    from aicompute.check import problems
    from aicompute.commands.answers import estimate_text

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "data"
        shutil.copytree(data, copy)
        with using_data(copy):
            rows = _collected(data, copy, given)
            files = _write(data, copy, rows)
            if found := problems(copy):
                raise DataError("\n".join([*map(str, found), "nothing was written"]))
            text = estimate_text(Assumptions(), rows["systems"]["system_id"])
        if dry_run or (is_terminal() and not click.confirm(f"{text}\n\nWrite it?", err=True)):
            return text, []
        for file in files:
            write_text(data / file, (copy / file).read_text(encoding="utf-8"))
    return text, files


def _collected(data: Path, copy: Path, given: dict[str, str]) -> Rows:
    """The rows of all facts, given or asked for; on a terminal, what they come to so far."""
    rows, wrong, known = Rows(systems={}), Gathered(), sources()
    for fact in FACTS:
        if (fact.needs and not given.get(fact.needs)) or given.get(fact.unless) or (
                fact.table == "references" and given["source"] in known):
            continue
        with wrong.part():
            _enter(rows, fact, _answered(fact, given))
        if is_terminal() and fact.table in _METHODS.keys() & rows.keys():
            _write(data, copy, rows)
            _say_so_far(rows["systems"]["system_id"])
    if wrong.problems:
        raise CallError("\n".join(wrong.problems))
    return rows


def _answered(fact: Fact, given: dict[str, str]) -> dict[str, str]:
    """The cells of a fact; on a terminal it is asked for until it can be one."""
    while True:
        text = given.get(fact.option, fact.default)
        if is_terminal() and fact.option not in given:
            text = click.prompt(_meaning(fact), default=fact.default, err=True,
                                show_default=bool(fact.default))
        given[fact.option] = text or ""
        try:
            return _cells(fact, text)
        except CallError as error:
            if not is_terminal():
                raise
            click.echo(error, err=True)
            del given[fact.option]


def _cells(fact: Fact, text: str | None) -> dict[str, str]:
    """The cells that a fact fills; a CallError says why it cannot."""
    from frictionless import Field

    if text is None:
        raise CallError(f"--{fact.option}: needed: {_meaning(fact)}")
    fields, text = _fields()[fact.table], text.strip()
    cells = {fact.column: text}
    if flop := re.fullmatch(r"([\d.e+]+) ?FLOP", text):
        cells = {fact.column: f"{float(flop[1]) / PFS_DAY:.10g}", "note": f"{text}."}
    elif short := re.fullmatch(r"\d{4}(-\d\d)?", text * (fact.option == "published")):
        cells = {fact.column: f"{text}-01-01"[:10],
                 "published_known_to": "month" if short[1] else "year"}
    elif fields[fact.column]["type"] == "number" and text:
        cells = _of_number(fact, text)
    for name, cell in cells.items():
        if name not in fields or (cell and Field.from_descriptor(fields[name]).read_cell(cell)[1]):
            got = f"--{fact.option}: {name}: got {shown(cell)}"
            raise CallError(f"{got}; allowed: {_meaning(fact)}")
    return cells


def _of_number(fact: Fact, text: str) -> dict[str, str]:
    """The cells of a number: its ends if they are given, and what is guessed or said of them."""
    number, _, means = text.partition(" ")
    value, column = number.removesuffix("?"), fact.column
    names, ends = (f"{column}_low", column, f"{column}_high"), value.split("..")
    cells = dict(zip(names, ends, strict=True)) if len(ends) == 3 else {column: value}
    if means and not (means in ENDS if len(ends) == 3 else within(means) > 1):
        raise CallError(f"--{fact.option}: range_means: got {shown(means)}; allowed: "
                        f"LOW..VALUE..HIGH {words.listed([*ENDS], 'or')}, VALUE within_3x")
    guessed = {"guessed": " ".join(cells)} if value != number else {}
    return cells | guessed | ({"range_means": f"{column}:{means}"} if means else {})


def _enter(rows: Rows, fact: Fact, cells: dict[str, str]) -> None:
    """Put cells into the row of their table, which begins with its first fact."""
    system = rows["systems"]
    if fact.option == "name":
        system["system_id"] = re.sub("[^a-z0-9]+", "_", cells["name"].lower()).strip("_")
    if fact.table in rows or any(cells.values()):
        row = rows.setdefault(fact.table, {
            name: system.get(name, "") for name in ("system_id", "source_key", "source_place")})
        joined = {name: f"{row.get(name, '')} {cells[name]}".strip()
                  for name in ("guessed", "range_means") if name in cells}
        row |= _ALWAYS.get(fact.table, {}) | cells | joined
        if fact.table in _METHODS:
            system.setdefault("recount_method", _METHODS[fact.table])


def _write(data: Path, copy: Path, rows: Rows) -> list[str]:
    """Write the rows into a copy of the tables, systems by date; the files that have changed."""
    files = {table: f"{table}.csv" for table in rows} | {"references": "references.bib"}
    for table, row in rows.items():
        lines = (data / files[table]).read_text(encoding="utf-8").splitlines(keepends=True)
        if table == "references":
            entry = {"title": rows["systems"]["title"], **row}
            fields = [f"  {name} = {{{entry[name]}}},\n"
                      for name in ("title", "author", "year", "url")]
            lines += ["\n", f"@misc{{{row['source_key']},\n", *fields, "}\n"]
        else:
            out = io.StringIO()
            csv.DictWriter(out, list(_fields()[table]), lineterminator="\n").writerow(row)
            later = (i for i, line in enumerate(csv.reader(lines)) if table == "systems"
                     and i and line[2] > row.get("published", ""))
            lines.insert(next(later, len(lines)), out.getvalue())
        write_text(copy / files[table], "".join(lines))
    return [files[table] for table in rows]


def _say_so_far(system_id: str) -> None:
    from aicompute.assumptions import Assumptions
    from aicompute.methods import calculations

    for row in calculations(Assumptions(), system_id).query("pfs_days > 0").to_dict("records"):
        value, between = words.number(row["pfs_days"]), words.range_words(row["low"], row["high"])
        click.echo(f"  so far, by method {row['method']}: {value} pfs-days"
                   + f" ({between})" * bool(between), err=True)
