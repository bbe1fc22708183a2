"""One CSV table: its rows with the line each stands on, and every problem of reading it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aicompute.schema import Cell, CellError, TableSchema

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


def _shown(value: object) -> str:
    return "" if value is None else str(value)
