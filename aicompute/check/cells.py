"""Files and their cells, each by itself: against datapackage.json, and for what no reader sees."""

from __future__ import annotations

import csv
import json
import operator
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from aicompute.check.problem import Problem
from aicompute.tables import DATA, package

PACKAGE = "datapackage.json"
#: No file of tables comes near this size, bytes; one without end would be read for ever.
LARGEST_FILE, LARGEST_DESCRIPTOR = 5_000_000, 1_000_000
MAX_CHARACTERS = 2_000
#: Far beyond any quantity here, and so far from a float's own ends that products stay finite.
LARGEST, SMALLEST = 1e30, 1e-30
#: What a spreadsheet would run; the last four signs are what East Asian keyboards write.
_FORMULA = re.compile(r"(?:^|;)\s*[=+\-@＝＋－＠].")  # noqa: RUF001
_FILE_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
#: What a constraint asks of a cell, and whether one as read breaks it.
_CONSTRAINTS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "pattern": ("must be of the form {}", lambda text, form: not re.fullmatch(form, text)),
    "enum": ("must be one of {}", lambda value, allowed: value not in allowed),
    "minimum": ("must be at least {}", operator.lt),
    "maximum": ("must be at most {}", operator.gt),
    "exclusiveMinimum": ("must be above {}", operator.le),
    "maxLength": ("must have at most {} characters", lambda text, most: len(text) > most),
    "minLength": ("must have at least {} characters", lambda text, least: len(text) < least),
}
_TRUTH = dict.fromkeys(("true", "True", "TRUE", "1"), True) | dict.fromkeys(
    ("false", "False", "FALSE", "0"), False)
#: How a cell of each type is read, and what one must be that cannot.
_TYPES: dict[str, tuple[Callable[[str], Any], str]] = {
    "number": (lambda text: float(_digits(text)),
               "must be a number, with a point and without thousands separators"),
    "integer": (lambda text: int(_digits(text)), "must be a whole number, 2 and not 2.0"),
    "boolean": (_TRUTH.__getitem__, "must be true or false"),
    "date": (lambda text: datetime.strptime(text, "%Y-%m-%d"),  # noqa: DTZ007 (a day has no zone)
             "must be a date, year-month-day"),
    "string": (str, ""),
}
#: Other programs guess how a table is written; these are written in one way.
_DIALECT = {"csv": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True,
                    "skipInitialSpace": False}}


def files(folder: Path) -> dict[str, dict[str, Any]]:
    """The tables of a folder, relative to it, each with its schema."""
    found: dict[str, dict[str, Any]] = {}
    for resource in package(DATA)["resources"]:
        paths = sorted(path.relative_to(folder).as_posix()
                       for path in folder.glob(resource["path"]))
        # A table that is missing is told of as one that cannot be read.
        found |= dict.fromkeys(paths or [resource["path"]], resource["schema"])
    return found


def expanded_package(folder: Path) -> dict[str, Any]:
    """The data package with one resource for every file, where its own has a pattern.

    The report's descriptor names the layer tables by a pattern, so that a new one needs no entry;
    a reader's tools want every file by its name.
    """
    resources = []
    for resource in package(folder)["resources"]:
        paths = sorted(path.relative_to(folder) for path in folder.glob(resource["path"]))
        for path in paths:
            name = path.stem if len(paths) == 1 else f"{resource['name']}-{path.stem}"
            resources.append({**resource, "name": name, "path": path.as_posix(),
                              "dialect": _DIALECT})
    return {**package(folder), "resources": resources}


def unreadable(folder: Path) -> Iterator[Problem]:
    """Files that are none, too large, or no text: nothing else can be said of them."""
    for file in [PACKAGE, "references.bib", *files(folder)]:
        path = folder / file
        most = LARGEST_DESCRIPTOR if file == PACKAGE else LARGEST_FILE
        if not path.exists():
            yield Problem(file, 1, "", "", "the file is missing")
        elif not path.is_file():
            yield Problem(file, 1, "", "", "must be an ordinary file")
        elif path.stat().st_size > most:
            yield Problem(file, 1, "", "", f"must have at most {most:,} bytes")
        else:
            content = path.read_bytes()
            if content.startswith(b"\xef\xbb\xbf"):
                rule = "must not begin with a byte order mark: save it as plain UTF-8"
                yield Problem(file, 1, "", "", rule)
            try:
                content.decode("utf-8")
            except UnicodeDecodeError as error:
                line = 1 + content.count(b"\n", 0, error.start)
                yield Problem(file, line, "", ascii(content[error.start:error.end]),
                              "must be UTF-8 text")


