"""The tables of the book by name: which rows, which columns, and how each cell reads."""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from typing import Any

import pandas as pd

from aicompute import figures, layers, tables, wording
from aicompute.assumptions import Assumptions, as_text, describe, load_scenario, scenario_names
from aicompute.calculations import Factor, Phase, architecture_multiply_adds
from aicompute.dataset import ARCHITECTURES
from aicompute.errors import CallError
from aicompute.results import Results
from aicompute.study import Study, systems_with_pages
from aicompute.tables import Cell, HtmlBlock, HtmlTable

FORMULA_WORDS = {
    "multiply_adds": "multiply-adds", "operations_per_multiply_add": "FLOP per multiply-add",
    "passes": "passes", "units": "units", "epochs": "epochs", "chips": "chips", "days": "days",
    "flop_per_second": "rating of one chip", "utilization": "utilization", "factor": "factor",
}


Listing = Callable[..., HtmlTable | HtmlBlock]

#: Name of a table to what makes it.
LISTINGS: dict[str, Listing] = {}


def lists(name: str) -> Callable[[Listing], Listing]:
    """Register what makes the table of a name."""

    def register(function: Listing) -> Listing:
        LISTINGS[name] = function
        return function

    return register


def listing(study: Study, name: str, **arguments: Any) -> HtmlTable | HtmlBlock:
    """Make one table by name.

    Raises
    ------
    CallError
        If there is no such table.
    """
    if name not in LISTINGS:
        raise CallError(f"table {name}: unknown; valid: {', '.join(LISTINGS)}")
    return LISTINGS[name](study, **arguments)


def number_cell(results: Results, name: str) -> Cell:
    """A cell with a result that links to where it is calculated."""
    result = results[name]
    shown = wording.quantity(result.value, result.unit)
    return Cell(
        tables.anchor(shown, f"page:{result.page}", title=result.how, css="number"),
        number=True, sort="" if result.value is None else repr(result.value),
    )


@lists("systems")
def system_index(study: Study) -> HtmlTable:
    """Every system with a page: date, publisher, domain and its three values."""
    rows = []
    for system_id in systems_with_pages(study):
        row = study.system(system_id)
        rows.append([
            tables.link(str(row["name"]), f"page:systems/{system_id}"),
            Cell(html.escape(f"{row['date']:%Y-%m-%d}"), sort=f"{row['date']:%Y%m%d}"),
            tables.text(row["organization"]), tables.text(row["domain"]), tables.text(row["set"]),
            *[_pfs_days(row[f"{values}_pfs_days"]) for values in
              ("published", "replicated", "recounted")],
        ])
    head = ["System", "Published", "Organization", "Domain", "List",
            "Published (pfs-days)", "Replicated (pfs-days)", "Recounted (pfs-days)"]
    return HtmlTable(head, rows, sortable=True, name="systems-table")


@lists("eras")
def eras(study: Study) -> HtmlTable:
    """The article's eras with their ranges."""
    rows = [
        [tables.text(row["name"]), tables.text(row["what"]),
         _span(row, "chips"), _span(row, "tflop_per_second"), _span(row, "pfs_days")]
        for row in study.dataset.rows("eras")
    ]
    return HtmlTable(["Era", "What made it", "Chips", "TFLOP/s each", "pfs-days"], rows)


@lists("era_fit")
def era_fit(study: Study) -> HtmlTable:
    """Every chart system against the range of its era."""
    rows = []
    for row in figures.era_fit(study).to_dict("records"):
        given = "none given" if pd.isna(row["era_low"]) else wording.interval(
            row["era_low"], row["era_high"])
        rows.append([
            tables.link(row["name"], f"page:systems/{row['system_id']}"),
            tables.text(f"{row['date']:%Y-%m-%d}"), tables.text(row["era"]),
            tables.number(wording.number(row["pfs_days"]), row["pfs_days"]),
            tables.text(given), tables.text(row["inside"]),
        ])
    return HtmlTable(["System", "Published", "Era", "pfs-days", "Range", "Inside"], rows)


