"""Which data files differ between two results, and which rows of them, cell by cell."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from aicompute.tables import DATA, package

CSV = ".csv"
Cells = tuple[str, ...]


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

    @property
    def files(self) -> list[str]:
        """Every file that differs."""
        return sorted([*self.changed, *self.added, *self.removed])


def data_changes(
    a: dict[str, Any], b: dict[str, Any], data_a: Path | None, data_b: Path | None,
    renamed: dict[str, str],
) -> DataChanges:
    """Compare the checksums of two results' data files, and the rows of those that differ.

    Parameters
    ----------
    renamed
        Systems by the id they had; a new id alone changes no row.
    """
    before, after = a.get("data_files"), b.get("data_files")
    if before is None or after is None:
        return DataChanges([], [], [], [])
    changed = sorted(f for f in before if f in after and before[f] != after[f])
    rows = [] if data_a is None or data_b is None else [
        change
        for file in changed if file.endswith(CSV)
        for change in row_changes(file, data_a / file, data_b / file, renamed)
    ]
    return DataChanges(changed, sorted(set(after) - set(before)),
                       sorted(set(before) - set(after)), rows)


def renamed_systems(data_a: Path | None, data_b: Path | None) -> dict[str, str]:
    """The systems that have another id than before and the same name, by the id they had."""
    if data_a is None or data_b is None:
        return {}
    before, after = system_names(data_a), system_names(data_b)
    new = {name: system_id for system_id, name in after.items() if system_id not in before}
    return {old: new[name] for old, name in before.items() if old not in after and name in new}


def row_changes(
    file: str, before: Path, after: Path, renamed: dict[str, str]
) -> list[RowChange]:
    """What happened to the rows of one table, in the columns that both have, and to its columns.

    A removed and an added row are one changed row if they share the first cell and no other pair
    of rows shares more cells.
    """
    head_a, rows_a = _read(before)
    rows_a = [tuple(renamed.get(cell, cell) for cell in row) for row in rows_a]
    head_b, rows_b = _read(after)
    head = tuple(name for name in head_a if name in head_b)
    changes = [
        RowChange(file, f"column {name}", what=what)
        for what, names, others in (("removed", head_a, head_b), ("added", head_b, head_a))
        for name in names if name not in others
    ]
    if not head:
        return changes
    shared_a, shared_b = _cells(head, head_a, rows_a), _cells(head, head_b, rows_b)
    gone, new = Counter(shared_a) - Counter(shared_b), Counter(shared_b) - Counter(shared_a)
    removed, added = list(gone.elements()), list(new.elements())
    for old, fresh in _pairs(removed, added):
        removed.remove(old)
        added.remove(fresh)
        cells = {
            name: (x, y) for name, x, y in zip(head, old, fresh, strict=True) if x != y
        }
        counts = not cells.keys() <= _texts(file)
        changes.append(RowChange(file, _label(head, fresh), cells, counts=counts))
    changes += [RowChange(file, _label(head, row), what="removed") for row in removed]
    changes += [RowChange(file, _label(head, row), what="added") for row in added]
    return changes


@cache
def _texts(file: str) -> set[str]:
    """The columns of a table that people read and no calculation does."""
    table = next((resource for resource in package(DATA)["resources"]
                  if Path(file).match(resource["path"])), None)
    fields = [] if table is None else table["schema"]["fields"]
    return {f["name"] for f in fields if f["type"] == "string" and f["name"] != "guessed"
            and not {"enum", "pattern"} & f.get("constraints", {}).keys()} | {"source_key"}


def system_names(data: Path) -> dict[str, str]:
    """What the systems of a folder of tables are called, by id."""
    head, rows = _read(data / "systems.csv")
    return {cells["system_id"]: cells["name"] for cells in (
        dict(zip(head, row, strict=False)) for row in rows) if {"system_id", "name"} <= set(cells)}


def _cells(names: Cells, head: Cells, rows: list[Cells]) -> list[Cells]:
    """The named columns of a table; a cell that a short row lacks is empty."""
    found = (dict(zip(head, row, strict=False)) for row in rows)
    return [tuple(row.get(name, "") for name in names) for row in found]


def _pairs(removed: list[Cells], added: list[Cells]) -> list[tuple[Cells, Cells]]:
    """Rows that belong together, the most alike first, each row at most once."""
    alike = sorted(
        (
            (sum(x == y for x, y in zip(old, new, strict=True)), i, j)
            for i, old in enumerate(removed)
            for j, new in enumerate(added)
            if old[:1] == new[:1]
        ),
        key=lambda found: (-found[0], found[1], found[2]),
    )
    taken_a: set[int] = set()
    taken_b: set[int] = set()
    pairs = []
    for _, i, j in alike:
        if i not in taken_a and j not in taken_b:
            taken_a.add(i)
            taken_b.add(j)
            pairs.append((removed[i], added[j]))
    return pairs


def _read(path: Path) -> tuple[Cells, list[Cells]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [tuple(row) for row in csv.reader(file)]
    except (OSError, ValueError, csv.Error):
        return (), []
    return (rows[0], rows[1:]) if rows else ((), [])


def _label(head: Cells, row: Cells) -> str:
    """What names a row for a reader: its first cells, up to the first that says which phase."""
    count = 3 if len(head) > 2 and head[1] == "basis" else 1
    return " ".join(cell for cell in row[:count] if cell)
