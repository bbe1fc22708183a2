"""Damaged copies of the tables: what can happen to a file on its way through people and programs.

Every damage knows where it was planted, so that a test can hold the message to it. Text columns
take nearly every text: only what no column may hold is planted there.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from aicompute.dataset import ARCHITECTURES, DATA, Dataset
from aicompute.dataset.schema import Column

MILLION = 1_000_000
ANYWHERE = None


@dataclass(frozen=True)
class Damage:
    """New content of some files (None: the file is gone), and where the fault must be found.

    ``file`` empty means that the damage is none: the tables must mean the same. Line, column and
    value are those the message must name; None is for any.
    """

    what: str
    content: dict[str, bytes | None]
    file: str = ""
    line: int | None = ANYWHERE
    column: str | None = ANYWHERE
    value: str | None = ANYWHERE

    def __repr__(self) -> str:
        return f"{self.what} ({self.file}:{self.line}: {self.column}: {(self.value or '')[:40]!r})"


SCHEMAS = Dataset(DATA).schemas
TABLES = [name for name in SCHEMAS if name != ARCHITECTURES]
FILES = [f"{name}.csv" for name in TABLES] + [
    f"{ARCHITECTURES}/{name}.csv" for name in Dataset(DATA).architectures()
]
PACKAGE, SOURCES = "datapackage.json", "references.bib"
CLEAN = {name: (DATA / name).read_bytes() for name in [*FILES, PACKAGE, SOURCES]}
ROWS = {name: list(csv.reader(io.StringIO(CLEAN[name].decode(), newline=""))) for name in FILES}

NOT_NUMBERS = [
    "1,5", "1,000", "1 000", "1\u00a0000", "1e400", "-1e400", "nan", "NaN", "inf", "-inf", "none",
    "many", "0x1F", "1_000", "１２", "٣", "1e", "--1", "1e-400", "1e31", " 5", "5 ", "5\u00a0",
    "9" * 400, "12%", "true", "1/2", "$5", "5\x00", "1" * MILLION, "2012-01-01", "=1+1", "−5",
    "'5", "5.0.0", "½", "1d5", "Infinity",
]
NOT_INTEGERS = [*NOT_NUMBERS, "1.5", "1e3", "9" * 30]
NOT_DATES = [
    "2015-02-30", "2015-13-01", "15-01-01", "01/02/2015", "2015/01/01", "2015-1-1", "0000-00-00",
    "9999-99-99", "9999-12-31", "0001-01-01", "20150101", "2015-W01-1", "２０１５-01-01",
    "tomorrow", "2015-01-01T00:00", "42005", "2015-01-01 ", "nan",
]
NOT_BOOLEANS = ["True", "TRUE", "yes", "1", "0", "wahr", "false ", "null"]
NOT_IDS = [
    "../../etc/passwd", "a b", "a" * 61, "nul\x00", "Über", "-rf", "a/b", "<b>x</b>", "A", "1a",
    "a\\b", "a.b.c!", "%2e%2e", "{number}`x`", "a\nb", "a" * MILLION,
]
NOT_TEXTS = [
    "\x1b[2J", "a\x00b", "a\nb", "a\r\nb", "a\tb", " a", "a ", "\u00a0a", "a\u202eb", "a\u200bb",
    "\ufeffa", "a\u2028b", "a\x85b", "=1+1", "=cmd|' /C calc'!A0", "+1+2", "@SUM(A1)", "-1+2",
    "＝1+1", "a;=1+1", "a; -1+1", "x" * 2_001, "x" * MILLION,
]


def wrong_cells(table: str, column: Column) -> list[str]:
    """Texts that a column must refuse."""
    wrong = {
        "number": NOT_NUMBERS, "integer": NOT_INTEGERS, "date": NOT_DATES, "boolean": NOT_BOOLEANS,
    }.get(column.type, NOT_TEXTS)
    limits = column.constraints
    if column.type in ("number", "integer"):
        wrong = wrong + ["-1"] * ("minimum" in limits or "exclusiveMinimum" in limits)
        wrong = wrong + ["0"] * ("exclusiveMinimum" in limits or limits.get("minimum") == 1)
        wrong = wrong + ["2"] * (limits.get("maximum") == 1)
    if "enum" in limits and column.type == "string":
        wrong = [*wrong, "something else", str(limits["enum"][0]) + "x"]
    if "pattern" in limits:
        wrong = wrong + [t for t in NOT_IDS if not re.fullmatch(limits["pattern"], t)]
    if any(column.name == name for name, *_ in SCHEMAS[table].references):
        wrong = [*wrong, "nothing_of_this_name"]
    if column.name in ("source_key", "architecture"):
        wrong = [*wrong, "nothing_of_this_name"]
    if (table, column.name) == (ARCHITECTURES, "kind"):
        wrong = [*wrong, "konv"]
    if column.name == "guessed":
        wrong = [*wrong, "weather"]
    return wrong + [""] * column.required


def table_of(file: str) -> str:
    """The name of the schema a file is held against."""
    return ARCHITECTURES if file.startswith(ARCHITECTURES) else file.removesuffix(".csv")


def written(rows: list[list[str]], **how: Any) -> bytes:
    """Rows as a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, **{"lineterminator": "\n", **how}).writerows(rows)
    return text.getvalue().encode("utf-8", "surrogateescape")


