"""The results that needed modest compute: the article's value or bound beside both our methods."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from aicompute import tables, wording
from aicompute.analysis.agreement import LARGEST_FACTOR, is_hypothetical
from aicompute.charts import ranges
from aicompute.dataset import load_rows
from aicompute.figures import Figure, figure_maker, short_name
from aicompute.listings import lists
from aicompute.methods.calculations import Calculation, architecture_multiply_adds
from aicompute.results import Named, Result, family
from aicompute.study import Study
from aicompute.tables import HtmlTable
from aicompute.units import pfs_days_from_flop

PAGE = "modest#result-by-result"
#: Within this share of the article's figure an estimate counts as the same.
SAME = 0.05
METHOD_WORDS = {1: "counting", 2: "chip time"}
#: Adam's largest network without its pooling: no workload uses this layer table.
UNPOOLED = "adam_cifar_unpooled"


@dataclass(frozen=True)
class Modest:
    """One result: what the article prints, whether as a bound, and what we get by either method."""

    system: dict[str, Any]
    printed: float
    is_bound: bool
    count: Calculation | None
    time: Calculation | None

    @property
    def estimates(self) -> list[Calculation]:
        """Our estimates, without a chip time that was made to fit."""
        return [c for c in (self.count, self.time)
                if c is not None and not (c.method == 2 and is_hypothetical(c))]

    @property
    def reproducing(self) -> list[Calculation]:
        """The estimates that come out at the printed figure, then those whose range holds it."""
        near = [c for c in self.estimates if math.isclose(c.pfs_days, self.printed, rel_tol=SAME)]
        within = [c for c in self.estimates if c.low <= self.printed <= c.high]
        return near + [c for c in within if c not in near]

    @property
    def reproduced_by(self) -> Calculation | None:
        """The estimate that reproduces the printed figure best."""
        return next(iter(self.reproducing), None)

    def verdict(self) -> str:
        """One sentence on what our estimates say of the printed figure."""
        if math.isnan(self.printed):
            return "The article prints no figure."
        if not self.estimates:
            return "There is nothing to compare it with."
        if (found := self.reproduced_by) is not None:
            over = ", a little above the bound" * (self.is_bound and found.pfs_days > self.printed)
            return f"Reproduced by {METHOD_WORDS[found.method]}{over}."
        nearest = min(self.estimates, key=lambda c: abs(math.log(c.pfs_days / self.printed)))
        factor = wording.number(self.printed / nearest.pfs_days, 2)
        whose = METHOD_WORDS[nearest.method]
        if self.is_bound and nearest.pfs_days < self.printed:
            if self.printed / nearest.pfs_days <= LARGEST_FACTOR:
                return f"The bound holds; {whose} comes within a factor of {factor} of it."
            return f"The bound holds, but it is {factor} times what {whose} gives."
        return f"Not reproduced: it is {factor} times what {whose} gives."


def modest_results(study: Study) -> list[Modest]:
    """Every result of the list, by date."""
    found = []
    for system in study.estimates[study.estimates["set"] == "modest"].to_dict("records"):
        system_id = system["system_id"]
        printed = load_rows(study.dataset.rows("published"), system_id=system_id, kind="printed")
        found.append(Modest(
            {str(name): value for name, value in system.items()},
            float(printed[0]["pfs_days"]) if printed else math.nan,  # type: ignore[arg-type]
            bool(printed and printed[0]["bound"] == "<"),
            study.calculations.get((system_id, 1, "recount")),
            study.calculations.get((system_id, 2, "recount")),
        ))
    return found


@family("modest")
def modest_family(study: Study) -> Named:
    """How many are reproduced, each estimate over the article's figure, and Adam's readings."""
    found = modest_results(study)
    yield "modest.reproduced", Result(
        float(sum(m.reproduced_by is not None for m in found)), "systems", page=PAGE,
        how=f"an estimate within {wording.share(SAME)} of the printed figure, or its range over it",
    )
    for method, words in METHOD_WORDS.items():
        only = [m for m in found if {c.method for c in m.reproducing} == {method}]
        yield f"modest.reproduced_by_method_{method}", Result(
            float(len(only)), "systems", page=PAGE,
            how=f"figures that {words} reproduces and the other method does not",
        )
    for m in found:
        if math.isnan(m.printed):
            continue
        prefix = f"modest.{m.system['system_id']}"
        yield f"{prefix}.printed_pfs_days", Result(
            m.printed, "pfs-days", page=PAGE, how="as printed" + ", a bound" * m.is_bound
        )
        for calculation in (c for c in (m.count, m.time) if c is not None):
            yield f"{prefix}.printed_over_method_{calculation.method}", Result(
                m.printed / calculation.pfs_days, "times", page=PAGE,
                how=f"the article's figure over our {METHOD_WORDS[calculation.method]}",
            )
    yield from _adam(study, found)


def _adam(study: Study, found: list[Modest]) -> Named:
    adam = next((m for m in found if m.system["system_id"] == "adam" and m.count), None)
    if adam is None or adam.count is None or UNPOOLED not in study.dataset.architectures():
        return
    multiply_adds = float(architecture_multiply_adds(study.dataset, UNPOOLED))
    flop = adam.count.phases[0].flop(multiply_adds=multiply_adds)
    value = pfs_days_from_flop(float(flop))
    how = "the same count with the pooling left out"
    yield "modest.adam.without_pooling_pfs_days", Result(value, "pfs-days", page=PAGE, how=how)
    yield "modest.adam.printed_over_without_pooling", Result(
        adam.printed / value, "times", page=PAGE, how=f"the article's bound over {how}"
    )
    if adam.time is not None:
        yield "modest.adam.hypothetical_hours", Result(
            24 * adam.time.phases[0].factor("days").value, "hours", page=PAGE,
            how="hours on one card that come to just under the bound: made up",
        )


@figure_maker("modest")
def modest(study: Study) -> Figure:
    """The modest results: the article's figure and both our methods."""
    found = modest_results(study)
    rows = pd.DataFrame([
        row for m in found for row in _plotted(m)
    ], columns=["label", "pfs_days", "low", "high", "kind", "shown"])
    reproduced = sum(m.reproduced_by is not None for m in found)
    largest = max((m.printed for m in found if not math.isnan(m.printed)), default=math.nan)
    finding = (
        f"{reproduced} of {len(found)} modest figures are reproduced from the papers; the largest "
        f"is {wording.stated_quantity(largest, 'pfs-days')}, where the chart's largest is "
        f"{wording.quantity(study.fitted['pfs_days'].max(), 'pfs-days')}"
    )
    return Figure(
        name="modest",
        caption=f"{finding}. Bars: every input but the utilization at its low and at its high end.",
        alt=f"{finding}.",
        table=rows,
        draw=partial(ranges, rows),
    )


