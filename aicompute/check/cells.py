"""Files and their cells, each by itself: against datapackage.json, and for what no reader sees."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aicompute.check.problem import Problem
from aicompute.places import DATA
from aicompute.tables import ARCHITECTURES

PACKAGE = "datapackage.json"
#: No file of tables comes near this size, bytes; one without end would be read for ever.
LARGEST_FILE = 5_000_000
MAX_CHARACTERS = 2_000
#: Far beyond any quantity here, and so far from a float's own ends that products stay finite.
LARGEST, SMALLEST = 1e30, 1e-30
#: What a spreadsheet would run; the last four signs are what East Asian keyboards write.
_FORMULA = re.compile(r"(?:^|;)\s*[=+\-@＝＋－＠].")  # noqa: RUF001
_WORDS = {
    "required": "must not be empty", "unique": "stands already in this column",
    "pattern": "must be of the form {}", "enum": "must be one of {}",
    "minimum": "must be at least {}", "maximum": "must be at most {}",
    "exclusiveMinimum": "must be above {}", "maxLength": "must have at most {} characters",
    "minLength": "must have at least {} characters",
}


def files(folder: Path) -> list[Path]:
    """The tables of a folder, those of layers last."""
    return [*sorted(folder.glob("*.csv")), *sorted((folder / ARCHITECTURES).glob("*.csv"))]


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
            resources.append({**resource, "name": name, "path": path.as_posix()})
    return {**package, "resources": resources}


def unreadable(folder: Path) -> Iterator[Problem]:
    """Files that are none, too large, or no text: nothing else can be said of them."""
    for path in [folder / PACKAGE, folder / "references.bib", *files(folder)]:
        file = path.relative_to(folder).as_posix()
        if path.exists() and not path.is_file():
            yield Problem(file, 1, "", "", "must be an ordinary file")
        elif not path.is_file():
            yield Problem(file, 1, "", "", "cannot be read: No such file or directory")
        elif path.stat().st_size > LARGEST_FILE:
            yield Problem(file, 1, "", "", f"must have at most {LARGEST_FILE:,} bytes")
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
    own = json.loads((DATA / PACKAGE).read_text(encoding="utf-8"))
    try:
        given = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
        theirs = {resource["name"]: resource for resource in given["resources"]}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        text = " ".join(str(error).split())
        yield Problem(PACKAGE, getattr(error, "lineno", 1), "", "", f"not a data package: {text}")
        return
    for ours in own["resources"]:
        name = ours["name"]
        if name not in theirs:
            yield Problem(PACKAGE, 1, "name", name, "the table is missing")
        elif theirs[name].get("schema") != ours["schema"]:
            yield Problem(PACKAGE, 1, f"{name}.schema", "", "must be as in the report's own")
    for name in theirs.keys() - {resource["name"] for resource in own["resources"]}:
        yield Problem(PACKAGE, 1, "name", str(name), "is no table of this report")


def broken_cells(folder: Path) -> Iterator[Problem]:
    """What frictionless finds: cells against the schema, keys, references between tables."""
    # Reading it takes a quarter of a second, which a command that checks nothing can do without.
    from frictionless import Package, system

    with system.use_context(trusted=True):
        package = Package.from_descriptor(expanded_package(folder), basepath=str(folder))
        report = package.validate()
    for task in report.tasks:
        for error in task.errors:
            line = getattr(error, "row_number", None) or 1
            column = getattr(error, "field_name", None) or ""
            value = getattr(error, "cell", None)
            yield Problem(str(task.place), line, column, "" if value is None else str(value),
                          _rule(error))
    for error in report.errors:
        yield Problem(PACKAGE, 1, "", "", error.message)


def _rule(error: Any) -> str:
    """The rule a cell breaks, in the words of this report."""
    constraint = re.match(r'constraint "(\w+)" is "(.*)"', error.note or "")
    if constraint and constraint[1] in _WORDS:
        return _WORDS[constraint[1]].format(constraint[2].strip("[]").replace("'", ""))
    words = {
        "extra-cell": "the row has a cell too many", "missing-cell": "the row has a cell too few",
        "blank-row": "the row is empty", "type-error": f"must be of the {error.note}",
        "primary-key": f"the key stands twice, {error.note}",
        "extra-label": "is no column of this table", "missing-label": "the column is missing",
    }
    return words.get(error.type, f"{error.type.replace('-', ' ')}: {error.note or error.message}")


def odd_texts(folder: Path) -> Iterator[Problem]:
    """Cells with what no reader can see, or a program would run; numbers beyond any quantity."""
    for path in files(folder):
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            for row in reader:
                for column, text in row.items():
                    if not isinstance(text, str):
                        continue  # a cell too many or too few is told elsewhere
                    rule = text_rule(text)
                    if rule:
                        name = path.relative_to(folder).as_posix()
                        yield Problem(name, reader.line_num, str(column), text, rule)


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