@lists("assumptions")
def assumptions(study: Study) -> HtmlTable:
    """Every assumption: type, range, default, the value here, meaning and source."""
    changed = study.assumptions.changed()
    rows = []
    for name in Assumptions.model_fields:
        facts = describe(name)
        here = as_text(getattr(study.assumptions, name))
        shown = f"<strong>{html.escape(here)}</strong>" if name in changed else html.escape(here)
        allowed = " ".join(part for part in (facts["type"], facts["range"]) if part)
        rows.append([
            Cell(f"<code>{html.escape(name)}</code>"), Cell(shown), tables.text(facts["default"]),
            tables.text(allowed), tables.text(facts["unit"]), tables.text(facts["meaning"]),
            source_cell(study, facts["source"]),
        ])
    return HtmlTable(
        ["Assumption", "Here", "Default", "Allowed", "Unit", "Meaning", "Source"], rows)


@lists("scenarios")
def scenarios(study: Study) -> HtmlTable:
    """The named scenarios: what each alters and why."""
    del study
    rows = []
    for name in scenario_names():
        scenario = load_scenario(name)
        altered = ", ".join(f"{n}={as_text(v)}" for n, v in scenario["assumptions"].items())
        rows.append([Cell(f"<code>{html.escape(name)}</code>"), tables.text(scenario["title"]),
                     Cell(f"<code>{html.escape(altered)}</code>"), tables.text(scenario["why"])])
    return HtmlTable(["Scenario", "Title", "Alters", "Why"], rows)


@lists("dictionary")
def dictionary(study: Study, table: str) -> HtmlTable:
    """The columns of one table: type, unit, allowed values, meaning."""
    schema = study.dataset.schemas[table]
    rows = [[Cell(f"<code>{html.escape(c.name)}</code>"), tables.text(c.type), tables.text(c.unit),
             tables.text(c.allowed()), tables.text(c.meaning)] for c in schema.columns]
    return HtmlTable(["Column", "Type", "Unit", "Allowed", "Meaning"], rows)


@lists("dictionaries")
def dictionaries(study: Study) -> HtmlBlock:
    """The columns of every table, with its rows counted and its file to download."""
    parts = []
    for name, schema in study.dataset.schemas.items():
        if name == ARCHITECTURES:
            files = [f"{ARCHITECTURES}/{a}" for a in study.dataset.architectures()]
        else:
            files = [name]
        count = sum(len(study.dataset.rows(file)) for file in files)
        links = " · ".join(tables.anchor(f"{f}.csv", f"page:_downloads/data/{f}.csv") for f in files)
        parts.append(
            f'<h3 id="table-{html.escape(name)}">{html.escape(schema.title)}</h3>'
            f"<p>{html.escape(schema.description)} {count:,} rows. {links}</p>"
            f"{dictionary(study, name)._repr_html_()}"
        )
    return HtmlBlock("".join(parts))


@lists("layer_kinds")
def layer_kinds(study: Study) -> HtmlTable:
    """How each kind of layer is counted."""
    del study
    rows = [[Cell(f"<code>{html.escape(name)}</code>"), tables.text(kind.meaning),
             tables.text(kind.formula)] for name, kind in layers.KINDS.items()]
    return HtmlTable(["Kind", "Meaning", "Multiply-adds"], rows)


