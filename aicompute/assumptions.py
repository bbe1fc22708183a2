"""The one typed model of every assumption, and the scenarios that alter some of them.

The model makes the assumptions page, the command-line help, the check of every chapter's
parameters cell and the parameters papermill injects. It refuses names it does not know.
"""

from __future__ import annotations

import datetime
import difflib
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from aicompute.errors import CallError

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"


def _assumption(default: Any, meaning: str, *, unit: str, source: str, **limits: Any) -> Any:
    """Declare one assumption: default, meaning, unit, source and limits in one place."""
    extra = {"unit": unit, "source": source}
    return Field(default=default, description=meaning, json_schema_extra=extra, **limits)


class Assumptions(BaseModel):
    """Every assumption of the report, at its default unless altered."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    gpu_utilization: float = _assumption(
        0.33, "Share of a GPU's peak that training sustains, where no source says more.",
        unit="1", source="openai_2018", gt=0, le=1,
    )
    cpu_utilization: float = _assumption(
        0.17, "Share of a CPU's peak that training sustains, where no source says more.",
        unit="1", source="openai_2018", gt=0, le=1,
    )
    tpu_utilization: float = _assumption(
        0.33, "Share of a TPU's peak; the article names none, so the GPU's stands in.",
        unit="1", source="assumed", gt=0, le=1,
    )
    operations_per_multiply_add: float = _assumption(
        2.0, "FLOP in one multiply-add: 2 counts the addition and the multiplication apart.",
        unit="FLOP", source="openai_2018", ge=1, le=2,
    )
    passes_per_example: float = _assumption(
        3.0, "Forward passes that training on one example costs: one forward, and a backward "
        "pass counted as two.",
        unit="1", source="openai_2018", ge=1, le=4,
    )
    chip_rating: Literal["article", "base", "boost"] = _assumption(
        "article", "Which peak rates a chip: the one the article used, or the one at base or at "
        "boost clock.",
        unit="", source="openai_2018",
    )
    values: Literal["published", "replicated", "recounted"] = _assumption(
        "published", "Which value of a system the headline uses: what the article plotted, its "
        "formulas run here, or our own count.",
        unit="", source="openai_2018",
    )
    published_stands_in: bool = _assumption(
        True, "Whether the plotted value stands in, marked, for a system that has no replicated "
        "or recounted one.",
        unit="", source="assumed",
    )
    method: Literal["preferred", "method_1", "method_2"] = _assumption(
        "preferred", "Which method a replicated or recounted value rests on where both can be "
        "had; preferred is the one the tables name for the system.",
        unit="", source="assumed",
    )
    alphago_zero_estimate: Literal["plotted", "henderson_2020", "epoch_2025", "epoch_2026"] = (
        _assumption(
            "plotted", "Whose published estimate stands for AlphaGo Zero (and AlphaZero, where "
            "the same source gives one).",
            unit="", source="skaltman_2020",
        )
    )
    without_alphabet: bool = _assumption(
        False, "Leave out the systems published by Alphabet.", unit="", source="assumed",
    )
    record_setters_only: bool = _assumption(
        False, "Keep only the systems that took more compute than every earlier one.",
        unit="", source="assumed",
    )
    without: tuple[str, ...] = _assumption(
        (), "Systems to leave out, by system_id.", unit="", source="assumed",
    )
    since: datetime.date = _assumption(
        datetime.date(2012, 1, 1), "First day of publication that the fit takes in.",
        unit="date", source="openai_2018",
    )
    until: datetime.date = _assumption(
        datetime.date(2017, 12, 31), "Last day of publication that the fit takes in.",
        unit="date", source="openai_2018",
    )
    moore_doubling_months: float = _assumption(
        18.0, "Doubling time of Moore's law; the article said 18 months in 2018 and 24 later.",
        unit="months", source="openai_2018", ge=6, le=60,
    )
    days_per_month: float = _assumption(
        30.4375, "Length of the month in which doubling times are given; the mean month has "
        "30.4375 days.",
        unit="days", source="assumed", ge=28, le=31,
    )
    confidence: float = _assumption(
        0.95, "Share of the probability that every interval of a fit covers.",
        unit="1", source="assumed", ge=0.5, le=0.999,
    )

    def changed(self) -> dict[str, Any]:
        """Return what differs from the defaults, by name, in the model's order."""
        default = type(self)()
        return {
            name: getattr(self, name)
            for name in type(self).model_fields
            if getattr(self, name) != getattr(default, name)
        }


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
    try:
        return Assumptions.model_validate({n: _from_text(n, v) for n, v in settings.items()})
    except ValidationError as error:
        raise CallError("\n".join(_explain(problem) for problem in error.errors())) from None


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
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
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
    if isinstance(value, tuple):
        return ",".join(value)
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
    is_list = get_origin(Assumptions.model_fields[name].annotation) is tuple
    if is_list and isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _explain(problem: Any) -> str:
    name = str(problem["loc"][0])
    facts = describe(name)
    allowed = " ".join(part for part in (facts["type"], facts["range"]) if part)
    return f"assumption {name}: got {problem['input']!r}; allowed: {allowed}"


def _type_name(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return "one of"
    if get_origin(field.annotation) is tuple:
        return "list of names"
    names = {float: "number", bool: "true or false", datetime.date: "date YYYY-MM-DD"}
    return names.get(field.annotation, getattr(field.annotation, "__name__", ""))  # type: ignore[arg-type]


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
