"""Which data files differ between two results, and which rows of them, cell by cell."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from aicompute.tables import DATA, package


@dataclass(frozen=True)
class RowChange:
    """A row that was added, removed, or has other cells: column to what stood and what stands.

    A column that was added or removed is told the same way. ``counts`` says whether a number can
    depend on it: a note or a source's place is read by people alone.
    """

    file: str
    row: str
    cells: dict[str, tuple[str, str]] = field(default_factory=dict)
    what: str = "changed"
    counts: bool = True


@dataclass(frozen=True)
class DataChanges:
    """The files that differ, by what happened to them, and the rows where both are at hand."""

    changed: list[str]
    added: list[str]
    removed: list[str]
    rows: list[RowChange]


def data_changes(
    a: dict[str, Any], b: dict[str, Any], data_a: Path | None, data_b: Path | None,
    renamed: dict[str, str],
) -> DataChanges:
    """Compare the checksums of two results' data files, and the rows of those that differ.

    A new id alone changes no row: ``renamed`` has systems by the id they had.
    """
    before, after = a.get("data_files"), b.get("data_files")
    if before is None or after is None:
        return DataChanges([], [], [], [])
    changed = sorted(f for f in before if f in after and before[f] != after[f])
    rows = [change for file in changed if data_a and data_b and file.endswith(".csv")
            for change in _row_changes(file, _read(data_a / file).replace(renamed),
                                       _read(data_b / file))]
    return DataChanges(changed, sorted(after.keys() - before), sorted(before.keys() - after), rows)


def renamed_systems(data_a: Path | None, data_b: Path | None) -> dict[str, str]:
    """The systems that have another id than before and the same name, by the id they had."""
    if data_a is None or data_b is None:
        return {}
    before, after = system_names(data_a), system_names(data_b)
    new = {name: system_id for system_id, name in after.items() if system_id not in before}
    return {old: new[name] for old, name in before.items() if old not in after and name in new}


def system_names(data: Path) -> dict[str, str]:
    """What the systems of a folder of tables are called, by id."""
    rows = _read(data / "systems.csv").reindex(columns=["system_id", "name"]).dropna()
    return dict(rows.itertuples(index=False, name=None))


def _row_changes(file: str, before: pd.DataFrame, after: pd.DataFrame) -> Iterator[RowChange]:
    """What happened to the rows of one table, in the columns that both have, and to its columns."""
    for what, one, other in (("removed", before, after), ("added", after, before)):
        for name in one.columns.difference(other.columns, sort=False):
            yield RowChange(file, f"column {name}", what=what)
    head = [name for name in before if name in after]
    if not head:
        return
    # What names a row for a reader: its first cells, up to the first that says which phase.
    naming = 3 if head[1:2] == ["basis"] else 1
    old, new = (Counter(rows[head].itertuples(index=False, name=None)) for rows in (before, after))
    removed, added = list((old - new).elements()), list((new - old).elements())
    # Rows that share the first cell may be one that has changed: the most alike first.
    alike = [(was, row) for was in removed for row in added if was[0] == row[0]]
    for was, row in sorted(alike, key=lambda pair: -sum(map(str.__eq__, *pair))):
        if was in removed and row in added:
            removed.remove(was)
            added.remove(row)
            cells = {n: (x, y) for n, x, y in zip(head, was, row, strict=True) if x != y}
            yield RowChange(file, " ".join(filter(None, row[:naming])), cells,
                            counts=not cells.keys() <= _texts(file))
    for what, rows in (("removed", removed), ("added", added)):
        yield from (RowChange(file, " ".join(filter(None, row[:naming])), what=what)
                    for row in rows)


@cache
def _texts(file: str) -> set[str]:
    """The columns of a table that people read and no calculation does."""
    fields: list[dict[str, Any]] = next((r["schema"]["fields"] for r in package(DATA)["resources"]
                                         if Path(file).match(r["path"])), [])
    return {f["name"] for f in fields if f["type"] == "string" and f["name"] != "guessed"
            and not {"enum", "pattern"} & f.get("constraints", {}).keys()} | {"source_key"}


def _read(path: Path) -> pd.DataFrame:
    """A table as text; a cell that a short row lacks is empty, and so is what cannot be read."""
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, index_col=False).fillna("")
    except (OSError, ValueError):
        return pd.DataFrame()