@lists("layers")
def layer_table(study: Study, architecture: str) -> HtmlTable:
    """A network layer by layer, with each layer's share of the multiply-adds as a bar."""
    total = architecture_multiply_adds(study.dataset, architecture)
    rows = []
    for layer in study.dataset.layers(architecture):
        count = layers.multiply_adds(layer)
        share = count / total
        rows.append([
            tables.text(layer.layer), tables.text(layer.kind),
            tables.number(f"{layer.repeat}×" if layer.repeat > 1 else "", layer.repeat),
            tables.number(f"{layer.in_channels} → {layer.out_channels}", layer.out_channels),
            tables.number(f"{layer.kernel_height}×{layer.kernel_width}"),
            tables.number(f"{layer.out_height}×{layer.out_width}"),
            tables.number(f"{count:,}", count), _bar(share),
        ])
    return HtmlTable(
        ["Layer", "Kind", "Repeat", "Channels", "Kernel", "Output", "Multiply-adds", "Share"],
        rows, caption=f"{architecture}: {total:,} multiply-adds a forward pass")


@lists("method")
def method(study: Study, system_id: str, number: int) -> HtmlBlock:
    """A system's calculations by one method: formula with numbers, then every input's source."""
    found = [c for c in study.calculations_of(system_id) if c.method == number]
    if not found:
        return HtmlBlock("<p>There is not enough in print for this method.</p>")
    parts = []
    for calculation in found:
        whose = "The article's formula" if calculation.basis == "article" else "Recounted"
        parts.append(
            f"<h4>{whose}: {wording.quantity(calculation.pfs_days, 'pfs-days')}"
            f"{_range_words(calculation.low, calculation.high)}</h4>"
        )
        parts += [_phase_html(study, phase, len(calculation.phases)) for phase in calculation.phases]
    return HtmlBlock("".join(parts))


def source_cell(study: Study, key: str) -> Cell:
    """A cell that names a source and links to it in the bibliography."""
    source = study.dataset.sources.get(key)
    return tables.text(key) if source is None else tables.link(
        source.label, f"page:bibliography#{key.replace('_', '-')}")


def _phase_html(study: Study, phase: Phase, phases: int) -> str:
    product = " × ".join(_factor_words(factor) for factor in phase.factors)
    flop = float(phase.flop())
    name = f"{html.escape(wording.words(phase.name))}: " if phases > 1 else ""
    source = source_cell(study, phase.source_key).html
    note = f" {html.escape(phase.note)}" if phase.note else ""
    rows = [
        [tables.text(FORMULA_WORDS[f.name]), tables.number(_value_words(f), f.value),
         tables.text(wording.interval(f.low, f.high) if f.low != f.high else ""),
         tables.text(_origin(f))]
        for f in phase.factors
    ]
    table = HtmlTable(["Input", "Value", "Range", "From"], rows)._repr_html_()
    return (
        f'<p class="formula">{name}{product} = {wording.quantity(flop, "FLOP")}</p>'
        f"{table}<p class=\"source\">Source: {source}, {html.escape(phase.source_place)}.{note}</p>"
    )


def _factor_words(factor: Factor) -> str:
    shown = html.escape(_value_words(factor))
    return f'<span title="{html.escape(FORMULA_WORDS[factor.name])}">{shown}</span>'


def _value_words(factor: Factor) -> str:
    text = wording.quantity(factor.value, factor.unit)
    return f"{text} ({factor.text})" if factor.text else text


def _origin(factor: Factor) -> str:
    if factor.assumption:
        return f"assumption {factor.assumption}"
    return "a guess: no source states it" if factor.guessed else "the source"


def _range_words(low: float, high: float) -> str:
    return "" if low == high else f" ({wording.interval(low, high)})"


def _pfs_days(value: Any) -> Cell:
    missing = value is None or math.isnan(value)
    return tables.number("–") if missing else tables.number(wording.number(value), value)


def _span(row: dict[str, Any], stem: str) -> Cell:
    low, high = row[f"{stem}_low"], row[f"{stem}_high"]
    return tables.text("none given" if low is None else wording.interval(low, high))


def _bar(share: float) -> Cell:
    width = f"{share * 100:.2f}"
    bar = f'<span class="share-bar" style="inline-size:{width}%"></span>'
    return Cell(f'<span class="share">{bar}<span>{wording.share(share)}</span></span>', sort=width)
