"""Checks a folder of tables: every cell against datapackage.json, then what ties rows together.

Frictionless reads the files and holds each to its schema. Its words for a broken rule become those
of this report: ``file:line: column: value: rule``, a line a problem, all of them.
"""

from __future__ import annotations

import csv
import json
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from aicompute import layers
from aicompute.places import DATA, DATA_VARIABLE
from aicompute.references import source_problems
from aicompute.tables import ARCHITECTURES, SHAPE

PACKAGE = "datapackage.json"
#: No file of tables comes near this size, bytes; one without end would be read for ever.
LARGEST_FILE = 5_000_000
MAX_CHARACTERS = 2_000
#: Far beyond any quantity here, and so far from a float's own ends that products stay finite.
LARGEST, SMALLEST = 1e30, 1e-30
#: What a spreadsheet would run; the last four signs are what East Asian keyboards write.
_FORMULA = re.compile(r"(?:^|;)\s*[=+\-@＝＋－＠].")  # noqa: RUF001
#: What is written where no place in a source is known: a word for none, or signs alone.
_NOWHERE = re.compile(r"none|nil|null|nowhere|unknown|n\W?a\W?|tbd|todo|[\W_]+", re.IGNORECASE)
#: What a claim has to say for its check; without, whatever comes out would fulfil it.
_CHECKED_BY = {
    "equal": ("stated", "result"), "less": ("stated", "result"), "more": ("stated", "result"),
    "range": ("stated_low", "stated_high", "result"), "none": (),
}
_FORMULA_TABLE = {1: "workloads", 2: "chip_time"}
#: The first and the last day a system of a set may be published, where the set is of its years.
_YEARS = {"chart": ("2012-01-01", "2017-12-31"), "modest": ("2012-01-01", "2018-05-16"),
          "before_2012": ("1900-01-01", "2012-05-31"), "later": ("2018-01-01", "2100-12-31")}
_WORDS = {
    "required": "must not be empty", "unique": "stands already in this column",
    "pattern": "must be of the form {}", "enum": "must be one of {}",
    "minimum": "must be at least {}", "maximum": "must be at most {}",
    "exclusiveMinimum": "must be above {}", "maxLength": "must have at most {} characters",
    "minLength": "must have at least {} characters",
}


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
        shown = short if short.isprintable() else repr(short)[1:-1]
        return f"{self.file}:{self.line}: {self.column}: {shown!r}: {self.rule}"


def problems(folder: Path = DATA) -> list[Problem]:
    """Everything wrong in a folder of tables, by file and line; empty where all is sound."""
    found = list(_unreadable(folder))
    if not found:
        found = list(_descriptor_problems(folder))
    if not found:
        found = [*_broken_cells(folder), *_odd_texts(folder)]
    if not found:
        found = list(_across(folder))
    found += [Problem("references.bib", *problem)
              for problem in source_problems(folder / "references.bib")]
    return sorted(dict.fromkeys(found), key=lambda p: (p.file, p.line, p.column))


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


def _unreadable(folder: Path) -> Iterator[Problem]:
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


def _descriptor_problems(folder: Path) -> Iterator[Problem]:
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


def _broken_cells(folder: Path) -> Iterator[Problem]:
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


def _odd_texts(folder: Path) -> Iterator[Problem]:
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


def _across(folder: Path) -> Iterator[Problem]:
    """What takes more than one cell to see; the cells by themselves are sound."""
    from aicompute.tables import architectures, package, table

    before = os.environ.get(DATA_VARIABLE)
    os.environ[DATA_VARIABLE] = str(folder.absolute())
    try:
        names = [r["name"] for r in package()["resources"] if r["name"] != ARCHITECTURES]
        tables = {name: table(name) for name in names}
        for name, rows in tables.items():
            yield from _within_rows(f"{name}.csv", rows)
        yield from _unknown_sources(tables)
        yield from _system_problems(tables)
        yield from _workload_problems(tables["workloads"], architectures())
        yield from _claim_problems(tables["claims"])
        yield from _chip_problems(tables)
        for name in architectures():
            yield from _layer_problems(name)
    finally:
        if before is None:
            del os.environ[DATA_VARIABLE]
        else:
            os.environ[DATA_VARIABLE] = before


def _at(rows: pd.DataFrame) -> Iterable[tuple[int, dict[str, Any]]]:
    """Every row with the line it stands on."""
    return enumerate(rows.to_dict("records"), start=2)


def _within_rows(file: str, rows: pd.DataFrame) -> Iterator[Problem]:
    stems = [n.removesuffix("_low") for n in rows if n.endswith("_low")]
    for line, row in _at(rows):
        for stem in stems:
            ends = [n for n in (f"{stem}_low", stem, f"{stem}_high")
                    if n in row and not pd.isna(row[n])]
            for one, other in zip(ends, ends[1:], strict=False):
                if row[one] > row[other]:
                    rule = f"must be at most {other}, which is {row[other]:g}"
                    yield Problem(file, line, one, f"{row[one]:g}", rule)
        guesses = row.get("guessed")
        for name in guesses.split() if isinstance(guesses, str) else []:
            if name not in row:
                yield Problem(file, line, "guessed", name, f"is no column of {file}")
            elif pd.isna(row[name]):
                yield Problem(file, line, "guessed", name, "names a column that is empty here")
        place = row.get("source_place")
        if isinstance(place, str) and _NOWHERE.fullmatch(place):
            yield Problem(file, line, "source_place", place,
                          "must say where in the source: section, table, figure, page")


