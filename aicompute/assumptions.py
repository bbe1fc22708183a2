"""Reading and describing assumptions, and the scenarios that alter some of them.

The model makes the assumptions page, the command-line help, the check of every chapter's
parameters cell and the parameters papermill injects. It refuses names it does not know.
"""

from __future__ import annotations

import datetime
import difflib
import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from aicompute.assumption_model import Assumptions
from aicompute.errors import CallError

__all__ = [
    "Assumptions", "as_json", "as_text", "describe", "load_scenario", "parse_assumptions",
    "parse_setting", "scenario_names",
]

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


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
        _refuse_unknown(name)
    given = {name: _from_text(name, value) for name, value in settings.items()}
    try:
        assumptions = Assumptions.model_validate(given)
    except ValidationError as error:
        problems = {str(p["loc"][0]): given[str(p["loc"][0])] for p in error.errors()}
        raise CallError("\n".join(_explain(*problem) for problem in problems.items())) from None
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
        raise CallError(f"--set {text}: expected NAME=VALUE, for example gpu_utilization=0.5")
    return name.strip(), value.strip()


def load_scenario(name_or_file: str) -> dict[str, Any]:
    """Return the altered assumptions of a scenario, by its name in scenarios/ or by file.

    Raises
    ------
    CallError
        If there is no such scenario, the file is not YAML, or it lacks title, why or assumptions.
    """
    path = _scenario_path(name_or_file)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        reason = str(error).splitlines()[0]
        raise CallError(f"scenario {path.name}: cannot be read: {reason}") from None
    expected = {"title", "why", "assumptions"}
    if not isinstance(content, dict) or set(content) != expected:
        raise CallError(f"scenario {path.name}: expected exactly {', '.join(sorted(expected))}")
    if not isinstance(content["assumptions"], dict):
        raise CallError(f"scenario {path.name}: assumptions: expected name: value lines")
    parse_assumptions(content["assumptions"])
    return content


def scenario_names() -> list[str]:
    """Return the names of the scenarios that come with the report, sorted."""
    return sorted(path.stem for path in SCENARIOS.glob("*.yml"))


def describe(name: str) -> dict[str, str]:
    """Return an assumption's type, range, default, unit, meaning and source as text."""
    field = Assumptions.model_fields[name]
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return {
        "name": name,
        "type": _type_name(field),
        "range": _range(field),
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
    valid = ", ".join(scenario_names()) or "none"
    raise CallError(f"scenario {name_or_file}: no such name or file; names: {valid}")


def _refuse_unknown(name: str) -> None:
    valid = list(Assumptions.model_fields)
    if name in valid:
        return
    near = difflib.get_close_matches(name, valid, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise CallError(f"assumption {name}: unknown; {hint}valid: {', '.join(valid)}")


def _from_text(name: str, value: Any) -> Any:
    """Prepare a value for the model, which by itself takes 1 for true and seconds for a date."""
    annotation = Assumptions.model_fields[name].annotation
    if get_origin(annotation) is tuple and isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if annotation in (int, float) and isinstance(value, bool):
        raise CallError(_explain(name, value))
    is_day = isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
    if annotation is datetime.date and not is_day and not _DATE.fullmatch(str(value)):
        raise CallError(_explain(name, value))
    return value


def _explain(name: str, value: Any) -> str:
    facts = describe(name)
    allowed = " ".join(part for part in (facts["type"], facts["range"]) if part)
    shown = as_text(value) if isinstance(value, str | tuple) else repr(value)
    return f"assumption {name}: got {shown}; allowed: {allowed}"


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
        f"{word} {getattr(limit, sign):g}"
        for sign, word in signs.items()
        for limit in field.metadata
        if getattr(limit, sign, None) is not None
    ]
    return " ".join(parts)
