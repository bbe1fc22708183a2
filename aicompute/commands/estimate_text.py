"""One system at a terminal: its values side by side, then every calculation factor by factor."""

from __future__ import annotations

import math

from aicompute import wording
from aicompute.commands.terminal import altered_words, columns, wrapped
from aicompute.listings import FORMULA_WORDS
from aicompute.methods.calculations import Calculation, Factor, Phase
from aicompute.study import Study
from aicompute.units import FLOP_PER_PFS_DAY

#: Ranges of a chip's rating differ in the fourth digit.
_RANGE_DIGITS = 4
_WHOSE = {"article": "the article's inputs", "recount": "recounted"}
_NAMED = {1: "operations counted", 2: "chips and time"}


def estimate_text(study: Study, system_id: str) -> str:
    """Both methods for one system: its values, then factor by factor with units and sources."""
    row = study.system(system_id)
    lines = wrapped(f"{row['name']}, {row['organization']}, {wording.date(row['date'])}")
    if altered := altered_words(study.assumptions):
        lines += wrapped(f"under {altered}")
    calculations = study.calculations_of(system_id)
    lines += ["", *_values(study, row, calculations)]
    for calculation in calculations:
        lines += ["", *_calculation_lines(study, calculation)]
    if not calculations:
        lines += ["", *wrapped("The tables hold no calculation for this system.")]
    return "\n".join(lines)


def _values(study: Study, row: dict[str, object], calculations: list[Calculation]) -> list[str]:
    """Every value of the system, its range, and how it stands to the published one."""
    published = float(str(row["published_pfs_days"]))
    rows = [["value", "pfs-days", "range", "to published", "baseline"]]
    if not math.isnan(published):
        was = float(str(study.baseline.system(str(row["system_id"]))["published_pfs_days"]))
        rows.append(["published", wording.number(published), "", "", _if_other(was, published)])
    for c in calculations:
        before = study.baseline.calculations[(c.system_id, c.method, c.basis)].pfs_days
        between = wording.interval(c.low, c.high) if c.low != c.high else ""
        ratio = "" if math.isnan(published) else f"{wording.number(c.pfs_days / published)}×"
        rows.append([f"method {c.method}, {_WHOSE[c.basis]}", wording.number(c.pfs_days), between,
                     ratio, _if_other(before, c.pfs_days)])
    used = [i for i in range(len(rows[0])) if any(cells[i] for cells in rows[1:])]
    lines = columns([[cells[i] for i in used] for cells in rows], right=[1]) if used else []
    if not math.isnan(published):
        source = _published_source(study, row, published)
        lines += wrapped(f"source of the published value: {source}")
    return lines


def _if_other(baseline: float, value: float) -> str:
    return "" if baseline == value else wording.number(baseline)


def _published_source(study: Study, row: dict[str, object], value: float) -> str:
    found = next(
        r for r in study.dataset.rows("published")
        if r["system_id"] == row["system_id"] and r["pfs_days"] == value
    )
    return f"{_label(study, str(found['source_key']))}, {found['source_place']}"


def _calculation_lines(study: Study, calculation: Calculation) -> list[str]:
    method = calculation.method
    lines = wrapped(
        f"Method {method}, {_NAMED[method]}, {_WHOSE[calculation.basis]}: "
        f"{wording.quantity(calculation.pfs_days, 'pfs-days')}"
        + _between(calculation.low, calculation.high)
    )
    for phase in calculation.phases:
        lines += _phase_lines(study, phase)
    amounts = " + ".join(wording.quantity(float(p.flop()), "FLOP") for p in calculation.phases)
    one, several = wording.number(FLOP_PER_PFS_DAY), len(calculation.phases) > 1
    return lines + wrapped(
        f"{f'({amounts})' if several else amounts} / {one} FLOP per pfs-day = "
        f"{wording.quantity(calculation.pfs_days, 'pfs-days')}", 2
    )


def _phase_lines(study: Study, phase: Phase) -> list[str]:
    # A bare 1 multiplies nothing a reader would look for.
    shown = [factor for factor in phase.factors if not factor.is_plain_one]
    rows = [_factor_row(study, factor) for factor in shown]
    formula = " × ".join(_quantity(factor) for factor in shown)
    product = wording.quantity(float(phase.flop()), "FLOP")
    return [
        f"  {wording.words(phase.name)}", *columns(rows, indent=4),
        *wrapped(f"{formula} = {product}", 4),
        *wrapped(f"source: {_label(study, phase.source_key)}, {phase.source_place}", 4),
    ]


def _label(study: Study, key: str) -> str:
    source = study.dataset.sources.get(key)
    return source.label if source else key


def _factor_row(study: Study, factor: Factor) -> list[str]:
    """Name, value, and where it comes from, after its range where it has one."""
    origin, value = _origin(study, factor), _quantity(factor)
    if factor.name == "multiply_adds":
        value = ", ".join(part for part in (wording.number(factor.value), factor.text) if part)
    if factor.low != factor.high:
        whose = " (our guess)" if factor.range_guessed and not factor.guessed else ""
        origin = f"{wording.interval(factor.low, factor.high, _RANGE_DIGITS)}{whose}, {origin}"
    return [FORMULA_WORDS.get(factor.name, factor.name), value, origin]


def _origin(study: Study, factor: Factor) -> str:
    """Whose an input is, in the words of the pages: see topics.method_tables."""
    if factor.assumption:
        is_altered = factor.assumption in study.assumptions.changed()
        kind = ", for a kind of chip that is a guess" if factor.guessed else ""
        return f"{'altered ' if is_altered else ''}assumption {factor.assumption}{kind}"
    if factor.guessed:
        return "a guess"
    counted = factor.name == "multiply_adds" and factor.text
    return "our layer table" if counted else "the source's"


def _quantity(factor: Factor) -> str:
    return wording.quantity(factor.value, wording.words(factor.unit))


def _between(low: float, high: float) -> str:
    return f" ({wording.interval(low, high)})" if low != high else ""