def with_cells(file: str, cells: dict[tuple[int, int], str]) -> bytes:
    """A file with some cells replaced, by row (0 is the header) and place."""
    rows = [list(row) for row in ROWS[file]]
    for (row, place), text in cells.items():
        rows[row][place] = text
    return written(rows)


@st.composite
def wrong_cell(draw: st.DrawFn) -> Damage:
    """One cell that its column must refuse."""
    table = draw(st.sampled_from(list(SCHEMAS)))
    file = draw(st.sampled_from([f for f in FILES if table_of(f) == table]))
    place = draw(st.integers(0, len(SCHEMAS[table].columns) - 1))
    row = draw(st.integers(1, len(ROWS[file]) - 1))
    column = SCHEMAS[table].columns[place]
    text = draw(st.sampled_from(wrong_cells(table, column)))
    content = {file: with_cells(file, {(row, place): text})}
    return Damage(f"cell {text[:20]!r}", content, file, row + 1, column.name,
                  None if column.name == "guessed" else text)


@st.composite
def header(draw: st.DrawFn) -> Damage:
    """A header that lost, gained, renamed, doubled or moved a column."""
    file = draw(st.sampled_from(FILES))
    rows = [list(row) for row in ROWS[file]]
    place = draw(st.integers(0, len(rows[0]) - 1))
    name = rows[0][place]
    what = draw(st.sampled_from(list(_HEADERS)))
    column = _HEADERS[what](rows, place)
    return Damage(f"header {what}", {file: written(rows)}, file, 1,
                  name if column is None else column)


def _missing(rows: list[list[str]], place: int) -> None:
    for row in rows:
        del row[place]


def _doubled(rows: list[list[str]], place: int) -> None:
    for row in rows:
        row.append(row[place])


def _renamed(rows: list[list[str]], place: int, change: Callable[[str], str]) -> str:
    rows[0][place] = change(rows[0][place])
    return rows[0][place]


def _moved(rows: list[list[str]], place: int) -> str:
    for row in rows:
        row.insert(0 if place else 1, row.pop(place))
    return ""


def _added(rows: list[list[str]], _: int) -> str:
    for row in rows:
        row.append("more")
    return "more"


_HEADERS: dict[str, Callable[[list[list[str]], int], str | None]] = {
    "missing": _missing,
    "doubled": _doubled,
    "moved": _moved,
    "added": _added,
    "upper case": lambda rows, place: _renamed(rows, place, str.upper),
    "with a space": lambda rows, place: _renamed(rows, place, lambda name: f"{name} "),
    "with a control character": lambda rows, place: _renamed(rows, place, lambda n: n + "\x1b[2J"),
    "of a million characters": lambda rows, place: _renamed(rows, place, lambda n: n * MILLION),
    "gone": lambda rows, _: (rows.pop(0), rows[0][0])[1],
}


@st.composite
def row(draw: st.DrawFn) -> Damage:
    """A row with too few or too many cells, or one that stands twice."""
    file = draw(st.sampled_from(FILES))
    rows = [list(row) for row in ROWS[file]]
    number = draw(st.integers(1, len(rows) - 1))
    what = draw(st.sampled_from(["short", "long", "blank", "twice", "cut off"]))
    line = number + 1
    if what == "short":
        rows[number].pop()
    elif what == "long":
        rows[number].append("")
    elif what == "blank":
        rows.insert(number, [])
    elif what == "twice":
        rows.append(rows[number])
        line = len(rows)
    else:
        rows = rows[: number + 1]
        rows[number] = rows[number][:1]
    return Damage(f"row {what}", {file: written(rows)}, file, line)