def descriptor_problems(folder: Path) -> Iterator[Problem]:
    """A folder's descriptor must say of the tables what the report's own says."""
    try:
        given = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
        theirs = {resource["name"]: resource for resource in given["resources"]}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        text = " ".join(str(error).split())
        yield Problem(PACKAGE, getattr(error, "lineno", 1), "", "", f"not a data package: {text}")
        return
    ours = {resource["name"]: resource for resource in package(DATA)["resources"]}
    for name, resource in ours.items():
        if name not in theirs:
            yield Problem(PACKAGE, 1, "name", name, "the table is missing")
            continue
        for part in ("path", "schema"):
            if theirs[name].get(part) != resource[part]:
                yield Problem(PACKAGE, 1, f"{name}.{part}", "", "must be as in the report's own")
    for name in theirs.keys() - ours.keys():
        yield Problem(PACKAGE, 1, "name", str(name), "is no table of this report")


def header_problems(folder: Path) -> Iterator[Problem]:
    """What is wrong with the names of columns, without which no cell can be told from another."""
    for file, schema in files(folder).items():
        if not _FILE_NAME.fullmatch(Path(file).stem):
            yield Problem(file, 1, "", Path(file).stem,
                          f"the file's name must be of the form {_FILE_NAME.pattern}")
        with (folder / file).open(encoding="utf-8", newline="") as lines:
            found = next(csv.reader(lines), [])
        for name, rule in _header_rules(found, [field["name"] for field in schema["fields"]]):
            yield Problem(file, 1, name, name if name in found else "", rule)


def _header_rules(found: list[str], columns: list[str]) -> Iterator[tuple[str, str]]:
    """Names of columns and the rules they break; an empty name stands for the whole line."""
    if not found:
        yield "", "the line with the names of the columns is missing"
    elif len(found) < len(columns) and re.search("[;\t]", "".join(found)):
        yield "", "cells must be divided by commas: export the table as CSV with commas"
    elif found != columns:
        yield from ((n, "is no column of this table") for n in found if n not in columns)
        yield from ((n, "stands more than once") for n in set(found) if found.count(n) > 1)
        yield from ((n, "the column is missing") for n in columns if n not in found)
        if sorted(found) == sorted(columns):
            yield "", f"columns must stand in the order {','.join(columns)}"


def broken_cells(folder: Path) -> Iterator[Problem]:
    """Cells against the schema, keys, references between tables, and what no reader sees."""
    schemas = files(folder)
    tables = {file: list(_rows(folder / file)) for file in schemas}
    for file, schema in schemas.items():
        columns = [field["name"] for field in schema["fields"]]
        for line, row in tables[file]:
            yield from (Problem(file, line, *found) for found in _row_problems(columns, row))
        full = {line: dict(zip(columns, row, strict=True)) for line, row in tables[file]
                if len(row) == len(columns) and any(row)}
        for field in schema["fields"]:
            column = ((line, row[field["name"]]) for line, row in full.items())
            yield from _together([Problem(file, line, field["name"], text, rule)
                                  for line, text in column if (rule := cell_rule(field, text))])
        yield from (Problem(file, *found) for found in _key_problems(schema, full))
        for reference in schema.get("foreignKeys", []):
            (name,), (other,) = reference["fields"], reference["reference"]["fields"]
            target = f"{reference['reference']['resource']}.csv"
            place = [field["name"] for field in schemas[target]["fields"]].index(other)
            known = {"", *(row[place] for _, row in tables[target] if len(row) > place)}
            yield from (Problem(file, line, name, row[name], f"is no {other} of {target}")
                        for line, row in full.items() if row[name] not in known)


def _row_problems(columns: list[str], row: list[str]) -> Iterator[tuple[str, str, str]]:
    """A row of the wrong length, and texts no reader sees: column, value and rule."""
    over = len(row) - len(columns)
    if over > 0:  # its cells stand under other columns than they should
        yield ("", row[-over], "the row has a cell too many; a text with a comma stands in quotes, "
               "and a number has a point, 0.5 and not 0,5")
        return
    if not any(row):
        yield "", "", "the row is empty"
    elif over < 0:
        yield columns[over], "", "the row has a cell too few"
    yield from ((column, text, rule) for column, text in zip(columns, row, strict=False)
                if (rule := text_rule(text)))


