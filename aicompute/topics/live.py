"""What a page needs to calculate the trend anew in the browser, taken from the same factors.

A calculation is a product, so each phase goes out as one number for every rating of its chips, with
the names of the assumptions that multiply it. No formula is written a second time here.
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from scipy import stats

from aicompute.assumptions import Assumptions, as_json
from aicompute.charts import labels
from aicompute.methods.calculations import Calculations, Phase, calculate
from aicompute.methods.estimates import published_values
from aicompute.study import Study
from aicompute.trend import SMALLEST_SAMPLE
from aicompute.units import DAYS_PER_YEAR, pfs_days_from_flop

#: The assumptions the page lets a reader move, in the order of the page.
NUMBERS = (
    "gpu_utilization", "cpu_utilization", "tpu_utilization", "operations_per_multiply_add",
    "passes_per_example", "moore_doubling_months",
)
CHOICES = ("values", "method", "chip_rating", "alphago_zero_estimate")
SWITCHES = ("without_alphabet", "record_setters_only", "published_stands_in")
DATES = ("since", "until")
SYSTEMS = "without"
CONTROLS = (*NUMBERS, *CHOICES, *SWITCHES, *DATES, SYSTEMS)
_RATINGS = ("article", "base", "boost")


def payload(study: Study) -> dict[str, Any]:
    """Everything the live page calculates from, as JSON.

    Returns
    -------
    dict
        ``systems`` in the order of the fit, ``calculations`` by system, basis and method,
        ``settings`` (the report's own) and ``defaults``, ``also`` (altered assumptions that the
        page has no control for), ``t`` (Student's t by degrees of freedom), the constants, and
        where the name of a point may stand.
    """
    here, default = study.assumptions, Assumptions()
    systems = study.estimates[study.estimates["set"] == "chart"]
    return {
        "systems": _systems(study, systems),
        "calculations": _calculations(study, set(systems["system_id"])),
        "settings": {name: as_json(getattr(here, name)) for name in CONTROLS},
        "defaults": {name: as_json(getattr(default, name)) for name in CONTROLS},
        "also": {name: as_json(value) for name, value in here.changed().items()
                 if name not in CONTROLS},
        "t": {
            str(degrees): float(stats.t.ppf(0.5 + here.confidence / 2, degrees))
            for degrees in range(SMALLEST_SAMPLE - 2, max(len(systems) - 1, 2))
        },
        "label_places": labels.PLACES,
        "label_character": labels.CHARACTER,
        "smallest_sample": SMALLEST_SAMPLE,
        "days_per_month": here.days_per_month,
        "days_per_year": DAYS_PER_YEAR,
    }


def days_of(date: pd.Timestamp) -> int:
    """Days since 1970, the date of a point in the browser."""
    return (date - pd.Timestamp(1970, 1, 1)).days


def _systems(study: Study, systems: pd.DataFrame) -> list[dict[str, Any]]:
    plotted = published_values(study.dataset, _with(study, alphago_zero_estimate="plotted"))
    others = {
        estimate: published_values(study.dataset, _with(study, alphago_zero_estimate=estimate))
        for estimate in choices("alphago_zero_estimate")
    }
    return [
        {
            "id": row["system_id"], "name": row["name"], "domain": row["domain"],
            "days": days_of(row["date"]), "alphabet": bool(row["is_alphabet"]),
            "article_method": _method(row["article_method"]),
            "recount_method": _method(row["recount_method"]),
            "published": plotted.get(row["system_id"]),
            "published_by": {
                estimate: values[row["system_id"]] for estimate, values in others.items()
                if values.get(row["system_id"]) != plotted.get(row["system_id"])
            },
        }
        for row in systems.to_dict("records")
    ]


def choices(name: str) -> list[str]:
    """The values an assumption with a choice can take."""
    schema: dict[str, Any] = Assumptions.model_json_schema()["properties"][name]
    return list(schema["enum"])


def _calculations(study: Study, wanted: set[str]) -> dict[str, Any]:
    by_rating: dict[str, Calculations] = {
        rating: calculate(study.dataset, _with(study, chip_rating=rating)) for rating in _RATINGS
    }
    found: dict[str, Any] = {}
    for key, calculation in by_rating["article"].items():
        system_id, method, basis = key
        if system_id not in wanted:
            continue
        others = zip(*(by_rating[rating][key].phases for rating in _RATINGS), strict=True)
        phases = [
            {"times": _assumed(phase), "pfs_days": dict(
                zip(_RATINGS, (_bare(rated) for rated in ratings), strict=True))}
            for phase, ratings in zip(calculation.phases, others, strict=True)
        ]
        found.setdefault(system_id, {}).setdefault(basis, {})[str(method)] = phases
    return found


def _assumed(phase: Phase) -> list[str]:
    """The assumptions that multiply a phase; the rating of its chips stands apart."""
    return [f.assumption for f in phase.factors if f.assumption in NUMBERS]


def _bare(phase: Phase) -> float:
    """The phase with every assumption that multiplies it at one, pfs-days."""
    ones = {f.name: 1.0 for f in phase.factors if f.assumption in NUMBERS}
    return float(pfs_days_from_flop(phase.flop(**ones)))


def _with(study: Study, **altered: object) -> Assumptions:
    return study.assumptions.model_copy(update=altered)


def _method(value: Any) -> int | None:
    return None if value is None or math.isnan(value) else int(value)