@st.composite
def file_bytes(draw: st.DrawFn) -> Damage:
    """A file that is no clean UTF-8 CSV any more."""
    what = draw(st.sampled_from(list(_BYTES)))
    # A layer table that is gone is missed only where a system uses it.
    file = draw(st.sampled_from([f for f in FILES if what != "gone" or "/" not in f]))
    damaged = _BYTES[what](CLEAN[file])
    return Damage(f"file {what}", {file: damaged}, file)


def _reencoded(encoding: str) -> Callable[[bytes], bytes]:
    return lambda content: content.decode().encode(encoding)


_BYTES: dict[str, Callable[[bytes], bytes | None]] = {
    "gone": lambda content: None,
    "empty": lambda content: b"",
    "of spaces": lambda content: b"   \n",
    "with a byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "in UTF-16": _reencoded("utf-16"),
    "in UTF-32": _reencoded("utf-32"),
    "with semicolons": lambda content: content.replace(b",", b";"),
    "with tabs": lambda content: content.replace(b",", b"\t"),
    "of zero bytes": lambda content: b"\0" * 512,
    "compressed": lambda content: b"\x1f\x8b\x08\x00" + content[:200],
    "as a web page": lambda content: b"<!DOCTYPE html><html><body>404</body></html>\n",
    "with a merge's marks": lambda content: content.replace(b"\n", b"\n<<<<<<< HEAD\n", 1),
}


@st.composite
def bytes_in_a_cell(draw: st.DrawFn) -> Damage:
    """A byte or a quote where none may stand, at a place that is known."""
    table = draw(st.sampled_from(list(SCHEMAS)))
    file = draw(st.sampled_from([f for f in FILES if table_of(f) == table]))
    number = draw(st.integers(1, len(ROWS[file]) - 1))
    place = draw(st.integers(0, len(ROWS[file][0]) - 1))
    mark = draw(st.sampled_from([b"\xe9", b"\xff", b"\xc3", b'a"b', b'"', b"\x93x\x94"]))
    lines = CLEAN[file].split(b"\n")
    cells = [cell.encode() for cell in ROWS[file][number]]
    cells = [b'"%s"' % cell if b"," in cell or b'"' in cell else cell for cell in cells]
    cells[place] = mark
    lines[number] = b",".join(cells)
    return Damage(f"byte {mark!r}", {file: b"\n".join(lines)}, file, number + 1,
                  ROWS[file][0][place])


@st.composite
def relation(draw: st.DrawFn) -> Damage:
    """Cells that are sound by themselves and do not go together."""
    kinds = _relations()
    return draw(st.sampled_from(kinds[draw(st.sampled_from(sorted(kinds)))]))


@cache
def _relations() -> dict[str, list[Damage]]:
    made: dict[str, list[Damage]] = {}
    for damage in _every_relation():
        made.setdefault(damage.what, []).append(damage)
    return made


def _every_relation() -> Iterator[Damage]:
    for file in FILES:
        names = ROWS[file][0]
        for number, cells in enumerate(ROWS[file][1:], 1):
            yield from _range_turned_round(file, number, dict(zip(names, cells, strict=True)))
            yield from _key_of_another_row(file, number)
            if table_of(file) == ARCHITECTURES:
                yield from _cycles(file, number)
    yield from _workload_counts()


def _key_of_another_row(file: str, number: int) -> Iterator[Damage]:
    places = [ROWS[file][0].index(name) for name in SCHEMAS[table_of(file)].key]
    if number > 1:
        content = {file: with_cells(file, {(number, p): ROWS[file][number - 1][p] for p in places})}
        yield Damage("key of another row", content, file, number + 1)


def _range_turned_round(file: str, number: int, row: dict[str, str]) -> Iterator[Damage]:
    for name in row:
        stem = name.removesuffix("_low")
        if stem != name and row.get(stem) and "maximum" not in _limits(file, stem):
            place = list(row).index(name)
            content = {file: with_cells(file, {(number, place): "1e29"})}
            yield Damage("range turned round", content, file, number + 1, name)


def _limits(file: str, column: str) -> dict[str, Any]:
    return SCHEMAS[table_of(file)].column(column).constraints


def _cycles(file: str, number: int) -> Iterator[Damage]:
    place = ROWS[file][0].index("input")
    for other in {number, min(number + 1, len(ROWS[file]) - 1), len(ROWS[file]) - 1}:
        name = ROWS[file][other][0]
        content = {file: with_cells(file, {(number, place): name})}
        yield Damage("cycle", content, file, number + 1, "input", name)


