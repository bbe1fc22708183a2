"""One CSV table: its rows with the line each stands on, and every problem of reading it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from aicompute.dataset import cell_text
from aicompute.dataset.cell_text import UNDECODED
from aicompute.dataset.schema import Cell, CellError, Column, TableSchema

Row = dict[str, Cell]

LONGEST_NAME = 120
#: One cell as RFC 4180 has it, with what ends it.
_CELL = re.compile(r'(?:"(?:[^"]|"")*+"|[^",\r\n]*+)(?:,|\r\n|\n|\r|\Z)')
#: What is left of one whose quotes are misplaced.
_TORN_CELL = re.compile(r"([^,\r\n]*+)(?:,|\r\n|\n|\r|\Z)")
_LINE_END = re.compile(r"\r\n|\n|\r")
_BYTE_ORDER_MARK = "\ufeff"


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
        if text.startswith(_BYTE_ORDER_MARK):
            self.report(1, "", _BYTE_ORDER_MARK, "must not begin with a byte order mark")
            text = text.removeprefix(_BYTE_ORDER_MARK)
        sound, misplaced = _without_misplaced_quotes(text)
        columns = self._parse(sound)
        for line, index, cell in misplaced if any(columns) else misplaced[:1]:
            column = columns[index] if index < len(columns) else None
            self.report(line, column.name if column else "", cell,
                        "not CSV: a quote stands in a quoted cell alone, and doubled")
        bad = cell_text.UNDECODED_MARK.search(text)
        if bad and not any(UNDECODED in problem.rule for problem in self.problems):
            self.report(_lines(text[:bad.start()]) + 1, "", ascii(bad[0]), UNDECODED)

    def _parse(self, text: str) -> list[Column | None]:
        """Take in header and rows; return the columns, None for one that is not known by name."""
        # A cell over csv's own limit (131,072 characters) must reach the rule about long cells. The
        # limit is one for all that read CSV in this process, and must not fall.
        csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        columns: list[Column | None] = []
        try:
            header = next(reader, [])
            self.readable = self._header_fits(header)
            known = {c.name: c for c in self.schema.columns if header.count(c.name) == 1}
            columns = [known.get(name) for name in header]
            # Under a header at fault what is wrong with a cell is said all the same.
            line = reader.line_num
            for cells in reader if known else ():
                self._add(line + 1, columns, cells)
                line = reader.line_num
        except csv.Error as error:
            self.report(reader.line_num, "", "", f"not CSV: {error}")
        return columns

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

    def _add(self, line: int, columns: list[Column | None], cells: list[str]) -> None:
        row: Row = {}
        if len(cells) == len(columns):
            for column, text in zip(columns, cells, strict=True):
                if column is not None:
                    self._add_cell(row, line, column, text)
        elif self.readable:
            rule = f"must have {len(columns)} cells, has {len(cells)}"
            self.report(line, "", ",".join(cells), rule)
        if len(row) == len(self.schema.columns):
            self.rows.append(row)
            self.lines.append(line)
        else:
            self.broken.append(row)

    def _add_cell(self, row: Row, line: int, column: Column, text: str) -> None:
        try:
            row[column.name] = column.parse(text)
        except CellError as error:
            self.report(line, column.name, text, str(error))


def _without_misplaced_quotes(text: str) -> tuple[str, list[tuple[int, int, str]]]:
    """A text less the quotes of cells that are not as CSV has them, and which cells those are.

    Returns
    -------
    tuple
        The text; line, place in its row and text of every such cell.
    """
    cells, misplaced = [], []
    place, line, index = 0, 1, 0
    while place < len(text):
        cell = _CELL.match(text, place)
        if cell is None:
            cell = _TORN_CELL.match(text, place)
            assert cell is not None, "it matches anything"
            misplaced.append((line, index, cell[1]))
        cells.append(cell[0] if cell.re is _CELL else cell[0].replace('"', ""))
        index = index + 1 if cell[0].endswith(",") else 0
        line += _lines(cell[0])
        place = cell.end()
    return "".join(cells), misplaced


def _lines(text: str) -> int:
    return len(_LINE_END.findall(text))


def _shown(value: object) -> str:
    return "" if value is None else str(value)
