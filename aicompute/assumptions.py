"""Reading and describing assumptions, and the scenarios that alter some of them.

The model makes the assumptions page, the command-line help, the check of every chapter's
parameters cell and the parameters papermill injects. It refuses names it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from aicompute.assumption_model import Assumptions as Assumptions
from aicompute.errors import CallError, saying
from aicompute.names import shown, unknown
from aicompute.places import HOME
from aicompute.yaml_file import load_yaml

SCENARIOS = HOME / "scenarios"
#: Where the books of the scenarios lie in the site of the main book.
BOOKS = "_scenarios"
#: How papermill heads the cell of the parameters it is given.
INJECTED = "# Parameters\n"
#: Parameters of single pages.
PAGE_PARAMETERS = ("system_id",)
#: What the types of the model's JSON schema are to a reader.
_TYPES = {"number": "number", "integer": "whole number", "boolean": "true or false",
          "array": "list of names", "string": "date YYYY-MM-DD"}
#: Turns a value into what JSON and a notebook's parameters cell can hold.
as_json = to_jsonable_python


def assume(names: Mapping[str, Any]) -> Assumptions:
    """The assumptions that stand among a notebook's variables; the others are at their defaults.

    Parameters
    ----------
    names
        A notebook's ``globals()``. A variable that is no assumption is the reader's own, but a
        parameter given to papermill that is none is a CallError, which suggests the nearest.

    Examples
    --------
    >>> assume({"gpu_utilization": 0.5, "n": 5}).changed()
    {'gpu_utilization': 0.5}
    """
    injected = "".join(text for text in names.get("In", []) if text.startswith(INJECTED))
    for name in re.findall(r"^(\w+) = ", injected, re.MULTILINE):
        if name not in (*Assumptions.model_fields, *PAGE_PARAMETERS) and not name.startswith(
                "PAPERMILL_"):
            raise CallError(unknown("parameter", name, Assumptions.model_fields))
    return parse_assumptions({n: names[n] for n in Assumptions.model_fields if n in names})


def parse_assumptions(settings: dict[str, Any]) -> Assumptions:
    """Build the assumptions from names and values; a value may be text as typed on a command line.

    A CallError says which names are unknown (the nearest is suggested), and which values have the
    wrong type or lie out of range (the range is said).
    """
    for name in settings:
        refuse_unknown(name)
    try:
        found = Assumptions.model_validate(settings)
    except ValidationError as error:
        wrong = {problem["loc"][0] for problem in error.errors()}
        raise CallError("\n".join(
            _refusal(name, value) for name, value in settings.items() if name in wrong)) from None
    if found.since > found.until:
        raise CallError(f"assumption since: got {found.since}; allowed: a date not after until, "
                        f"{found.until}")
    return found


def parse_setting(text: str) -> tuple[str, str]:
    """Split ``NAME=VALUE`` as typed after ``--set``."""
    name, separator, value = text.partition("=")
    if not separator or not name.strip():
        raise CallError(f"--set {shown(text)}: expected NAME=VALUE, as gpu_utilization=0.5")
    return name.strip(), value.strip()


def load_scenario(name_or_file: str) -> dict[str, Any]:
    """Return a scenario, by its name in scenarios/ or by file; its ``assumptions`` are the altered.

    A CallError says that there is no such scenario, or what in the file is wrong.
    """
    path = Path(name_or_file)
    if name_or_file in scenario_names():
        path = SCENARIOS / f"{name_or_file}.yml"
    if not path.is_file():
        raise CallError(f"{unknown('scenario', name_or_file, scenario_names())}, or a file")
    content = load_yaml(path, "scenario")
    expected = {"title", "why", "assumptions"}
    keys = set(content) if isinstance(content, dict) else set()
    wrong = [f"{key}: missing" for key in sorted(expected - keys)]
    wrong += [f"{shown(key)}: unknown" for key in sorted(keys - expected, key=str)]
    with saying(f"scenario {path}"):
        if wrong:
            raise CallError(f"{', '.join(wrong)}; allowed: assumptions, title and why")
        for key in ("title", "why"):
            text = " ".join(content[key].split()) if isinstance(content[key], str) else ""
            if not text or not text.isprintable():
                raise CallError(f"{key}: got {content[key]!r}; allowed: text")
        if not isinstance(content["assumptions"], dict) or not content["assumptions"]:
            raise CallError("assumptions: expected name: value lines")
        parse_assumptions(content["assumptions"])
    return dict(content)


def scenario_names() -> list[str]:
    """Return the names of the scenarios that come with the report, sorted."""
    return sorted(path.stem for path in SCENARIOS.glob("*.yml"))


def scenario_of(assumptions: Assumptions) -> dict[str, Any] | None:
    """The scenario that comes with the report and alters just what these assumptions do."""
    for name in scenario_names() if assumptions.changed() else ():
        scenario = load_scenario(name)
        if parse_assumptions(scenario["assumptions"]) == assumptions:
            return scenario
    return None


def rule(name: str) -> dict[str, Any]:
    """What the JSON schema of the model says of one assumption."""
    return _schema()[name]


@cache
def _schema() -> dict[str, dict[str, Any]]:
    return dict(Assumptions.model_json_schema()["properties"])


def describe(name: str) -> dict[str, str]:
    """Return an assumption's type, range, default, unit, meaning and source as text."""
    of = rule(name)
    limits = f"from {of['minimum']:.15g} to {of['maximum']:.15g}" if "minimum" in of else ""
    return {
        "name": name, "type": "one of" if "enum" in of else _TYPES[of["type"]],
        "range": of["allowed"] or ", ".join(of.get("enum", [])) or limits,
        "default": as_text(Assumptions.model_fields[name].default),
        "unit": of["unit"], "meaning": of["description"], "source": of["source"],
    }


def as_text(value: Any) -> str:
    """Write a value as ``--set`` reads it.

    >>> as_text(True), as_text(("dqn", "gnmt")), as_text(0.33)
    ('true', 'dqn,gnmt', '0.33')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) and value == float(f"{value:g}") else str(value)


def refuse_unknown(name: object) -> None:
    """Refuse a name that no assumption has; the CallError suggests the nearest."""
    if name not in Assumptions.model_fields:
        raise CallError(unknown("assumption", name, Assumptions.model_fields))


def _refusal(name: str, value: Any) -> str:
    facts = describe(name)
    got = shown(as_text(value)) if isinstance(value, str | tuple) else repr(value)
    return f"assumption {name}: got {got}; allowed: {facts['type']} {facts['range']}".rstrip()
