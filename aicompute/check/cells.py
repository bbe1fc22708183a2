"""Files and their cells, each by itself: against datapackage.json, and for what no reader sees."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from aicompute.check.problem import Problem
from aicompute.places import DATA

PACKAGE = "datapackage.json"
#: No file of tables comes near this size, bytes; one without end would be read for ever.
LARGEST_FILE, LARGEST_DESCRIPTOR = 5_000_000, 1_000_000
MAX_CHARACTERS = 2_000
#: Far beyond any quantity here, and so far from a float's own ends that products stay finite.
LARGEST, SMALLEST = 1e30, 1e-30
#: What a spreadsheet would run; the last four signs are what East Asian keyboards write.
_FORMULA = re.compile(r"(?:^|;)\s*[=+\-@＝＋－＠].")  # noqa: RUF001
_FILE_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_WORDS = {
    "required": "must not be empty", "pattern": "must be of the form {}",
    "enum": "must be one of {}", "minimum": "must be at least {}", "maximum": "must be at most {}",
    "exclusiveMinimum": "must be above {}", "maxLength": "must have at most {} characters",
    "minLength": "must have at least {} characters",
}
_TYPES = {
    "number": "a number, with a point and without thousands separators",
    "integer": "a whole number, 2 and not 2.0", "boolean": "true or false",
    "date": "a date, year-month-day",
}
#: Other programs guess how a table is written; these are written in one way.
_DIALECT = {"csv": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True,
                    "skipInitialSpace": False}}


def own_package() -> dict[str, Any]:
    """The report's own data package, which says what a table has to be like."""
    return dict(json.loads((DATA / PACKAGE).read_text(encoding="utf-8")))


def files(folder: Path) -> dict[str, list[str]]:
    """The tables of a folder, relative to it, each with the names of its columns."""
    found: dict[str, list[str]] = {}
    for resource in own_package()["resources"]:
        columns = [field["name"] for field in resource["schema"]["fields"]]
        paths = sorted(path.relative_to(folder).as_posix()
                       for path in folder.glob(resource["path"]))
        # A table that is missing is told of as one that cannot be read.
        found |= {path: columns for path in paths or [resource["path"]]}
    return found


def expanded_package(folder: Path) -> dict[str, Any]:
    """The data package with one resource for every file, where its own has a pattern.

    The report's descriptor names the layer tables by a pattern, so that a new one needs no entry;
    a reader's tools want every file by its name.
    """
    package = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
    resources = []
    for resource in package["resources"]:
        paths = sorted(path.relative_to(folder) for path in folder.glob(resource["path"]))
        for path in paths:
            name = path.stem if len(paths) == 1 else f"{resource['name']}-{path.stem}"
            resources.append({**resource, "name": name, "path": path.as_posix(),
                              "dialect": _DIALECT})
    return {**package, "resources": resources}


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
    ours = {resource["name"]: resource for resource in own_package()["resources"]}
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
    for file, columns in files(folder).items():
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
    """What frictionless finds: cells against the schema, keys, references between tables."""
    # Reading it takes a quarter of a second, which a command that checks nothing can do without.
    from frictionless import Package, system

    with system.use_context(trusted=True):
        package = Package.from_descriptor(expanded_package(folder), basepath=str(folder))
        report = package.validate()
    keys = {r.path: {name: r.schema.field_names.index(name) for name in r.schema.primary_key}
            for r in package.resources}
    yield from _together([problem for task in report.tasks for problem in _of_task(task, keys)])
    for error in report.errors:
        yield Problem(PACKAGE, 1, "", "", " ".join(error.message.split()))


def _of_task(task: Any, keys: dict[str, dict[str, int]]) -> Iterator[Problem]:
    # Cells of a row with one too many stand under other columns than they should.
    uneven: dict[int, Any] = {}
    for error in task.errors:
        if error.type in ("missing-cell", "extra-cell"):
            uneven.setdefault(error.row_number, error)
    # A cell that cannot be read is none to frictionless, so that keys seem to stand twice.
    mistyped = {e.row_number for e in task.errors if e.type == "type-error"}
    for error in task.errors:
        line = getattr(error, "row_number", 0)
        if uneven.get(line, error) is error and not (
                error.type == "primary-key" and line in mistyped):
            yield from _told(str(task.place), keys[str(task.place)], error)


def _together(found: list[Problem]) -> Iterator[Problem]:
    """Whole numbers that another program has written as 2.0 are one problem a column."""
    columns: dict[tuple[str, str], int] = {}
    for problem in found:
        if "2 and not 2.0" in problem.rule and problem.value.endswith(".0"):
            column = (problem.file, problem.column)
            columns[column] = columns.get(column, 0) + 1
    for problem in found:
        rows = columns.get((problem.file, problem.column), 1)
        if rows == 1:
            yield problem
        elif rows:
            columns[problem.file, problem.column] = 0
            yield replace(problem, rule=f"{problem.rule}: so in {rows} rows; pandas writes it thus "
                          "unless it reads the column as Int64")


def _told(file: str, key: dict[str, int], error: Any) -> Iterator[Problem]:
    """An error of frictionless in the words of this report; nothing where another says it."""
    line, note = getattr(error, "row_number", 1), error.note or ""
    value, column = str(getattr(error, "cell", "") or ""), getattr(error, "field_name", "")
    constraint = re.match(r'constraint "(\w+)" is "(.*)"', note)
    place = re.search(r"position (\d+)", note)
    words = {"extra-cell": "the row has a cell too many; a text with a comma stands in quotes, and "
             "a number has a point, 0.5 and not 0,5", "blank-row": "the row is empty",
             "missing-cell": "the row has a cell too few"}
    if error.type in words:
        yield Problem(file, line, column, value, words[error.type])
    elif error.type == "foreign-key":
        (field, *_), (other, *_) = error.field_names, error.reference_field_names
        yield Problem(file, line, field, str(error.field_cells[0]),
                      f"is no {other} of {error.reference_name}.csv")
    elif error.type in ("primary-key", "unique-error"):
        if place:  # else it is a row without a key, whose cells are refused by themselves
            column = column or " ".join(key)
            value = value or ", ".join(str(error.cells[i]) for i in key.values())
            yield Problem(file, line, column, value, f"stands already on line {place[1]}")
    elif error.type == "type-error":
        kind = re.search(r'"(\w+)/', note)
        yield Problem(file, line, column, value, f"must be {_TYPES[kind[1]] if kind else note}")
    elif constraint is None:
        rule = f"{error.type.replace('-', ' ')}: {note or error.message}"
        yield Problem(file, line, column, value, " ".join(rule.split()))
    else:
        allowed = constraint[2].strip("[]").replace("'", "")
        yield Problem(file, line, column, value, _WORDS[constraint[1]].format(allowed))


def odd_texts(folder: Path) -> Iterator[Problem]:
    """Cells with what no reader can see, or a program would run; numbers beyond any quantity."""
    for file, columns in files(folder).items():
        with (folder / file).open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines)
            next(reader)
            line = reader.line_num + 1
            for row in reader:
                # A cell too many or too few is told elsewhere.
                cells = zip(columns, row, strict=False) if len(row) <= len(columns) else ()
                for column, text in cells:
                    if rule := text_rule(text):
                        yield Problem(file, line, column, text, rule)
                line = reader.line_num + 1


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