def _workload_counts() -> Iterator[Damage]:
    file = "workloads.csv"
    names = ROWS[file][0]
    network, printed = names.index("architecture"), names.index("multiply_adds")
    for number, cells in enumerate(ROWS[file][1:], 1):
        both = {(number, network): cells[network] or "alexnet", (number, printed): "1e6"}
        neither = {(number, network): "", (number, printed): ""}
        for what, change in (("both", both), ("neither", neither)):
            yield Damage(f"{what} counts", {file: with_cells(file, change)}, file, number + 1)


@st.composite
def package(draw: st.DrawFn) -> Damage:
    """A descriptor that is no JSON, no data package, or not that of these tables."""
    what = draw(st.sampled_from(list(_PACKAGES)))
    clean = CLEAN[PACKAGE]
    made = _PACKAGES[what](json.loads(clean), draw)
    content = made if isinstance(made, bytes) else json.dumps(made, indent=2).encode()
    return Damage(f"package {what}", {PACKAGE: content}, PACKAGE)


def _any_table(package: Any, draw: st.DrawFn) -> Any:
    return draw(st.sampled_from(package["resources"]))


def _any_field(package: Any, draw: st.DrawFn) -> Any:
    return draw(st.sampled_from(_any_table(package, draw)["schema"]["fields"]))


def _altered(choose: Callable[..., Any], **values: Any) -> Callable[..., Any]:
    def alter(package: Any, draw: st.DrawFn) -> Any:
        choose(package, draw).update(values)
        return package

    return alter


def _without_table(package: Any, draw: st.DrawFn) -> Any:
    package["resources"].remove(_any_table(package, draw))
    return package


def _without_field(package: Any, draw: st.DrawFn) -> Any:
    fields = _any_table(package, draw)["schema"]["fields"]
    fields.remove(draw(st.sampled_from(fields)))
    return package


def _table_twice(package: Any, draw: st.DrawFn) -> Any:
    package["resources"].append(_any_table(package, draw))
    return package


_PACKAGES: dict[str, Callable[..., Any]] = {
    "cut off": lambda package, draw: CLEAN[PACKAGE][: draw(st.integers(0, 30_000))],
    "nested without end": lambda package, draw: b"[" * 100_000,
    "nested deeply": lambda package, draw: b'{"resources":' * 50_000 + b"1" + b"}" * 50_000,
    "in Latin-1": lambda package, draw: CLEAN[PACKAGE].replace(b"Peak", b"P\xe9ak", 1),
    "a list": lambda package, draw: [package],
    "null": lambda package, draw: b"null",
    "of tables that are none": lambda package, draw: {**package, "resources": [1, None, "systems"]},
    "of tables by name": lambda package, draw: {**package, "resources": {"systems": {}}},
    "without tables": lambda package, draw: {**package, "resources": []},
    "without a table": _without_table,
    "with a table twice": _table_twice,
    "with a table of another name": _altered(_any_table, name="../../etc/passwd"),
    "with a name that is none": _altered(_any_table, name=["systems"]),
    "with another path": _altered(_any_table, path="../../../etc/passwd"),
    "without a schema": _altered(_any_table, schema=None),
    "without a key": lambda package, draw: _altered(
        lambda p, d: _any_table(p, d)["schema"], primaryKey=[])(package, draw),
    "without a title": _altered(_any_table, title=None),
    "without a column": _without_field,
    "with another type": _altered(_any_field, type="geopoint"),
    "with a type that is none": _altered(_any_field, type={"a": 1}),
    "with a pattern that is none": _altered(_any_field, constraints={"pattern": "(["}),
    "with a limit that is none": _altered(_any_field, constraints={"minimum": "low"}),
    "with constraints that are none": _altered(_any_field, constraints=[1]),
    "with a meaning that is none": _altered(_any_field, description=7),
    "with a meaning a terminal obeys": _altered(_any_field, description="\x1b[2J"),
    "with a column of another name": _altered(_any_field, name="\x1b[2J"),
}


@st.composite
def sources(draw: st.DrawFn) -> Damage:
    """A bibliography that is no BibTeX, or whose entries cannot be shown."""
    what = draw(st.sampled_from(list(_SOURCES)))
    before, after = _SOURCES[what]
    content = CLEAN[SOURCES]
    places = [i for i in range(len(content)) if content.startswith(before, i)]
    place = draw(st.sampled_from(places[:40]))
    damaged = content[:place] + after + content[place + len(before):]
    return Damage(f"sources {what}", {SOURCES: damaged}, SOURCES)


