"""Files and their cells, each by itself: against datapackage.json, and for what no reader sees."""

import csv
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from aicompute.places import DATA
from aicompute.tables import package

PACKAGE = "datapackage.json"
#: No file of tables comes near this size, bytes; one without end would be read for ever.
LARGEST_FILE = 5_000_000
MAX_CHARACTERS = 2_000
#: Far beyond any quantity here, and so far from a float's own ends that products stay finite.
LARGEST, SMALLEST = 1e30, 1e-30
#: What a spreadsheet would run; the last four signs are what East Asian keyboards write.
_FORMULA = re.compile(r"(?:^|;)\s*[=+\-@＝＋－＠].")  # noqa: RUF001
_FILE_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
#: A broken constraint of a schema in words, and what a cell of a type must be.
_WORDS = {
    "required": "must not be empty", "pattern": "must be of the form {}",
    "enum": "must be one of {}", "minimum": "must be at least {}", "maximum": "must be at most {}",
    "exclusiveMinimum": "must be above {}", "maxLength": "must have at most {} characters",
    "minLength": "must have at least {} characters",
}
_TYPES = {
    "number": "must be a number, with a point and without thousands separators",
    "integer": "must be a whole number, 2 and not 2.0", "boolean": "must be true or false",
    "date": "must be a date, year-month-day",
}
#: Other programs guess how a table is written; these are written in one way.
_DIALECT = {"csv": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True,
                    "skipInitialSpace": False}}

#: The rows of a table, each with the line that it begins on.
Rows = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class Problem:
    """Something wrong in the tables: where, what stands there, and the rule that it breaks."""

    file: str
    line: int
    column: str
    value: str
    rule: str

    def __str__(self) -> str:
        short = self.value if len(self.value) <= 60 else f"{self.value[:57]}..."
        said = f"{self.file}:{self.line}: {self.column}: {short!r}: {self.rule}"
        # A terminal would obey what is not printable.
        return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in said)


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


def _files(folder: Path) -> dict[str, list[str]]:
    """The tables of a folder, relative to it, each with the names of its columns."""
    found: dict[str, list[str]] = {}
    for resource in package(DATA)["resources"]:
        paths = [path.relative_to(folder).as_posix() for path in folder.glob(resource["path"])]
        # A table that is missing is told of as one that cannot be read.
        columns = [field["name"] for field in resource["schema"]["fields"]]
        found |= dict.fromkeys(sorted(paths) or [resource["path"]], columns)
    return found


def unreadable(folder: Path) -> Iterator[Problem]:
    """Files that are none, too large, or no text: nothing else can be said of them."""
    for file in [PACKAGE, "references.bib", *_files(folder)]:
        path = folder / file
        if not path.exists():
            yield Problem(file, 1, "", "", "the file is missing")
        elif not path.is_file():
            yield Problem(file, 1, "", "", "must be an ordinary file")
        elif path.stat().st_size > LARGEST_FILE:
            yield Problem(file, 1, "", "", f"must have at most {LARGEST_FILE:,} bytes")
        else:
            content = path.read_bytes()
            if content.startswith(b"\xef\xbb\xbf"):
                yield Problem(file, 1, "", "",
                              "must not begin with a byte order mark: save it as plain UTF-8")
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
    for name in ours.keys() - theirs.keys():
        yield Problem(PACKAGE, 1, "name", name, "the table is missing")
    for name in theirs.keys() - ours.keys():
        yield Problem(PACKAGE, 1, "name", str(name), "is no table of this report")
    for name in ours.keys() & theirs.keys():
        for part in ("path", "schema"):
            if theirs[name].get(part) != ours[name][part]:
                yield Problem(PACKAGE, 1, f"{name}.{part}", "", "must be as in the report's own")


