"""What data/datapackage.json says of the tables: columns, types, limits, and what breaks them."""

from __future__ import annotations

import datetime
import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from aicompute.dataset import cell_text
from aicompute.errors import DataError

#: Far beyond any quantity here, and so far from a float's own ends that products stay finite.
LARGEST, SMALLEST = 1e30, 1e-30
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Cell = str | float | int | bool | datetime.date | None


class CellError(ValueError):
    """A cell breaks a rule of its column; the message is the rule."""


@dataclass(frozen=True)
class Column:
    """One column of a table: its name, type, unit, meaning and limits."""

    name: str
    type: str
    unit: str
    meaning: str
    constraints: dict[str, Any]

    @property
    def required(self) -> bool:
        """Whether an empty cell is refused."""
        return bool(self.constraints.get("required", False))

    def parse(self, text: str) -> Cell:
        """Turn a cell's text into its value; None where it is empty.

        Raises
        ------
        CellError
            If the text breaks a rule of the column.
        """
        if text == "":
            if self.required:
                raise CellError("must not be empty")
            return None
        if rule := cell_text.broken_rule(text, formula_free=self.type == "string"):
            raise CellError(rule)
        value = _PARSERS[self.type](text)
        self._limit(value, text)
        return value

    def allowed(self) -> str:
        """Say in words which values the column takes."""
        parts = [f"{_WORDS[key]} {_listed(self.constraints[key])}"
                 for key in _WORDS if key in self.constraints]
        parts += ["required"] if self.required else []
        parts += ["unique"] if self.constraints.get("unique") else []
        return "; ".join(parts)

    def _limit(self, value: Cell, text: str) -> None:
        for key, broken in _LIMITS.items():
            if key in self.constraints and broken(value, text, self.constraints[key]):
                raise CellError(f"must be {_WORDS[key]} {_listed(self.constraints[key])}")


@dataclass(frozen=True, eq=False)
class TableSchema:
    """One table: its file pattern, columns, key and references to other tables.

    Two are the same only if they are one: what is kept of a table is kept by its schema.
    """

    name: str
    path: str
    title: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[tuple[str, str, str], ...]

    def column(self, name: str) -> Column:
        """Return one column by name."""
        return next(column for column in self.columns if column.name == name)


def load_schemas(directory: Path) -> dict[str, TableSchema]:
    """Read datapackage.json of a data folder.

    Raises
    ------
    DataError
        If the file is missing, no JSON, or lacks what a table needs.
    """
    path = directory / "datapackage.json"
    try:
        return dict(_schemas(path.read_bytes()))
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise DataError(f"{path.name}: not a data package: {reason}") from None


@lru_cache(maxsize=8)
def _schemas(content: bytes) -> dict[str, TableSchema]:
    """The schemas of one data package, the same ones for the same content."""
    package = json.loads(content.decode("utf-8"))
    return {r["name"]: _table(r) for r in package["resources"]}


def expanded_package(directory: Path) -> dict[str, Any]:
    """The data package with one resource for every file, where its own has a pattern.

    The repository's descriptor names the layer tables by a pattern, so that a new one needs no
    entry; a reader's tools want every file by its name.
    """
    package: dict[str, Any] = json.loads((directory / "datapackage.json").read_text("utf-8"))
    resources = []
    for resource in package["resources"]:
        paths = sorted(path.relative_to(directory) for path in directory.glob(resource["path"]))
        for path in paths:
            name = path.stem if len(paths) == 1 else f"{resource['name']}-{path.stem}"
            resources.append({**resource, "name": name, "path": path.as_posix()})
    return {**package, "resources": resources}


def _table(resource: dict[str, Any]) -> TableSchema:
    schema = resource["schema"]
    return TableSchema(
        name=resource["name"],
        path=resource["path"],
        title=resource["title"],
        description=resource["description"],
        columns=tuple(_column(field) for field in schema["fields"]),
        key=tuple(schema["primaryKey"]),
        references=tuple(
            (key["fields"][0], key["reference"]["resource"], key["reference"]["fields"][0])
            for key in schema.get("foreignKeys", [])
        ),
    )


def _column(field: dict[str, Any]) -> Column:
    if field["type"] not in _PARSERS:
        raise KeyError(f"column type {field['type']}")
    return Column(
        name=field["name"],
        type=field["type"],
        unit=field.get("unit", ""),
        meaning=field["description"],
        constraints=field.get("constraints", {}),
    )


def _parse_number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise CellError("must be a number such as 0.33 or 1.2e6 (no thousands separator)")
    value = float(text)
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise CellError(f"must be at most {LARGEST:g} in size")
    if abs(value) < SMALLEST and re.search("[1-9]", text.lower().split("e")[0]):
        raise CellError(f"must be 0 or at least {SMALLEST:g} in size")
    return value


def _parse_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise CellError("must be a whole number of at most 18 digits")
    return int(text)


def _parse_date(text: str) -> datetime.date:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise CellError("must be a date YYYY-MM-DD") from None


def _parse_boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise CellError("must be true or false")
    return text == "true"


def _as_date(limit: str) -> datetime.date:
    return datetime.date.fromisoformat(limit)


def _below(value: Any, limit: Any) -> bool:
    return bool(value < (_as_date(limit) if isinstance(value, datetime.date) else limit))


def _above(value: Any, limit: Any) -> bool:
    return bool(value > (_as_date(limit) if isinstance(value, datetime.date) else limit))


def _listed(limit: Any) -> str:
    return ", ".join(str(item) for item in limit) if isinstance(limit, list) else str(limit)


_PARSERS: dict[str, Any] = {
    "string": str,
    "number": _parse_number,
    "integer": _parse_integer,
    "date": _parse_date,
    "boolean": _parse_boolean,
}

_WORDS = {
    "enum": "one of",
    "pattern": "of the form",
    "minLength": "of a length of at least",
    "maxLength": "of a length of at most",
    "exclusiveMinimum": "above",
    "minimum": "at least",
    "maximum": "at most",
}

_LIMITS: dict[str, Any] = {
    "enum": lambda value, text, limit: value not in limit,
    "pattern": lambda value, text, limit: not re.fullmatch(limit, text),
    "minLength": lambda value, text, limit: len(text) < limit,
    "maxLength": lambda value, text, limit: len(text) > limit,
    "exclusiveMinimum": lambda value, text, limit: _below(value, limit) or value == limit,
    "minimum": lambda value, text, limit: _below(value, limit),
    "maximum": lambda value, text, limit: _above(value, limit),
}
