"""Reads and checks the tables against data/datapackage.json.

Every problem is listed, in one go, as ``file:line: column: value: rule``. A :class:`Dataset` reads
a table when it is asked for and remembers which it was asked for, so that the build knows what a
page depends on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aicompute import layers
from aicompute.dataset.csv_table import Problem, Row, Table, read_table
from aicompute.dataset.references import Source, load_sources
from aicompute.dataset.schema import TableSchema, load_schemas
from aicompute.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

DATA = Path(__file__).resolve().parents[2] / "data"
ARCHITECTURES = "architectures"


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
            self._tables[name] = read_table(self.directory, file, schema)
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
        # Half a second of importing, which checking the tables can do without.
        import pandas as pd

        frame = pd.DataFrame(self.rows(name), columns=[c.name for c in self.schemas[name].columns])
        for column in self.schemas[name].columns:
            if column.type == "date":
                frame[column.name] = pd.to_datetime(frame[column.name])
            elif column.type == "number":
                frame[column.name] = frame[column.name].astype("float64")
        return frame

    def layers(self, architecture: str) -> list[layers.Layer]:
        """Return the layers of one architecture, in the order of its table."""
        return [as_layer(row) for row in self.rows(f"{ARCHITECTURES}/{architecture}")]

    def architectures(self) -> list[str]:
        """Return the names of the layer tables there are, sorted."""
        return sorted(path.stem for path in (self.directory / ARCHITECTURES).glob("*.csv"))

    def files(self) -> list[str]:
        """Return every file that makes up the dataset, relative to its folder, sorted."""
        named = [f"{name}.csv" for name in self.schemas if name != ARCHITECTURES]
        tables = [f"{ARCHITECTURES}/{name}.csv" for name in self.architectures()]
        return sorted([*named, *tables, "datapackage.json", "references.bib"])

    def checksums(self) -> dict[str, str]:
        """Return the checksum of every file by its name."""
        return {
            file: hashlib.sha256((self.directory / file).read_bytes()).hexdigest()
            for file in self.files()
        }

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

    Where its datapackage.json is at fault, the tables are checked by the report's own.

    Raises
    ------
    DataError
        If there is no such folder.
    """
    from aicompute.dataset.descriptor import descriptor_problems
    from aicompute.dataset.rules import cross_table_problems

    if not directory.is_dir():
        raise DataError(f"{directory}: is no folder of tables")
    problems = descriptor_problems(directory, DATA)
    dataset = Dataset(directory)
    if problems:
        dataset.schemas = load_schemas(DATA)
    names = [name for name in dataset.schemas if name != ARCHITECTURES]
    names += [f"{ARCHITECTURES}/{name}" for name in dataset.architectures()]
    problems += [problem for name in names for problem in dataset.table(name).problems]
    return sorted(set(problems + list(cross_table_problems(dataset))))


def load_rows(rows: Iterable[Row], **wanted: Any) -> list[Row]:
    """Return the rows whose cells equal what is wanted."""
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def as_layer(row: Row) -> layers.Layer:
    """A row of a layer table as a layer; what is empty keeps its default."""
    given = {name: value for name, value in row.items() if name != "note" and value is not None}
    return layers.Layer(**given)  # type: ignore[arg-type]