def header_problems(folder: Path) -> Iterator[Problem]:
    """What is wrong with the names of columns, without which no cell can be told from another."""
    for file, columns in _files(folder).items():
        if not _FILE_NAME.fullmatch(Path(file).stem):
            yield Problem(file, 1, "", Path(file).stem,
                          f"the file's name must be of the form {_FILE_NAME.pattern}")
        with (folder / file).open(encoding="utf-8", newline="") as lines:
            found = next(csv.reader(lines), [])
        for name, rule in _header_rules(found, columns):
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
    """Cells, keys and references that the schema does not allow, and texts that no table may hold.

    Frictionless reads every cell as its field says. Its own check of a package reads the schema
    again for each of fifty files, which takes a second.
    """
    # Reading it takes a while, which a command that checks nothing can do without.
    from frictionless import Schema

    found: list[Problem] = []
    known: dict[tuple[str, str], set[str]] = {}
    for resource in package(DATA)["resources"]:
        schema = Schema.from_descriptor(resource["schema"])
        # A text that stands in many cells is read once.
        readers = [cache(field.create_cell_reader()) for field in schema.fields]
        for path in sorted(folder.glob(resource["path"])):
            rows, file = _rows(path), path.relative_to(folder).as_posix()
            for place, name in enumerate(schema.field_names):
                known[resource["name"], name] = {row[place] for _, row in rows if place < len(row)}
            found += _of_cells(file, rows, schema.fields, readers)
            found += _of_keys(file, rows, schema, known)
    return _together(found)


def _rows(path: Path) -> Rows:
    rows = []
    with path.open(encoding="utf-8", newline="") as lines:
        reader, line = csv.reader(lines), 1
        for row in reader:
            rows.append((line, row))
            line = reader.line_num + 1
    return rows[1:]


def _of_cells(file: str, rows: Rows, fields: list[Any], readers: list[Any]) -> Iterator[Problem]:
    for line, row in rows:
        if not any(row):
            yield Problem(file, line, "", "", "the row is empty")
        elif len(row) < len(fields):
            yield Problem(file, line, fields[len(row)].name, "", "the row has a cell too few")
        elif len(row) > len(fields):
            yield Problem(file, line, "", row[len(fields)],
                          "the row has a cell too many; a text with a comma stands in quotes, "
                          "and a number has a point, 0.5 and not 0,5")
            continue  # its cells stand under other columns than they should
        whole = any(row) and len(row) == len(fields)
        for field, read, text in zip(fields, readers, row, strict=False):
            # Python alone reads 1_0 as 10.
            joined = "_" in text and field.type in ("integer", "number")
            broken = ["type"] if joined else read(text)[1]
            for name in (broken or ()) if whole else ():
                allowed = str(field.constraints.get(name)).strip("[]").replace("'", "")
                rule = _TYPES[field.type] if name == "type" else _WORDS[name].format(allowed)
                yield Problem(file, line, field.name, text, rule)
            if rule := text_rule(text):
                yield Problem(file, line, field.name, text, rule)


def _of_keys(
    file: str, rows: Rows, schema: Any, known: dict[tuple[str, str], set[str]]
) -> Iterator[Problem]:
    """Keys that stand twice, and references to what no row of another table is."""
    places = {name: place for place, name in enumerate(schema.field_names)}
    references = [(foreign["fields"][0], foreign["reference"]["resource"],
                   foreign["reference"]["fields"][0]) for foreign in schema.foreign_keys]
    seen: dict[tuple[str, ...], int] = {}
    for line, row in rows:
        if len(row) != len(places):
            continue
        key = tuple(row[places[name]] for name in schema.primary_key)
        if any(key) and key in seen:
            yield Problem(file, line, " ".join(schema.primary_key), ", ".join(key),
                          f"stands already on line {seen[key]}")
        seen[key] = line
        for name, table, other in references:
            text = row[places[name]]
            if text and text not in known[table, other]:
                yield Problem(file, line, name, text, f"is no {other} of {table}.csv")


def _together(found: list[Problem]) -> Iterator[Problem]:
    """Whole numbers that another program has written as 2.0 are one problem a column."""
    columns = Counter((p.file, p.column) for p in found
                      if p.rule == _TYPES["integer"] and p.value.endswith(".0"))
    told = set()
    for problem in found:
        column = (problem.file, problem.column)
        if columns[column] < 2:
            yield problem
        elif column not in told:
            told.add(column)
            yield replace(problem, rule=f"{problem.rule}: so in {columns[column]} rows; pandas "
                          "writes it thus unless it reads the column as Int64")


@lru_cache(maxsize=10_000)
def text_rule(text: str) -> str:
    """The first rule that a text of the data breaks; empty where it breaks none.

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