def _unknown_sources(tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    from aicompute.references import sources

    known = sources()
    for name, rows in tables.items():
        for line, row in _at(rows) if "source_key" in rows else []:
            if isinstance(row["source_key"], str) and row["source_key"] not in known:
                yield Problem(f"{name}.csv", line, "source_key", row["source_key"],
                              "is no key of references.bib")


def _system_problems(tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    published = tables["published"]
    plotted = set(published.loc[published["kind"] == "plotted", "system_id"])
    seen: dict[str, int] = {}
    for line, row in _at(tables["systems"]):
        first, last = (pd.Timestamp(day) for day in _YEARS[row["set"]])
        if not first <= row["published"] <= last:
            yield Problem("systems.csv", line, "set", row["set"],
                          f"must be published from {first:%Y-%m-%d} to {last:%Y-%m-%d} for that")
        if row["name"] in seen:
            yield Problem("systems.csv", line, "name", row["name"],
                          f"stands already on line {seen[row['name']]}; tell the two apart")
        seen.setdefault(row["name"], line)
        methods = {basis: row[f"{basis}_method"] for basis in ("article", "recount")}
        known = row["system_id"] in plotted or any(pd.notna(m) for m in methods.values())
        if row["set"] == "chart" and not known:
            yield Problem("systems.csv", line, "set", "chart",
                          "a chart system needs a plotted value in published.csv or a formula")
        for basis, method in methods.items():
            if pd.isna(method):
                continue
            name = _FORMULA_TABLE[int(method)]
            rows = tables[name]
            if not ((rows["system_id"] == row["system_id"]) & (rows["basis"] == basis)).any():
                yield Problem("systems.csv", line, f"{basis}_method", str(int(method)),
                              f"{name}.csv has no {basis} row of {row['system_id']}")


def _workload_problems(workloads: pd.DataFrame, networks: list[str]) -> Iterator[Problem]:
    from aicompute.methods import counted_multiply_adds

    for line, row in _at(workloads):
        network, printed = row["architecture"], row["multiply_adds"]
        if pd.isna(network) == pd.isna(printed):
            yield Problem("workloads.csv", line, "multiply_adds",
                          "" if pd.isna(printed) else f"{printed:g}",
                          "give either architecture or multiply_adds")
        elif isinstance(network, str) and network not in networks:
            yield Problem("workloads.csv", line, "architecture", network,
                          f"there is no {ARCHITECTURES}/{network}.csv")
        elif isinstance(network, str):
            count = counted_multiply_adds(network)
            for end, wrong in (("low", row["multiply_adds_low"] > count),
                               ("high", row["multiply_adds_high"] < count)):
                if wrong:
                    yield Problem("workloads.csv", line, f"multiply_adds_{end}",
                                  f"{row[f'multiply_adds_{end}']:g}",
                                  f"must leave room for {count}, which {network}.csv counts")


def _claim_problems(claims: pd.DataFrame) -> Iterator[Problem]:
    for line, row in _at(claims):
        for name in _CHECKED_BY[row["check"]]:
            if pd.isna(row[name]):
                yield Problem("claims.csv", line, name, "",
                              f"must not be empty where check is {row['check']}")


def _chip_problems(tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Ratings and dates that cannot be: a boost below the base, a chip used before its release."""
    chips = tables["chips"]
    for line, row in _at(chips):
        base, boost = row["base_tflop_per_second"], row["boost_tflop_per_second"]
        if base > boost:
            yield Problem("chips.csv", line, "boost_tflop_per_second", f"{boost:g}",
                          f"must be at least base_tflop_per_second, which is {base:g}")
    released = chips.set_index("chip_id")["released"]
    published = tables["systems"].set_index("system_id")["published"]
    for line, row in _at(tables["chip_time"]):
        if released[row["chip_id"]] > published[row["system_id"]]:
            yield Problem("chip_time.csv", line, "chip_id", row["chip_id"],
                          f"was released on {released[row['chip_id']]:%Y-%m-%d}, after "
                          f"{row['system_id']} was published")


def _layer_problems(name: str) -> Iterator[Problem]:
    from aicompute.tables import architecture

    file = f"{ARCHITECTURES}/{name}.csv"
    rows = [layers.layer_of(row) for row in architecture(name).to_dict("records")]
    if not rows:
        yield Problem(file, 1, "", "", "must have at least one layer")
    found = [(line, *problem) for line, row in enumerate(rows, start=2)
             for problem in layers.check_layer(row)]
    found = found or [(place + 2, column, rule)
                      for place, column, rule in layers.check_sequence(rows)]
    for line, column, rule in found:
        shown = getattr(rows[line - 2], column, "") if column in (*SHAPE, "kind", "input") else ""
        yield Problem(file, line, column, str(shown), rule)
