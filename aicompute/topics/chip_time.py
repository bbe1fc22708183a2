"""The page on chip time: what rates a chip, what share of it is sustained, and every row."""

from __future__ import annotations

from aicompute import tables, wording
from aicompute.dataset.csv_table import Row
from aicompute.figures import short_name
from aicompute.listings import lists, source_cell
from aicompute.methods.calculations import Phase
from aicompute.results import Named, Result, family
from aicompute.study import Study
from aicompute.tables import HtmlTable
from aicompute.units import FLOP_PER_SECOND_PER_TERAFLOP, pfs_days_from_flop

RATINGS = {"base": "base clock", "boost": "boost clock", "article": "the article"}
KINDS = ("gpu", "cpu", "tpu")
#: What stands behind a factor that is in no source.
GUESS = " (guess)"


def used_chips(study: Study) -> list[Row]:
    """The chips that a row of chip_time.csv names, in the order of chips.csv."""
    used = {row["chip_id"] for row in study.dataset.rows("chip_time")}
    return [row for row in study.dataset.rows("chips") if row["chip_id"] in used]


@family("rating")
def rating_results(study: Study) -> Named:
    """Each chip's ratings, and one over the other."""
    page = "chip_time#which-peak"
    for chip in used_chips(study):
        known = {
            name: float(str(chip[f"{name}_tflop_per_second"]))
            for name in RATINGS if chip[f"{name}_tflop_per_second"] is not None
        }
        for name, value in known.items():
            yield f"rating.{chip['chip_id']}.{name}", Result(
                value, "TFLOP/s", page=page, how=f"{chip['name']}, {RATINGS[name]}"
            )
            for other in ("base", "article"):
                if name != other and other in known:
                    yield f"rating.{chip['chip_id']}.{name}_over_{other}", Result(
                        value / known[other], "times", page=page,
                        how=f"{chip['name']}, {RATINGS[name]} over {RATINGS[other]}",
                    )


@family("utilization")
def utilization_results(study: Study) -> Named:
    """The shares of the peak that are assumed, and their plausible range."""
    page, assumed = "chip_time#utilization", study.assumptions
    for kind in KINDS:
        yield f"utilization.{kind}", Result(
            100 * float(getattr(assumed, f"{kind}_utilization")), "%", page=page,
            how=f"assumption {kind}_utilization",
        )
    yield "utilization.plausible", Result(
        100 * assumed.gpu_utilization, "%", 100 * assumed.gpu_utilization_low,
        100 * assumed.gpu_utilization_high, page,
        "assumptions gpu_utilization, gpu_utilization_low and gpu_utilization_high",
    )
    for end in ("low", "high"):
        edge = float(getattr(assumed, f"gpu_utilization_{end}"))
        yield f"utilization.to_{end}", Result(
            max(edge / assumed.gpu_utilization, assumed.gpu_utilization / edge), "times", page=page,
            how=f"gpu_utilization against gpu_utilization_{end}, the larger over the smaller",
        )
    stated = [row for row in study.dataset.rows("chip_time") if row["utilization"] is not None]
    yield "utilization.stated", Result(
        float(len(stated)), "rows", page="chip_time#every-row",
        how="rows of chip_time.csv that state a utilization of their own",
    )
    yield "utilization.rows", Result(
        float(len(study.dataset.rows("chip_time"))), "rows", page="chip_time#every-row",
        how="rows of chip_time.csv",
    )


@lists("chip_ratings")
def chip_ratings(study: Study) -> HtmlTable:
    """The ratings of every chip that trained one of the systems."""
    rows = []
    for chip in used_chips(study):
        values = [chip[f"{name}_tflop_per_second"] for name in RATINGS]
        known = [float(str(value)) for value in values if value is not None]
        spread = max(known) / min(known)
        rows.append([
            tables.text(chip["name"]), tables.text(chip["number_format"]),
            *[tables.number("–" if value is None else wording.number(float(str(value))),
                            None if value is None else float(str(value))) for value in values],
            tables.number("–" if len(known) == 1 else wording.quantity(spread, "times"), spread),
            source_cell(study, str(chip["source_key"])),
        ])
    return HtmlTable(
        ["Chip", "Format", "Base", "Boost", "Article", "Spread", "Source"], rows,
        caption="TFLOP/s of one chip at base and boost clock and as the article takes it; spread: "
        "the highest over the lowest")


@lists("chip_time_rows")
def chip_time_rows(study: Study) -> HtmlTable:
    """Every row of chip_time.csv worked out, the article's and ours."""
    rows = []
    for (system_id, method, basis), calculation in study.calculations.items():
        if method == 2:
            name = short_name(study.system(system_id))
            for phase in calculation.phases:
                part = f", {wording.words(phase.name)}" if len(calculation.phases) > 1 else ""
                value = pfs_days_from_flop(float(phase.flop()))
                rows.append([
                    tables.link(name, f"page:systems/{system_id}#method-2"),
                    tables.text(("the article" if basis == "article" else "recount") + part),
                    tables.text(_product(phase)), tables.number(wording.number(value), value),
                    source_cell(study, phase.source_key),
                ])
    return HtmlTable(["System", "Whose inputs", "Chips × days × TFLOP/s × utilization",
                      "pfs-days", "Source"], rows, sortable=True, minor=("Source",),
                     caption="Every chip time, the article's and ours, worked out")


def _product(phase: Phase) -> str:
    """The factors of a row, each guess marked."""
    chips, days, rating, utilization, factor = (
        phase.factor(name)
        for name in ("chips", "days", "flop_per_second", "utilization", "factor")
    )
    teraflop = rating.value / FLOP_PER_SECOND_PER_TERAFLOP
    parts = [
        f"{wording.stated(chips.value)} {rating.text}{GUESS * (chips.guessed or rating.guessed)}",
        f"{wording.stated(days.value)}{GUESS * days.guessed}",
        wording.stated(teraflop), wording.share(utilization.value),
    ]
    return " × ".join(parts + [wording.stated(factor.value)] * (not factor.is_plain_one))
