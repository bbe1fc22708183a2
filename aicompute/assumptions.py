"""The one typed model of every assumption, and the scenarios that alter some of them.

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
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from aicompute.errors import CallError

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


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
    gpu_utilization_low: float = _assumption(
        0.2, "Low end of the plausible utilization of a GPU; CPU and TPU keep the same proportion "
        "to their own value. Taken as no higher than the value itself.",
        unit="1", source="assumed", gt=0, le=1,
    )
    gpu_utilization_high: float = _assumption(
        0.5, "High end of the plausible utilization of a GPU, the most that the article uses; CPU "
        "and TPU keep the same proportion. Taken as no lower than the value itself.",
        unit="1", source="openai_2018", gt=0, le=1,
    )
    errors_drawn: Literal["shared", "each", "both"] = _assumption(
        "both", "Whether the random error of the utilization, and of a published value, is one for "
        "all systems (shared), each system's own (each), or half of its variance either way (both).",
        unit="", source="assumed",
    )
    range_covers: float = _assumption(
        0.9, "Share of the probability that the range of an input, low to high, is taken to cover.",
        unit="1", source="assumed", ge=0.5, le=0.99,
    )
    published_factor: float = _assumption(
        2.5, "Factor within which a published value is taken to be right, with the probability of "
        "range_covers; the article says 2 to 3.",
        unit="1", source="openai_2018", ge=1, le=10,
    )
    published_factor_before_2012: float = _assumption(
        10.0, "The same for a value from before 2012, which the addendum holds good to an order of "
        "magnitude.",
        unit="1", source="openai_2019_addendum", ge=1, le=100,
    )
    samples: int = _assumption(
        4000, "Random draws behind every interval that is simulated.",
        unit="draws", source="assumed", ge=100, le=100_000,
    )
    seed: int = _assumption(
        2018, "Seed of the random draws: the same seed gives the same draws.",
        unit="", source="assumed", ge=0, le=2**32 - 1,
    )
    price_chips: Literal["fastest", "fp32"] = _assumption(
        "fastest", "Which rating of a card its price is set against: that of its fastest number "
        "format, or that of 32-bit numbers.",
        unit="", source="assumed",
    )
    price_market: Literal["data_centre", "consumer"] = _assumption(
        "data_centre", "Which cards a run buys: those sold for data centres, or those for games.",
        unit="", source="assumed",
    )
    run_days: float = _assumption(
        40.0, "Days a run lasts where the cost of its chips is asked for; AlphaGo Zero took 40.",
        unit="days", source="silver_2017_zero", gt=0, le=1000,
    )
    chip_years_of_use: float = _assumption(
        3.0, "Years over which the price of a chip is written off.",
        unit="years", source="assumed", ge=0.5, le=15,
    )
    run_cost_usd: float = _assumption(
        1e12, "Price of the chips of one run whose date is asked for; the article puts the world's "
        "spending on hardware at a trillion dollars a year.",
        unit="USD", source="openai_2018", gt=0, le=1e15,
    )
    before_2012_points: Literal["all", "digitised"] = _assumption(
        "all", "Which systems before 2012 a fit takes in: every one with a value, or only those "
        "read off the addendum's chart.",
        unit="", source="assumed",
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
    names = {float: "number", int: "whole number", bool: "true or false", datetime.date: "date YYYY-MM-DD"}
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
