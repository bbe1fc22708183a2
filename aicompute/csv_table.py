"""One CSV table: its rows with the line each stands on, and every problem of reading it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from aicompute import cell_text
from aicompute.cell_text import UNDECODED
from aicompute.schema import Cell, CellError, TableSchema

Row = dict[str, Cell]

LONGEST_NAME = 120
#: One cell as RFC 4180 has it, with what ends it.
_CELL = re.compile(r'(?:"(?:[^"]|"")*+"|[^",\r\n]*+)(?:,|\r\n|\n|\r|\Z)')


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
        # What damage has put into a name must not reach the terminal as it is; repr does the same
        # for the value.
        file, column = cell_text.shown(self.file, LONGEST_NAME), cell_text.shown(self.column)
        value = self.value if len(self.value) <= 60 else self.value[:57] + "..."
        return f"{file}:{self.line}: {column}: {value!r}: {self.rule}"


def read_table(directory: Path, file: str, schema: TableSchema) -> Table:
    """Read one CSV file; the same content under the same schema is parsed once."""
    table = Table(file, schema)
    try:
        content = (directory / file).read_bytes()
    except FileNotFoundError:
        table.report(1, "", "", "the file is missing")
    except OSError as error:
        table.report(1, "", "", f"cannot be read: {error.strerror}")
    else:
        return _parsed(file, content, schema).copy()
    return table


@lru_cache(maxsize=256)
def _parsed(file: str, content: bytes, schema: TableSchema) -> Table:
    table = Table(file, schema)
    table.parse(content)
    return table


class Table:
    """The rows of one CSV file with the line each stands on, and the problems of reading it."""

    def __init__(self, file: str, schema: TableSchema) -> None:
        self.file = file
        self.schema = schema
        self.rows: list[Row] = []
        self.lines: list[int] = []
        self.broken: list[Row] = []
        self.problems: list[Problem] = []
        self.readable = False

    def copy(self) -> Table:
        """A table that takes problems of its own; the rows are shared, and nothing alters one."""
        table = Table(self.file, self.schema)
        table.rows, table.lines = list(self.rows), list(self.lines)
        table.broken, table.problems = list(self.broken), list(self.problems)
        table.readable = self.readable
        return table

    @property
    def whole(self) -> bool:
        """Whether every row of the file is among the rows."""
        return self.readable and not self.broken

    def values(self, column: str) -> set[Cell]:
        """Every sound value of a column, those of rows that another cell spoils included."""
        return {row[column] for row in [*self.rows, *self.broken] if column in row}

    def report(self, line: int, column: str, value: object, rule: str) -> None:
        """Add a problem of this table."""
        self.problems.append(Problem(self.file, line, column, _shown(value), rule))

    def located(self) -> Iterator[tuple[int, Row]]:
        """Give every row with its line."""
        return zip(self.lines, self.rows, strict=True)

    def parse(self, content: bytes) -> None:
        """Take in the rows of a file, and what is wrong with it."""
        # A byte that is no UTF-8 becomes a mark that the rules for cells refuse in its place.
        text = content.decode("utf-8", errors="surrogateescape")
        if text.startswith("\ufeff"):
            return self.report(1, "", "\ufeff", "must not begin with a byte order mark")
        misplaced = self._misplaced_quote(text)
        if misplaced is None:
            self._parse(text)
        else:
            self.report(*misplaced, "not CSV: a quote stands in a quoted cell alone, and doubled")
        bad = cell_text.UNDECODED_MARK.search(text)
        if bad and not any(UNDECODED in problem.rule for problem in self.problems):
            self.report(_line(text, bad.start()), "", ascii(bad[0]), UNDECODED)
        return None

    def _misplaced_quote(self, text: str) -> tuple[int, str, str] | None:
        """Line, column and text of the first cell whose quotes are not as CSV has them."""
        place, index = 0, 0
        names = [column.name for column in self.schema.columns]
        while place < len(text):
            cell = _CELL.match(text, place)
            if cell is None:
                start = text[place:place + cell_text.MAX_CHARACTERS].splitlines()[0]
                return _line(text, place), "".join(names[index:index + 1]), start
            index = index + 1 if cell[0].endswith(",") else 0
            place = cell.end()
        return None

    def _parse(self, text: str) -> None:
        # A cell over csv's own limit (131,072 characters) must reach the rule about long cells.
        csv.field_size_limit(len(text) + 1)
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            header = next(reader, [])
            self.readable = self._header_fits(header)
            if self.readable:
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
            self.broken.append({})
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
        else:
            self.broken.append(row)
        return None


def _line(text: str, place: int) -> int:
    return 1 + len(re.findall(r"\r\n|\n|\r", text[:place]))


def _shown(value: object) -> str:
    return "" if value is None else str(value)
