"""Reads and checks the tables against data/datapackage.json.

Every problem is listed, in one go, as ``file:line: column: value: rule``. A :class:`Dataset` reads a
table when it is asked for and remembers which it was asked for, so that the build knows what a page
depends on.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from aicompute import layers
from aicompute.errors import DataError
from aicompute.references import Source, load_sources
from aicompute.schema import Cell, CellError, TableSchema, load_schemas

DATA = Path(__file__).resolve().parent.parent / "data"
ARCHITECTURES = "architectures"
RANGE_SUFFIXES = ("_low", "", "_high")

Row = dict[str, Cell]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with the data: where it stands, what stands there, and the rule it breaks."""

    file: str
    line: int
    column: str
    value: str
    rule: str

    def __str__(self) -> str:
        """Write the problem as one line."""
        shown = self.value if len(self.value) <= 60 else self.value[:57] + "..."
        return f"{self.file}:{self.line}: {self.column}: {shown!r}: {self.rule}"


class Table:
    """The rows of one CSV file with the line each stands on, and the problems of reading it."""

    def __init__(self, directory: Path, file: str, schema: TableSchema) -> None:
        self.file = file
        self.schema = schema
        self.rows: list[Row] = []
        self.lines: list[int] = []
        self.problems: list[Problem] = []
        self._read(directory / file)

    def report(self, line: int, column: str, value: object, rule: str) -> None:
        """Add a problem of this table."""
        self.problems.append(Problem(self.file, line, column, _shown(value), rule))

    def located(self) -> Iterator[tuple[int, Row]]:
        """Give every row with its line."""
        return zip(self.lines, self.rows, strict=True)

    def _read(self, path: Path) -> None:
        try:
            text = path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return self.report(1, "", "", "the file is missing")
        except UnicodeDecodeError as error:
            return self.report(1, "", f"byte {error.start}", "must be UTF-8 text")
        except OSError as error:
            return self.report(1, "", "", f"cannot be read: {error.strerror}")
        if text.startswith("\ufeff"):
            return self.report(1, "", "\ufeff", "must not begin with a byte order mark")
        return self._parse(text)

    def _parse(self, text: str) -> None:
        # A cell over csv's own limit (131,072 characters) must reach the rule about long cells.
        csv.field_size_limit(len(text) + 1)
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            header = next(reader, [])
            if self._header_fits(header):
                line = reader.line_num
                for cells in reader:
                    self._add(line + 1, cells)
                    line = reader.line_num
        except csv.Error as error:
            self.report(reader.line_num, "", "", f"not CSV: {error}")

    def _header_fits(self, header: list[str]) -> bool:
        expected = [column.name for column in self.schema.columns]
        if header == expected:
            return True
        for name in dict.fromkeys(header):
            if name not in expected:
                self.report(1, name, name, f"unknown column; columns: {', '.join(expected)}")
            elif header.count(name) > 1:
                self.report(1, name, name, "the column stands there more than once")
        for name in expected:
            if name not in header:
                self.report(1, name, "", "the column is missing")
        if not self.problems:
            self.report(1, "", ",".join(header), f"columns must stand as {','.join(expected)}")
        return False

    def _add(self, line: int, cells: list[str]) -> None:
        columns = self.schema.columns
        if len(cells) != len(columns):
            rule = f"must have {len(columns)} cells, has {len(cells)}"
            return self.report(line, "", ",".join(cells), rule)
        row: Row = {}
        for column, text in zip(columns, cells, strict=True):
            try:
                row[column.name] = column.parse(text)
            except CellError as error:
                self.report(line, column.name, text, str(error))
        if len(row) == len(columns):
            self.rows.append(row)
            self.lines.append(line)
        return None


