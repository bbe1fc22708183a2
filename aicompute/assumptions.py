"""Reading and describing assumptions, and the scenarios that alter some of them.

The model makes the assumptions page, the command-line help, the check of every chapter's
parameters cell and the parameters papermill injects. It refuses names it does not know.
"""

from __future__ import annotations

import ast
import datetime
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from aicompute.assumption_model import Assumptions
from aicompute.errors import CallError
from aicompute.names import shown, unknown
from aicompute.places import HOME
from aicompute.yaml_file import load_yaml

__all__ = [
    "Assumptions", "as_json", "assume", "as_text", "describe", "load_scenario", "parse_assumptions",
    "parse_setting", "scenario_names", "scenario_of",
]

SCENARIOS = HOME / "scenarios"
#: Where the books of the scenarios lie in the site of the main book.
BOOKS = "_scenarios"
#: How papermill heads the cell of the parameters it is given.
INJECTED = "# Parameters\n"
#: Parameters of single pages.
PAGE_PARAMETERS = ("system_id",)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def assume(names: Mapping[str, Any]) -> Assumptions:
    """The assumptions that stand among a notebook's variables; the others are at their defaults.

    Parameters
    ----------
    names
        A notebook's ``globals()``. A variable that is no assumption is the reader's own.

    Raises
    ------
    CallError
        If papermill was given a parameter that is none (the nearest name is suggested), or a value
        has the wrong type or is out of range.

    Examples
    --------
    >>> assume({"gpu_utilization": 0.5, "n": 5}).changed()
    {'gpu_utilization': 0.5}
    """
    for name in _injected(names):
        if name not in Assumptions.model_fields and name not in PAGE_PARAMETERS:
            raise CallError(unknown("parameter", name, [*Assumptions.model_fields]))
    return parse_assumptions({n: names[n] for n in Assumptions.model_fields if n in names})


def _injected(names: Mapping[str, Any]) -> list[str]:
    """What papermill has put among a notebook's variables: it heads the cell with a comment."""
    cells = [text for text in names.get("In", []) if text.startswith(INJECTED)]
    statements = [statement for text in cells for statement in ast.parse(text).body]
    targets = [t for s in statements if isinstance(s, ast.Assign) for t in s.targets]
    given = [t.id for t in targets if isinstance(t, ast.Name)]
    return [name for name in given if not name.startswith("PAPERMILL_")]


def parse_assumptions(settings: dict[str, Any]) -> Assumptions:
    """Build the assumptions from names and values, refusing what the model does not allow.

    Parameters
    ----------
    settings
        Name to value; a value may be text as typed on a command line.

    Raises
    ------
    CallError
        If a name is unknown (the nearest is suggested), or a value has the wrong type or lies out
        of range (the range is said).
    """
    for name in settings:
        refuse_unknown(name)
    given = {name: _from_text(name, value) for name, value in settings.items()}
    wrong = [name for name, value in given.items() if not _has_its_type(name, value)]
    try:
        right = {name: value for name, value in given.items() if name not in wrong}
        assumptions = Assumptions.model_validate(right)
    except ValidationError as error:
        wrong += [str(problem["loc"][0]) for problem in error.errors()]
    if wrong:
        named = (name for name in given if name in wrong)
        raise CallError("\n".join(_explain(name, given[name]) for name in named))
    if assumptions.since > assumptions.until:
        raise CallError(
            f"assumption since: got {assumptions.since}; allowed: a date not after until, "
            f"{assumptions.until}"
        )
    return assumptions


def parse_setting(text: str) -> tuple[str, str]:
    """Split ``NAME=VALUE`` as typed after ``--set``."""
    name, separator, value = text.partition("=")
    if not separator or not name.strip():
        raise CallError(
            f"--set {shown(text)}: expected NAME=VALUE, for example gpu_utilization=0.5"
        )
    return name.strip(), value.strip()