def _plotted(m: Modest) -> list[dict[str, Any]]:
    label = short_name(m.system)
    rows: list[dict[str, Any]] = []
    if not math.isnan(m.printed):
        less = "less than " * m.is_bound
        rows.append({"label": label, "pfs_days": m.printed, "low": m.printed, "high": m.printed,
                     "kind": "published",
                     "shown": f"{less}{wording.stated_quantity(m.printed, 'pfs-days')}"})
    return rows + [
        {"label": label, "pfs_days": c.pfs_days, "low": c.low, "high": c.high,
         "kind": f"method {c.method}", "shown": wording.quantity(c.pfs_days, "pfs-days")}
        for c in m.estimates
    ]


@lists("modest")
def modest_table(study: Study) -> HtmlTable:
    """The article's figure, our count, our chip time, and what they say of it."""
    rows = []
    for m in modest_results(study):
        rows.append([
            tables.link(short_name(m.system), f"page:systems/{m.system['system_id']}"),
            tables.number(f"{'< ' * m.is_bound}{wording.stated(m.printed)}", m.printed),
            *[cell for c in (m.count, m.time) for cell in _cells(c, m.printed)],
            tables.text(m.verdict()),
        ])
    return HtmlTable(
        ["Result", "Article", "Count", "Ratio", "Chip time", "Ratio", "What this says"], rows,
        caption="The article's figure and both methods, pfs-days; ratio: over the article's "
        "figure; *: a chip time made up to fit")


def _cells(calculation: Calculation | None, printed: float) -> list[tables.Cell]:
    if calculation is None:
        return [tables.number("–"), tables.number("–")]
    value = calculation.pfs_days
    made_up = "*" * (calculation.method == 2 and is_hypothetical(calculation))
    return [tables.number(f"{wording.number(value)}{made_up}", value),
            tables.number(wording.number(value / printed), value / printed)]
