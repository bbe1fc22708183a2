"""A system's calculations as the book shows them: the product, and every input with its source."""

from __future__ import annotations

import html

from aicompute import tables, wording
from aicompute.listings import FORMULA_WORDS, lists, note_html, source_cell
from aicompute.methods.calculations import Factor, Phase
from aicompute.study import Study
from aicompute.tables import Cell, HtmlBlock

WHOSE = {"article": "as the article has them", "recount": "recounted"}


@lists("method")
def method(study: Study, system_id: str, number: int, listing: str = "method") -> HtmlBlock:
    """A system's calculations by one method: formula with numbers, then every input's source."""
    system = study.system(system_id)["name"]
    found = [c for c in study.calculations_of(system_id) if c.method == number]
    if not found:
        return HtmlBlock("<p>There is not enough in print for this method.</p>")
    parts = []
    for calculation in found:
        whose = "The article's formula" if calculation.basis == "article" else "Recounted"
        low, high = calculation.low, calculation.high
        between = wording.range_words(low, high)
        value = wording.quantity(calculation.pfs_days, "pfs-days")
        parts.append(f"<h3>{whose}: {value}{f' ({between})' if between else ''}</h3>")
        phases = calculation.phases
        for phase in phases:
            part = phase.name if len(phases) > 1 else ""
            name = tables.table_name(listing, system_id, number, calculation.basis, part)
            of = f", {wording.words(part)}" if part else ""
            caption = f"The inputs of {system} by method {number}, {WHOSE[calculation.basis]}{of}"
            parts.append(_phase_html(study, phase, part, caption, name))
    return HtmlBlock("".join(parts))


def _phase_html(study: Study, phase: Phase, part: str, caption: str, table_name: str) -> str:
    shown = [factor for factor in phase.factors if not factor.is_plain_one]
    product = " × ".join(_factor_words(factor) for factor in shown)
    flop = float(phase.flop())
    name = f"{html.escape(wording.words(part))}: " if part else ""
    source = source_cell(study, phase.source_key).html
    note = f" {note_html(study, phase.note)}" if phase.note else ""
    rows = [
        [tables.text(_input_words(f)), tables.number(_cell_words(f), f.value),
         tables.text(_range_words(f)), _origin(study, phase, f)]
        for f in shown
    ]
    head = ["Input", "Value", "Range", "From"]
    table = tables.without_empty_columns(
        head, rows, caption, name=table_name)._repr_html_()
    return (
        f'<p class="formula">{name}{product} = {wording.quantity(flop, "FLOP")}</p>'
        f"{table}<p class=\"source\">Source: {source}, {html.escape(phase.source_place)}.{note}</p>"
    )


def _factor_words(factor: Factor) -> str:
    text = wording.stated_quantity(factor.value, factor.unit)
    if factor.text and factor.name == "multiply_adds":
        text = f"{text} ({factor.text})"
    shown = html.escape(text)
    return f'<span title="{html.escape(FORMULA_WORDS[factor.name])}">{shown}</span>'


def _input_words(factor: Factor) -> str:
    return factor.unit if factor.name == "units" else FORMULA_WORDS[factor.name]


def _cell_words(factor: Factor) -> str:
    """The value, with its unit where the name of the input does not give it."""
    if factor.name in ("chips", "flop_per_second"):
        return wording.stated_quantity(factor.value, factor.unit)
    text = wording.stated(factor.value)
    return f"{text} ({factor.text})" if factor.text else text


def _range_words(factor: Factor) -> str:
    """The range, unless its ends read the same."""
    low, high = wording.stated(factor.low), wording.stated(factor.high)
    return "" if low == high else f"{low} to {high}"


def _origin(study: Study, phase: Phase, factor: Factor) -> Cell:
    """Whose an input is: an assumption, a guess, our layer table, or the calculation's source."""
    if factor.assumption:
        named = tables.anchor(factor.assumption, "page:assumptions#the-table")
        kind = ", for a kind of chip that is a guess" if factor.guessed else ""
        return Cell(f"assumption {named}{kind}")
    if factor.guessed:
        return tables.text("a guess: no source states it")
    counted = factor.name == "multiply_adds" and factor.text
    whose = "our layer table" if counted else source_cell(study, phase.source_key).html
    return Cell(f"{whose}; the range is a guess" if factor.range_guessed else whose)
