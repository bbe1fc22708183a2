"""Checks a folder's datapackage.json: it must say of the tables what the report's own says.

The code works with these tables and columns. A folder whose descriptor names others, or allows what
the calculations cannot bear (a utilization of 0), would fail late, on some page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aicompute.dataset import cell_text
from aicompute.dataset.csv_table import Problem

FILE = "datapackage.json"
_TEXTS = ("title", "description")
_SAME_IN_TABLE = ("path",)
_SAME_IN_SCHEMA = ("primaryKey", "foreignKeys", "missingValues")
_SAME_IN_FIELD = ("type", "unit", "constraints")
_AS_OURS = "must be as in the report's own"


def descriptor_problems(directory: Path, own: Path) -> list[Problem]:
    """Give every way in which a folder's descriptor differs in substance from the report's own.

    Parameters
    ----------
    directory
        The folder to check.
    own
        The folder whose descriptor the code was written for.
    """
    try:
        text = (directory / FILE).read_bytes().decode("utf-8")
        package = json.loads(text)
    except OSError as error:
        return [Problem(FILE, 1, "", "", f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError:
        return [Problem(FILE, 1, "", "", cell_text.UNDECODED)]
    except json.JSONDecodeError as error:
        place = f"character {error.colno}"
        return [Problem(FILE, error.lineno, place, "", f"not JSON: {error.msg}")]
    except (RecursionError, ValueError) as error:
        return [Problem(FILE, 1, "", "", f"not a data package: {type(error).__name__}")]
    expected = json.loads((own / FILE).read_text(encoding="utf-8"))
    return list(_package_problems(package, expected, text))


def _package_problems(package: Any, expected: Any, text: str) -> Iterator[Problem]:
    tables = _named(package, "resources")
    if tables is None:
        yield _problem(text, [], "resources", None, "must be a list of tables, each with a name")
        return
    ours = {table["name"]: table for table in expected["resources"]}
    yield from _name_problems(tables, list(ours), [], text)
    for name, table in tables.items():
        if name in ours:
            yield from _table_problems(name, table, ours[name], text)


def _table_problems(name: str, table: Any, ours: Any, text: str) -> Iterator[Problem]:
    yield from _text_problems(table, [name], text)
    yield from _different(table, ours, _SAME_IN_TABLE, [name], text)
    fields = _named(table.get("schema"), "fields")
    if fields is None:
        yield _problem(text, [name], "fields", None, "must be a list of columns, each with a name")
        return
    yield from _different(table["schema"], ours["schema"], _SAME_IN_SCHEMA, [name], text)
    expected = {field["name"]: field for field in ours["schema"]["fields"]}
    yield from _name_problems(fields, list(expected), [name], text)
    for column in fields.keys() & expected.keys():
        place = [name, column]
        yield from _text_problems({"title": "", **fields[column]}, place, text)
        yield from _different(fields[column], expected[column], _SAME_IN_FIELD, place, text)


def _named(part: Any, key: str) -> dict[str, Any] | None:
    """The items of a list by their names; None where it is no list of differently named items."""
    items = part.get(key) if isinstance(part, dict) else None
    if not isinstance(items, list):
        return None
    named = [item for item in items if isinstance(item, dict) and isinstance(item.get("name"), str)]
    names: list[str] = [item["name"] for item in named]
    if len(named) < len(items) or len(set(names)) < len(names):
        return None
    return dict(zip(names, items, strict=True))


def _name_problems(
    given: dict[str, Any], ours: list[str], place: list[str], text: str
) -> Iterator[Problem]:
    for name in given:
        if name not in ours:
            rule = f"unknown; valid: {', '.join(ours)}"
            yield _problem(text, [*place, name], "name", name, rule)
    missing = [name for name in ours if name not in given]
    for name in missing:
        yield _problem(text, place, "name", None, f"{name} is missing")
    if place and not missing and list(given) != ours and len(given) == len(ours):
        yield _problem(text, place, "fields", None, f"must stand as {', '.join(ours)}")


def _text_problems(part: Any, place: list[str], text: str) -> Iterator[Problem]:
    for key in _TEXTS:
        value = part.get(key)
        rule = "must be text"
        if isinstance(value, str):
            rule = cell_text.broken_rule(value, formula_free=False)
        if rule:
            yield _problem(text, place, key, value, rule)


def _different(
    part: Any, ours: Any, keys: tuple[str, ...], place: list[str], text: str
) -> Iterator[Problem]:
    for key in keys:
        if part.get(key) != ours.get(key):
            wanted = json.dumps(ours.get(key), ensure_ascii=False)
            yield _problem(text, place, key, part.get(key), f"{_AS_OURS}, {wanted}")


def _problem(text: str, place: list[str], key: str, value: Any, rule: str) -> Problem:
    """A problem on the line where the innermost of the names it stands under is."""
    position = 0
    for name in place:
        position = max(position, text.find(json.dumps(name, ensure_ascii=False), position))
    shown = "" if value is None else json.dumps(value, ensure_ascii=False)
    return Problem(FILE, text.count("\n", 0, position) + 1, ".".join([*place, key]), shown, rule)