def load_scenario(name_or_file: str) -> dict[str, Any]:
    """Return the altered assumptions of a scenario, by its name in scenarios/ or by file.

    Raises
    ------
    CallError
        If there is no such scenario, the file is not YAML, or it lacks title, why or assumptions.
    """
    path = _scenario_path(name_or_file)
    content = load_yaml(path, "scenario")
    named = f"scenario {path}"
    expected = {"title", "why", "assumptions"}
    if not isinstance(content, dict) or set(content) != expected:
        keys = set(content) if isinstance(content, dict) else set()
        wrong = [f"{key}: missing" for key in sorted(expected - keys)]
        wrong += [f"{shown(key)}: unknown" for key in sorted(keys - expected, key=str)]
        raise CallError(f"{named}: {', '.join(wrong)}; allowed: assumptions, title and why")
    for key in ("title", "why"):
        text = " ".join(content[key].split()) if isinstance(content[key], str) else ""
        if not text or not text.isprintable():
            raise CallError(f"{named}: {key}: got {content[key]!r}; allowed: text")
    if not isinstance(content["assumptions"], dict) or not content["assumptions"]:
        raise CallError(f"{named}: assumptions: expected name: value lines")
    try:
        parse_assumptions(content["assumptions"])
    except CallError as error:
        raise CallError(
            "\n".join(f"{named}: {line}" for line in str(error).splitlines())
        ) from None
    return content


def scenario_names() -> list[str]:
    """Return the names of the scenarios that come with the report, sorted."""
    return sorted(path.stem for path in SCENARIOS.glob("*.yml"))


def scenario_of(assumptions: Assumptions) -> dict[str, Any] | None:
    """The scenario that comes with the report and alters just what these assumptions do."""
    changed = assumptions.changed()
    found = (load_scenario(name) for name in scenario_names()) if changed else ()
    alters = ((parse_assumptions(content["assumptions"]).changed(), content) for content in found)
    return next((content for altered, content in alters if altered == changed), None)


def describe(name: str) -> dict[str, str]:
    """Return an assumption's type, range, default, unit, meaning and source as text."""
    field = Assumptions.model_fields[name]
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return {
        "name": name,
        "type": _type_name(field),
        "range": str(extra["allowed"]) or _range(field),
        "default": as_text(field.default),
        "unit": str(extra["unit"]),
        "meaning": str(field.description),
        "source": str(extra["source"]),
    }


def as_text(value: Any) -> str:
    """Write a value as ``--set`` reads it.

    Examples
    --------
    >>> as_text(True), as_text(("dqn", "gnmt")), as_text(0.33)
    ('true', 'dqn,gnmt', '0.33')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) and value == float(f"{value:g}") else str(value)


def as_json(value: Any) -> Any:
    """Turn a value into what JSON and a notebook's parameters cell can hold."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _scenario_path(name_or_file: str) -> Path:
    named = SCENARIOS / f"{name_or_file}.yml"
    if Path(name_or_file).name == name_or_file and named.is_file():
        return named
    if Path(name_or_file).is_file():
        return Path(name_or_file)
    raise CallError(f"{unknown('scenario', name_or_file, scenario_names())}, or a file")


def refuse_unknown(name: object) -> None:
    """Refuse a name that no assumption has; the CallError suggests the nearest."""
    if name not in Assumptions.model_fields:
        raise CallError(unknown("assumption", name, Assumptions.model_fields))


def _from_text(name: str, value: Any) -> Any:
    """Prepare a value for the model: a list of names may be typed with commas."""
    annotation = Assumptions.model_fields[name].annotation
    if get_origin(annotation) is tuple and isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _has_its_type(name: str, value: Any) -> bool:
    """Whether a value is not of a type that the model would take for another.

    By itself it takes 1 for true, true for 1, and a number of seconds for a date.
    """
    annotation = Assumptions.model_fields[name].annotation
    if annotation in (int, float):
        return not isinstance(value, bool)
    if annotation is bool:
        return isinstance(value, bool | str)
    if annotation is datetime.date and not isinstance(value, str):
        return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
    return annotation is not datetime.date or bool(_DATE.fullmatch(value))


def _explain(name: str, value: Any) -> str:
    facts = describe(name)
    allowed = " ".join(part for part in (facts["type"], facts["range"]) if part)
    got = shown(as_text(value)) if isinstance(value, str | tuple) else repr(value)
    return f"assumption {name}: got {got}; allowed: {allowed}"


def _type_name(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return "one of"
    if get_origin(field.annotation) is tuple:
        return "list of names"
    names = {
        float: "number", int: "whole number", bool: "true or false",
        datetime.date: "date YYYY-MM-DD",
    }
    return names.get(field.annotation, "")  # type: ignore[arg-type]


def _range(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(get_args(field.annotation))
    signs = {"gt": "above", "ge": "from", "lt": "below", "le": "to"}
    parts = [
        f"{word} {as_text(getattr(limit, sign))}"
        for sign, word in signs.items()
        for limit in field.metadata
        if getattr(limit, sign, None) is not None
    ]
    return " ".join(parts)