class Dataset:
    """The tables of one folder, read when asked for.

    Parameters
    ----------
    directory
        The folder with datapackage.json, the CSV tables and references.bib.
    """

    def __init__(self, directory: Path = DATA) -> None:
        self.directory = directory
        self.files_read: set[str] = set()
        self._tables: dict[str, Table] = {}

    @cached_property
    def schemas(self) -> dict[str, TableSchema]:
        """The schema of every table, by name."""
        self.files_read.add("datapackage.json")
        return load_schemas(self.directory)

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The sources of references.bib, by key."""
        self.files_read.add("references.bib")
        return load_sources(self.directory / "references.bib")

    def table(self, name: str) -> Table:
        """Return one table with its problems.

        Parameters
        ----------
        name
            A name of datapackage.json, or ``architectures/<architecture>``.
        """
        if name not in self._tables:
            schema = self.schemas[ARCHITECTURES if name.startswith(ARCHITECTURES) else name]
            file = f"{name}.csv"
            self.files_read.add(file)
            self._tables[name] = Table(self.directory, file, schema)
        return self._tables[name]

    def rows(self, name: str) -> list[Row]:
        """Return the rows of one table.

        Raises
        ------
        DataError
            If the table has problems: all of them, one a line.
        """
        table = self.table(name)
        if table.problems:
            raise DataError("\n".join(str(problem) for problem in table.problems))
        return table.rows

    def frame(self, name: str) -> pd.DataFrame:
        """Return one table as a data frame; dates as timestamps, empty cells as missing."""
        frame = pd.DataFrame(self.rows(name), columns=[c.name for c in self.schemas[name].columns])
        for column in self.schemas[name].columns:
            if column.type == "date":
                frame[column.name] = pd.to_datetime(frame[column.name])
            elif column.type == "number":
                frame[column.name] = frame[column.name].astype("float64")
        return frame

    def layers(self, architecture: str) -> list[layers.Layer]:
        """Return the layers of one architecture, in the order of its table."""
        return [_layer(row) for row in self.rows(f"{ARCHITECTURES}/{architecture}")]

    def architectures(self) -> list[str]:
        """Return the names of the layer tables there are, sorted."""
        return sorted(path.stem for path in (self.directory / ARCHITECTURES).glob("*.csv"))

    def files(self) -> list[str]:
        """Return every file that makes up the dataset, relative to its folder, sorted."""
        named = [f"{name}.csv" for name in self.schemas if name != ARCHITECTURES]
        tables = [f"{ARCHITECTURES}/{name}.csv" for name in self.architectures()]
        return sorted([*named, *tables, "datapackage.json", "references.bib"])

    def sha256(self) -> str:
        """Return one checksum of all files, names and bytes."""
        digest = hashlib.sha256()
        for file in self.files():
            content = (self.directory / file).read_bytes()
            digest.update(f"{file}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


def open_dataset(directory: Path = DATA) -> Dataset:
    """Open a folder of tables after checking all of it.

    Raises
    ------
    DataError
        If anything is wrong: every problem, one a line.
    """
    problems = check(directory)
    if problems:
        raise DataError("\n".join(str(problem) for problem in problems))
    return Dataset(directory)


def check(directory: Path = DATA) -> list[Problem]:
    """Return every problem of a folder of tables, sorted by file and line.

    Raises
    ------
    DataError
        If datapackage.json itself cannot be read, so that nothing can be checked.
    """
    from aicompute.rules import cross_table_problems

    dataset = Dataset(directory)
    names = [name for name in dataset.schemas if name != ARCHITECTURES]
    names += [f"{ARCHITECTURES}/{name}" for name in dataset.architectures()]
    problems = [problem for name in names for problem in dataset.table(name).problems]
    return sorted(set(problems + list(cross_table_problems(dataset))))


def load_rows(rows: Iterable[Row], **wanted: Any) -> list[Row]:
    """Return the rows whose cells equal what is wanted."""
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def _layer(row: Row) -> layers.Layer:
    given = {name: value for name, value in row.items() if name != "note" and value is not None}
    return layers.Layer(**given)  # type: ignore[arg-type]


def _shown(value: object) -> str:
    return "" if value is None else str(value)