def _key_problems(
    schema: dict[str, Any], rows: dict[int, dict[str, str]]
) -> Iterator[tuple[int, str, str, str]]:
    """Rows by line whose key, or a cell that is unique, stands on an earlier line."""
    unique = [[f["name"]] for f in schema["fields"] if f.get("constraints", {}).get("unique")]
    for key in [schema["primaryKey"], *unique]:
        first: dict[tuple[str, ...], int] = {}
        for line, row in rows.items():
            value = tuple(row[name] for name in key)
            before = first.setdefault(value, line)
            if before != line and any(value):
                yield line, " ".join(key), ", ".join(value), f"stands already on line {before}"


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table below its head, each with the line on which it starts."""
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        next(reader)
        line = reader.line_num + 1
        for row in reader:
            yield line, row
            line = reader.line_num + 1


def _together(found: list[Problem]) -> Iterator[Problem]:
    """Whole numbers of a column that another program has written as 2.0 are one problem."""
    written = [p for p in found if "2 and not 2.0" in p.rule and p.value.endswith(".0")]
    if len(written) > 1:
        rule = f"{written[0].rule}: so in {len(written)} rows; pandas writes it thus unless it " \
               "reads the column as Int64"
        yield replace(written[0], rule=rule)
    yield from (p for p in found if len(written) < 2 or p not in written)


def cell_rule(field: dict[str, Any], text: str) -> str:
    """The first rule of its field in the schema that a cell breaks; empty where it breaks none.

    Examples
    --------
    >>> field = {"type": "number", "constraints": {"minimum": 0, "maximum": 1}}
    >>> cell_rule(field, "0,5"), cell_rule(field, "2"), cell_rule(field, "")
    ('must be a number, with a point and without thousands separators', 'must be at most 1', '')
    """
    constraints = field.get("constraints", {})
    if not text:
        return "must not be empty" if constraints.get("required") else ""
    read, rule = _TYPES[field["type"]]
    try:
        value = read(text)
    except (KeyError, ValueError):
        return rule
    for name, limit in constraints.items():
        asked, breaks = _CONSTRAINTS.get(name, ("", lambda value, limit: False))
        if breaks(value, read(str(limit)) if name.lower().endswith("imum") else limit):
            said = limit if isinstance(limit, list) else [limit]
            return asked.format(", ".join(map(str, said)))
    return ""


def _digits(text: str) -> bytes:
    """A number's text, or a ValueError: Python reads more digits, and more between them."""
    return text.encode("ascii").replace(b"_", b"?")


def text_rule(text: str) -> str:
    """The first rule that a text of the data breaks; empty where it breaks none.

    Examples
    --------
    >>> text_rule("=HYPERLINK(A1)")
    'must not begin, or go on after a ;, with = + - or @: a spreadsheet runs a formula'
    >>> text_rule("<b>5 % & more</b>"), text_rule("-0.5"), text_rule("1e40")
    ('', '', 'must be 0 or between 1e-30 and 1e+30 in size')
    """
    try:
        size = abs(float(text))
    except ValueError:
        size = None
    if size is not None:
        sound = size == 0 or SMALLEST <= size <= LARGEST
        return "" if sound else f"must be 0 or between {SMALLEST:g} and {LARGEST:g} in size"
    if len(text) > MAX_CHARACTERS:
        return f"must have at most {MAX_CHARACTERS} characters"
    if any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Cn", "Zl", "Zp") for c in text):
        return "must be one line without control or invisible characters"
    if text != text.strip():
        return "must not begin or end with a space"
    if text and not any(_visible(c) for c in text):
        return "must hold a character that can be seen"
    if _FORMULA.search(text):
        return "must not begin, or go on after a ;, with = + - or @: a spreadsheet runs a formula"
    return ""


def _visible(character: str) -> bool:
    """Whether a character leaves ink: fillers and blanks of some scripts are letters without."""
    blank = re.search("FILLER|BLANK|INVISIBLE|JOINER|INHERENT", unicodedata.name(character, ""))
    return unicodedata.category(character)[0] in "LNPS" and not blank
