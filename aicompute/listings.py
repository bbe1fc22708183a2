"""The tables of the book by name: which rows, which columns, and how each cell reads."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable
from typing import Any

from aicompute import tables, wording
from aicompute.assumptions import Assumptions, as_text, describe, load_scenario, scenario_names
from aicompute.calculations import Factor, Phase
from aicompute.dataset import ARCHITECTURES, load_rows
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
            _published_cell(study, row), _pfs_days(row["replicated_pfs_days"]),
            _pfs_days(row["recounted_pfs_days"]),
        ])
    head = ["System", "Date", "Organization", "Domain", "List",
            "Published", "Replicated", "Recounted"]
    return HtmlTable(head, rows, sortable=True, name="systems-table",
                     caption="Published, replicated and recounted values in pfs-days")


def _published_cell(study: Study, row: dict[str, Any]) -> Cell:
    """The published value with the digits it has, and a sign where it is a bound."""
    value = row["published_pfs_days"]
    found = load_rows(study.dataset.rows("published"), system_id=row["system_id"], pfs_days=value)
    less = "< " if found and found[0]["bound"] == "<" else ""
    return tables.number(f"{less}{wording.stated(value)}", None if math.isnan(value) else value)


@lists("assumptions")
def assumptions(study: Study) -> HtmlTable:
    """Every assumption: type, range, default, the value here, meaning and source."""
    changed = study.assumptions.changed()
    rows = []
    for name in Assumptions.model_fields:
        facts = describe(name)
        here = as_text(getattr(study.assumptions, name))
        shown = f"<strong>{html.escape(here)}</strong>" if name in changed else html.escape(here)
        unit = "" if facts["unit"] in ("1", "date") else facts["unit"]
        allowed = " ".join(part for part in (facts["type"], facts["range"], unit) if part)
        source = source_cell(study, facts["source"]).html
        rows.append([
            Cell(f"<code>{html.escape(name)}</code>"),
            Cell(f"{html.escape(facts['meaning'])} <small>Source: {source}.</small>"),
            Cell(shown), tables.text(facts["default"]), tables.text(allowed),
        ])
    return HtmlTable(["Assumption", "Meaning", "Here", "Default", "Allowed"], rows)


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
        paths = [f"{file}.csv" for file in files]
        links = " · ".join(tables.anchor(path, f"page:_downloads/data/{path}") for path in paths)
        parts.append(
            f'<h3 id="table-{html.escape(name)}">{html.escape(schema.title)}</h3>'
            f"<p>{html.escape(schema.description)} {count:,} rows. {links}</p>"
            f"{dictionary(study, name)._repr_html_()}"
        )
    return HtmlBlock("".join(parts))


@lists("method")
def method(study: Study, system_id: str, number: int) -> HtmlBlock:
    """A system's calculations by one method: formula with numbers, then every input's source."""
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
        parts += [_phase_html(study, phase, len(phases)) for phase in phases]
    return HtmlBlock("".join(parts))


def source_cell(study: Study, key: str) -> Cell:
    """A cell that names a source and links to it in the bibliography."""
    source = study.dataset.sources.get(key)
    return tables.text(key) if source is None else tables.link(
        source.label, f"page:bibliography#{key.replace('_', '-')}")


def _phase_html(study: Study, phase: Phase, phases: int) -> str:
    shown = [factor for factor in phase.factors if not factor.is_plain_one]
    product = " × ".join(_factor_words(factor) for factor in shown)
    flop = float(phase.flop())
    name = f"{html.escape(wording.words(phase.name))}: " if phases > 1 else ""
    source = source_cell(study, phase.source_key).html
    note = f" {note_html(study, phase.note)}" if phase.note else ""
    rows = [
        [tables.text(_input_words(f)), tables.number(_cell_words(f), f.value),
         tables.text(_range_words(f)), tables.text(_origin(f))]
        for f in shown
    ]
    table = HtmlTable(["Input", "Value", "Range", "From"], rows)._repr_html_()
    return (
        f'<p class="formula">{name}{product} = {wording.quantity(flop, "FLOP")}</p>'
        f"{table}<p class=\"source\">Source: {source}, {html.escape(phase.source_place)}.{note}</p>"
    )


def note_html(study: Study, note: str) -> str:
    """A note of a row, every source it names by its key as a link to the bibliography."""
    parts = re.split(r"\b([a-z]+(?:_[a-z]+)*_\d{4}(?:_[a-z0-9]+)?)\b", note)
    known = study.dataset.sources
    return "".join(
        source_cell(study, part).html if part in known else html.escape(part) for part in parts
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


def _origin(factor: Factor) -> str:
    if factor.assumption:
        kind = ", for a kind of chip that is a guess" if factor.guessed else ""
        return f"assumption {factor.assumption}{kind}"
    if factor.guessed:
        return "a guess: no source states it"
    whose = "our layer table" if factor.name == "multiply_adds" and factor.text else "the source"
    return f"{whose}; the range is a guess" if factor.range_guessed else whose


def _pfs_days(value: Any) -> Cell:
    missing = value is None or math.isnan(value)
    return tables.number("–") if missing else tables.number(wording.number(value), value)