_SOURCES: dict[str, tuple[bytes, bytes]] = {
    "without a brace": (b"},\n}\n", b",\n}\n"),
    "cut in the middle of an entry": (b"  title = {", b"  title = "),
    "without a comma": (b"},\n  year", b"}\n  year"),
    "without a key": (b"@misc{", b"@misc{,"),
    "with a key of capitals": (b"@misc{", b"@misc{A"),
    "with a key of a path": (b"@misc{", b"@misc{../../"),
    "without a year": (b"  year = ", b"  month = "),
    "with a year that is none": (b"  year = {", b"  year = {c. "),
    "with a script for an address": (b"  url = {", b"  url = {javascript:alert(1)//"),
    "with a file for an address": (b"  url = {https", b"  url = {file"),
    "with a quote in an address": (b"  url = {", b'  url = {https://a.b/"onclick='),
    "in Latin-1": (b"  title = {", b"  title = {\xe9"),
    "with a LaTeX command": (b"  title = {", b"  title = {\\input{/etc/passwd} "),
    "with a LaTeX accent": (b"  author = {", b'  author = {\\"U'),
    "with a zero byte": (b"  title = {", b"  title = {\0"),
    "with a formula": (b"  title = {", b"  title = {=1+1"),
    "with a title of a million characters": (b"  title = {", b"  title = {" + b"x" * MILLION),
    "with a field nobody knows": (b"  year = {", b"  include = {/etc/passwd},\n  year = {"),
    "with a cross-reference": (b"  year = {", b"  crossref = {krizhevsky_2012},\n  year = {"),
    "with an author of five commas": (b"  author = {", b"  author = {a, b, c, d, e, "),
    "with an entry twice": (b"@misc{", b"@misc{he_2015, title={x}, year={2015}}\n@misc{"),
    "with a macro nobody knows": (b"  year = {", b"  note = nothing # {x},\n  year = {"),
}


@st.composite
def harmless(draw: st.DrawFn) -> Damage:
    """Another way to write the same."""
    whats = draw(st.lists(st.sampled_from(list(_HARMLESS)), min_size=1, max_size=3, unique=True))
    files = draw(st.lists(st.sampled_from(FILES), min_size=1, max_size=3, unique=True))
    content = {name: new for what, file in itertools.product(whats, files)
               for name, new in _HARMLESS[what](file).items()}
    return Damage(f"harmless {', '.join(whats)}", content)


def _respelled(file: str) -> bytes:
    numbers = [c.type == "number" for c in SCHEMAS[table_of(file)].columns]
    rows = [ROWS[file][0]] + [
        [f"+{float(cell)!r}" if cell and number else cell
         for cell, number in zip(row, numbers, strict=True)]
        for row in ROWS[file][1:]
    ]
    return written(rows)


_HARMLESS: dict[str, Callable[[str], dict[str, bytes | None]]] = {
    "line ends of Windows": lambda file: {file: CLEAN[file].replace(b"\n", b"\r\n")},
    "line ends of old Macs": lambda file: {file: CLEAN[file].replace(b"\n", b"\r")},
    "quotes around every cell": lambda file: {file: written(ROWS[file], quoting=csv.QUOTE_ALL)},
    "no line end at the end": lambda file: {file: CLEAN[file].rstrip(b"\n")},
    "numbers in full": lambda file: {file: _respelled(file)},
    "a package on one line": lambda file: {
        PACKAGE: json.dumps(json.loads(CLEAN[PACKAGE]), sort_keys=True).encode()},
    "a remark in the bibliography": lambda file: {SOURCES: CLEAN[SOURCES] + b"\n% a remark\n"},
    "windows line ends in the bibliography": lambda file: {
        SOURCES: CLEAN[SOURCES].replace(b"\n", b"\r\n")},
    "a file of another's": lambda file: {"notes.txt": b"\xff\xfe"},
}

#: Kind of damage to how many datasets of it a run makes.
KINDS: dict[str, tuple[st.SearchStrategy[Damage], int]] = {
    "cell": (wrong_cell(), 220),
    "header": (header(), 50),
    "row": (row(), 50),
    "file": (file_bytes(), 40),
    "byte": (bytes_in_a_cell(), 40),
    "relation": (relation(), 40),
    "package": (package(), 50),
    "sources": (sources(), 40),
    "harmless": (harmless(), 30),
}


def put(content: dict[str, bytes | None], directory: Path) -> None:
    """Write the damaged files over those of a copy."""
    for name, damaged in content.items():
        path = directory / name
        path.unlink(missing_ok=True)
        if damaged is not None:
            path.write_bytes(damaged)


def mend(content: dict[str, bytes | None], directory: Path) -> None:
    """Put the clean files back."""
    for name in content:
        (directory / name).unlink(missing_ok=True)
        if name in CLEAN:
            (directory / name).write_bytes(CLEAN[name])
