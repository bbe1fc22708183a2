"""What the commands print for a person at a terminal: aligned, with units and sources."""

from __future__ import annotations

import math

from aicompute import wording
from aicompute.estimates import Phase
from aicompute.results import Results
from aicompute.study import Study

_BAR_WIDTH = 32


def estimate_text(study: Study, system_id: str) -> str:
    """Both methods for one system: the formula with its numbers, then factor by factor."""
    row = study.system(system_id)
    lines = [f"{row['name']} ({row['organization']}, {row['date']:%Y-%m-%d})"]
    published = row["published_pfs_days"]
    if not math.isnan(float(str(published))):
        lines.append(f"published   {wording.quantity(float(str(published)), 'pfs-days')}")
    for calculation in study.calculations_of(system_id):
        whose = "the article's inputs" if calculation.basis == "article" else "recounted"
        lines += ["", f"method {calculation.method}, {whose}: "
                  f"{wording.quantity(calculation.pfs_days, 'pfs-days')} "
                  f"({wording.interval(calculation.low, calculation.high)})"]
        for phase in calculation.phases:
            lines += _phase_lines(study, phase)
    return "\n".join(lines)


def trend_text(study: Study) -> str:
    """The fit in words and numbers, with a plain chart of the systems."""
    results = Results(study)
    values = study.assumptions.values
    names = [f"trend.{values}.doubling_time_months", f"trend.{values}.growth_per_year",
             f"growth.{values}.factor", f"growth.{values}.months", "moore.factor"]
    labels = ["doubling time", "growth a year", "first to largest", "over", "Moore's law meanwhile"]
    lines = [f"{len(study.fitted)} systems, {values} values"]
    for label, name in zip(labels, names, strict=True):
        result = results[name]
        between = f"({wording.interval(result.low, result.high)})" if result.low else ""
        lines.append(f"{label:<22}{wording.quantity(result.value, result.unit):>18}  {between}")
    return "\n".join([*lines, "", *_bars(study)])


def _phase_lines(study: Study, phase: Phase) -> list[str]:
    formula = " × ".join(wording.quantity(f.value, f.unit) for f in phase.factors)
    lines = [f"  {wording.words(phase.name)}: {formula}",
             f"    = {wording.quantity(float(phase.flop()), 'FLOP')}"]
    for factor in phase.factors:
        origin = f"assumption {factor.assumption}" if factor.assumption else (
            "a guess" if factor.guessed else phase.source_key)
        between = "" if factor.low == factor.high else wording.interval(factor.low, factor.high)
        lines.append(f"    {wording.words(factor.name):<28}"
                     f"{wording.quantity(factor.value, factor.unit):<28}{between:<20}{origin}")
    source = study.dataset.sources.get(phase.source_key)
    named = source.label if source else phase.source_key
    return [*lines, f"    source: {named}, {phase.source_place}"]


def _bars(study: Study) -> list[str]:
    table = study.fitted
    logs = table["pfs_days"].map(math.log10)
    width = max(len(name) for name in table["name"])
    lines = []
    for row, log in zip(table.to_dict("records"), logs, strict=True):
        length = round((log - logs.min()) / (logs.max() - logs.min() or 1) * _BAR_WIDTH)
        lines.append(f"{row['date']:%Y-%m}  {row['name']:<{width}}  {'█' * (length + 1)} "
                     f"{wording.number(row['pfs_days'])}")
    return lines
