"""The tables of the book by name: which rows, which columns, and how each cell reads."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aicompute import tables, wording
from aicompute.assumptions import Assumptions, as_text, describe, load_scenario, scenario_names
from aicompute.dataset import ARCHITECTURES, load_rows
from aicompute.errors import CallError
from aicompute.figures import short_name
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
    made = LISTINGS[name](study, **arguments)
    if isinstance(made, HtmlTable) and not made.name:
        return replace(made, name=tables.table_name(name, *arguments.values()))
    return made


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
            tables.link(short_name(row), f"page:systems/{system_id}", title=str(row["name"])),
            Cell(html.escape(f"{row['date']:%Y-%m-%d}"), sort=f"{row['date']:%Y%m%d}"),
            _organizations(str(row["organization"])), tables.text(row["domain"]),
            tables.text(row["set"]),
            _published_cell(study, row), _pfs_days(row["replicated_pfs_days"]),
            _pfs_days(row["recounted_pfs_days"]),
        ])
    head = ["System", "Date", "By", "Domain", "List", "Published", "Replicated", "Recounted"]
    return HtmlTable(head, rows, sortable=True, facets=("Domain", "List"),
                     minor=("By", "Domain", "List", "Replicated"),
                     caption="Training compute in pfs-days: the three values of every system")


def _organizations(names: str) -> Cell:
    """The first of several organizations, with all of them on hover and for the filter."""
    first, *others = names.split(", ")
    if not others:
        return tables.text(names)
    all_names = f'<abbr title="{html.escape(names)}">+{len(others)}</abbr>'
    return Cell(f"{html.escape(first)}&nbsp;{all_names}")


def _published_cell(study: Study, row: dict[str, Any]) -> Cell:
    """The published value with the digits it has, and a sign where it is a bound."""
    value = row["published_pfs_days"]
    found = load_rows(study.dataset.rows("published"), system_id=row["system_id"], pfs_days=value)
    less = "< " if found and found[0]["bound"] == "<" else ""
    return tables.number(f"{less}{wording.stated(value)}", None if math.isnan(value) else value)


@lists("assumptions")
def assumptions(study: Study) -> HtmlTable:
    """Every assumption: the value here (and its default, if altered), range, meaning, source."""
    changed = study.assumptions.changed()
    rows = []
    for name in Assumptions.model_fields:
        facts = describe(name)
        here = as_text(getattr(study.assumptions, name))
        shown = html.escape(here)
        if name in changed:
            shown = f"<strong>{shown}</strong> (default {html.escape(facts['default'])})"
        unit = "" if facts["unit"] in ("1", "date") else facts["unit"]
        allowed = " ".join(part for part in (facts["type"], facts["range"], unit) if part)
        source = source_cell(study, facts["source"]).html
        rows.append([
            Cell(f"<code>{html.escape(name)}</code>"),
            Cell(f"{html.escape(facts['meaning'])} <small>Source: {source}.</small>"),
            Cell(shown), tables.text(allowed),
        ])
    return HtmlTable(["Assumption", "Meaning", "Here", "Allowed"], rows,
                     caption="Every assumption: its meaning, its value here, and what is allowed")


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
    return HtmlTable(["Scenario", "Title", "Alters", "Why"], rows,
                     caption="The named scenarios: what each alters, and why")


@lists("dictionary")
def dictionary(study: Study, table: str) -> HtmlTable:
    """The columns of one table: type, unit, allowed values, meaning."""
    schema = study.dataset.schemas[table]
    rows = [[Cell(f"<code>{html.escape(c.name)}</code>"), tables.text(c.type), tables.text(c.unit),
             tables.text(c.allowed()), Cell(_with_code(c.meaning))] for c in schema.columns]
    return HtmlTable(["Column", "Type", "Unit", "Allowed", "Meaning"], rows,
                     caption=f"{schema.title}: the columns",
                     name=tables.table_name("dictionary", table))


def _with_code(words: str) -> str:
    """Escaped words, with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(words))


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


def source_cell(study: Study, key: str, place: str = "") -> Cell:
    """A cell that names a source, links to it in the bibliography, and says where in it."""
    source = study.dataset.sources.get(key)
    named = tables.text(key) if source is None else tables.link(
        source.label, f"page:bibliography#{key.replace('_', '-')}")
    if not place:
        return named
    return Cell(f'{named.html}<br><small class="source">{html.escape(place)}</small>')


def note_html(study: Study, note: str) -> str:
    """A note of a row, every source it names by its key as a link to the bibliography."""
    parts = re.split(r"\b([a-z]+(?:_[a-z]+)*_\d{4}(?:_[a-z0-9]+)?)\b", note)
    known = study.dataset.sources
    return "".join(
        source_cell(study, part).html if part in known else html.escape(part) for part in parts
    )


def _pfs_days(value: Any) -> Cell:
    missing = value is None or math.isnan(value)
    return tables.number("–") if missing else tables.number(wording.number(value), value)
