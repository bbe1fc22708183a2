"""The rules that tie rows and tables together, beyond what one cell can break."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from aicompute import layers
from aicompute.dataset import ARCHITECTURES, Dataset, as_layer
from aicompute.dataset.csv_table import Problem, Row, Table
from aicompute.dataset.references import source_problems
from aicompute.errors import DataError

_FILE_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
#: What is written where no place in a source is known: a word for none, or signs alone.
_NOWHERE = re.compile(r"none|nil|null|nowhere|unknown|n\W?a\W?|tbd|todo|[\W_]+", re.IGNORECASE)
#: What a claim has to say for its check; without, whatever comes out would fulfil it.
_CHECKED_BY = {
    "equal": ("stated", "result"), "less": ("stated", "result"), "more": ("stated", "result"),
    "range": ("stated_low", "stated_high", "result"), "none": (),
}
_FORMULA_TABLE = {1: "workloads", 2: "chip_time"}


def cross_table_problems(dataset: Dataset) -> Iterator[Problem]:
    """Give every problem that takes more than one cell to see."""
    tables = [dataset.table(name) for name in dataset.schemas if name != ARCHITECTURES]
    for table in tables:
        before = len(table.problems)
        _check_keys(table)
        _check_ranges(table)
        _check_references(table, dataset)
        _check_guessed(table)
        _check_places(table)
        yield from table.problems[before:]
    yield from _source_problems(tables, dataset)
    yield from _workload_problems(dataset)
    yield from _claim_problems(dataset)
    yield from _architecture_names(tables, dataset)
    yield from _system_problems(dataset)
    for name in dataset.architectures():
        yield from _architecture_problems(dataset.table(f"{ARCHITECTURES}/{name}"))


def _check_keys(table: Table) -> None:
    unique = [c.name for c in table.schema.columns if c.constraints.get("unique")]
    for key in {table.schema.key, *((name,) for name in unique)}:
        seen: dict[tuple[object, ...], int] = {}
        for line, row in table.located():
            values = tuple(row[name] for name in key)
            if values in seen:
                shown = ", ".join(str(value) for value in values)
                table.report(line, " ".join(key), shown, f"stands already on line {seen[values]}")
            seen.setdefault(values, line)


def _check_ranges(table: Table) -> None:
    names = [c.name for c in table.schema.columns]
    for low in (name for name in names if name.endswith("_low")):
        stem = low.removesuffix("_low")
        ordered = [name for name in (low, stem, f"{stem}_high") if name in names]
        for line, row in table.located():
            given = [(name, row[name]) for name in ordered if row[name] is not None]
            for (name, value), (above, limit) in zip(given, given[1:], strict=False):
                if value > limit:  # type: ignore[operator]
                    table.report(line, name, value, f"must be at most {above}, which is {limit}")


def _check_references(table: Table, dataset: Dataset) -> None:
    for column, other, key in table.schema.references:
        valid = dataset.table(other).values(key)
        if not dataset.table(other).readable:
            continue  # that file is refused already; its missing rows are no fault of this one
        for line, row in table.located():
            if row[column] is not None and row[column] not in valid:
                table.report(line, column, row[column], f"is no {key} of {other}.csv")


def _check_guessed(table: Table) -> None:
    columns = {c.name for c in table.schema.columns}
    if "guessed" not in columns:
        return
    for line, row in table.located():
        for name in str(row["guessed"] or "").split():
            if name not in columns:
                table.report(line, "guessed", name, f"is no column of {table.file}")
            elif row[name] is None:
                table.report(line, "guessed", name, "names a column that is empty in this row")


def _check_places(table: Table) -> None:
    """A figure that stands nowhere in its source has no source."""
    for line, row in table.located():
        place = row.get("source_place")
        if place is not None and _NOWHERE.fullmatch(str(place)):
            table.report(line, "source_place", place,
                         "must say where in the source: section, table, figure, page")


def _source_problems(tables: list[Table], dataset: Dataset) -> Iterator[Problem]:
    file = "references.bib"
    found = list(source_problems(dataset.directory / file))
    yield from (Problem(file, *problem) for problem in found)
    try:
        sources = dataset.sources
    except DataError:
        return
    for table in tables:
        for line, row in table.located():
            key = row.get("source_key")
            if key is not None and key not in sources:
                yield Problem(
                    table.file, line, "source_key", str(key), "is no key of references.bib"
                )


def _workload_problems(dataset: Dataset) -> Iterator[Problem]:
    table = dataset.table("workloads")
    for line, row in table.located():
        architecture, printed = row["architecture"], row["multiply_adds"]
        if (architecture is None) == (printed is None):
            rule = "give either architecture or multiply_adds"
            yield Problem(table.file, line, "multiply_adds", str(printed or ""), rule)
        elif architecture in dataset.architectures():
            network = dataset.table(f"{ARCHITECTURES}/{architecture}")
            yield from _misplaced_ends(table.file, line, row, network)


def _misplaced_ends(file: str, line: int, row: Row, network: Table) -> Iterator[Problem]:
    """A range beside a layer table has to hold what the table counts."""
    ends = {name: row[name] for name in ("multiply_adds_low", "multiply_adds_high")}
    if not any(ends.values()) or any(layers.check_layer(as_layer(row)) for row in network.rows):
        return
    count = sum(layers.multiply_adds(as_layer(row)) for row in network.rows)
    low, high = (float(str(end or count)) for end in ends.values())
    for name, wrong, most in zip(ends, (low > count, high < count), ("most", "least"), strict=True):
        if wrong:
            rule = f"must be at {most} {count}, which {network.file} counts"
            yield Problem(file, line, name, str(row[name]), rule)


def _claim_problems(dataset: Dataset) -> Iterator[Problem]:
    table = dataset.table("claims")
    for line, row in table.located():
        for name in _CHECKED_BY[str(row["check"])]:
            if row[name] is None:
                rule = f"must not be empty where check is {row['check']}"
                yield Problem(table.file, line, name, "", rule)


def _architecture_names(tables: list[Table], dataset: Dataset) -> Iterator[Problem]:
    known = dataset.architectures()
    for table in tables:
        for line, row in table.located():
            name = row.get("architecture")
            if name is not None and name not in known:
                rule = f"there is no data/{ARCHITECTURES}/{name}.csv"
                yield Problem(table.file, line, "architecture", str(name), rule)


def _system_problems(dataset: Dataset) -> Iterator[Problem]:
    systems = dataset.table("systems")
    published = dataset.table("published")
    plotted = {row["system_id"] for row in published.rows if row["kind"] == "plotted"}
    for line, row in systems.located():
        # A damaged row may be the one: its damage is reported, not what would follow from it.
        known = row["system_id"] in plotted or not published.whole or _calculated(row)
        if row["set"] == "chart" and not known:
            rule = "a chart system needs a plotted value in published.csv or a formula"
            yield Problem(systems.file, line, "set", "chart", rule)
        for basis in ("article", "recount"):
            column = f"{basis}_method"
            method = row[column]
            if method is None:
                continue
            name = _FORMULA_TABLE[int(method)]  # type: ignore[arg-type]
            table = dataset.table(name)
            if table.whole and not _has_rows(table, row["system_id"], basis):
                rule = f"{name}.csv has no {basis} row of {row['system_id']}"
                yield Problem(systems.file, line, column, str(method), rule)


def _calculated(row: Row) -> bool:
    return row["article_method"] is not None or row["recount_method"] is not None


def _has_rows(table: Table, system_id: object, basis: str) -> bool:
    return any(r["system_id"] == system_id and r["basis"] == basis for r in table.rows)


def _architecture_problems(table: Table) -> Iterator[Problem]:
    before = len(table.problems)
    name = Path(table.file).stem
    if not _FILE_NAME.fullmatch(name):
        table.report(1, "", name, f"the file's name must be of the form {_FILE_NAME.pattern}")
    _check_keys(table)
    for line, row in table.located():
        for column, rule in layers.check_layer(as_layer(row)):
            table.report(line, column, row.get(column), rule)
    if not table.problems:
        rows = [as_layer(row) for row in table.rows]
        for index, column, rule in layers.check_sequence(rows):
            table.report(table.lines[index], column, table.rows[index].get(column), rule)
    if not table.rows and not table.problems:
        table.report(1, "", "", "must have at least one layer")
    yield from table.problems[before:]
