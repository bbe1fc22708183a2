"""The parts of a system's page: its sentences, its facts, its networks and its neighbours."""

from __future__ import annotations

import html
from typing import Any

from aicompute import layers, listings, tables, wording
from aicompute.dataset import ARCHITECTURES, load_rows
from aicompute.listings import lists, source_cell
from aicompute.methods.calculations import architecture_multiply_adds
from aicompute.study import Study, has_page, systems_with_pages
from aicompute.tables import Cell, HtmlBlock, HtmlTable, paragraph, table_name
from aicompute.topics import layer_tables, method_tables
from aicompute.words import doubts, system_words

KINDS = {
    "plotted": "plotted in the article", "printed": "printed in the article",
    "digitised": "read off the article's chart", "stated": "stated by its builders",
    "estimated": "estimated by others",
}


@lists("system_answer")
def system_answer(study: Study, system_id: str) -> HtmlBlock:
    """The page's answer in one sentence, and who, when and what it is about."""
    words = html.escape(system_words.answer(study, system_id))
    facts = system_facts(study, system_id)._repr_html_()
    return HtmlBlock(f'<p class="answer">{words}</p>{facts}')


def system_facts(study: Study, system_id: str) -> HtmlTable:
    """Who, when and what."""
    row = study.system(system_id)
    source = study.dataset.sources.get(str(row["source_key"]))
    title = str(row["title"])
    opened = tables.anchor(title, source.url) if source else html.escape(title)
    cited = source_cell(study, str(row["source_key"])).html
    rows = [
        ("What", html.escape(str(row["summary"]))),
        ("Published", html.escape(wording.date(row["date"]))),
        ("By", html.escape(str(row["organization"]))),
        ("Google or its parent Alphabet", "took part" if row["is_alphabet"] else "took no part"),
        ("Domain", html.escape(str(row["domain"]))),
        ("Listed", html.escape(system_words.LISTS[str(row["set"])])),
        ("Source", f"{opened} ({cited}, {html.escape(str(row['source_place']))})"),
    ]
    return HtmlTable(["Fact", str(row["name"])], [[tables.text(a), Cell(b)] for a, b in rows],
                     caption=f"{row['name']} in short", name=table_name("system-facts", system_id))


@lists("system_values")
def system_values(study: Study, system_id: str) -> HtmlTable:
    """Every value there is of a system, whose it is, and where it stands."""
    rows: list[list[Cell]] = []
    for row in load_rows(study.dataset.rows("published"), system_id=system_id):
        method = f", method {row['method']}" if row["method"] else ""
        less = "less than " if row["bound"] == "<" else ""
        value = float(row["pfs_days"])  # type: ignore[arg-type]
        rows.append([
            tables.text(KINDS[str(row["kind"])] + method),
            tables.number(f"{less}{wording.stated(value)}", value), tables.text(""),
            source_cell(study, str(row["source_key"])),
            Cell(listings.note_html(study, str(row["note"] or ""))),
        ])
    for count in study.calculations_of(system_id):
        whose = "the article's formula, run here" if count.basis == "article" else "recounted"
        between = wording.range_words(count.low, count.high)
        rows.append([
            tables.link(f"{whose}, method {count.method}",
                        f"page:systems/{system_id}#method-{count.method}"),
            tables.number(wording.number(count.pfs_days), count.pfs_days), tables.text(between),
            source_cell(study, count.phases[0].source_key), tables.text(""),
        ])
    return tables.without_empty_columns(
        ["Value", "pfs-days", "Range", "Source", "Note"], rows,
        caption=f"Every value there is of {study.system(system_id)['name']}, and whose it is")


@lists("system_method")
def system_method(study: Study, system_id: str, number: int) -> HtmlBlock:
    """One method for one system: its formulas, and how the printed result stands to its own."""
    reason = system_words.missing(study, system_id, number)
    if reason:
        return paragraph(html.escape(reason))
    shown = method_tables.method(study, system_id, number, listing="system-method")
    printed = system_words.printed(study, system_id, number)
    said = f'<p class="printed">{html.escape(printed)}</p>' if printed else ""
    return HtmlBlock(said + shown._repr_html_())


@lists("system_layers")
def system_layers(study: Study, system_id: str) -> HtmlBlock:
    """Every network a system's counts use, layer by layer, the first one open."""
    rows = load_rows(study.dataset.rows("workloads"), system_id=system_id)
    names = list(dict.fromkeys(str(row["architecture"]) for row in rows if row["architecture"]))
    if not names:
        return _without_layers(study, system_id, counted=bool(rows))
    parts = [_network(study, system_id, name, is_open=name == names[0]) for name in names]
    return HtmlBlock("".join(parts))


def _without_layers(study: Study, system_id: str, *, counted: bool) -> HtmlBlock:
    """Why no layer table is behind a system's values, and one of its name kept for checks."""
    if not counted and study.system(system_id)["set"] == "later":
        return paragraph("Only chip time is worked out for systems after the article; the shapes "
                         "of their layers are not in our tables.")
    if not counted:
        return paragraph("Only chip time can be had for this system: we found no source with all "
                         "the shapes of its layers and the examples it was trained on.")
    words = ("The shapes of what was trained are not all published, so its multiply-adds are taken "
             "as one figure, above.")
    if system_id not in study.dataset.architectures():
        return paragraph(words)
    note = study.dataset.rows(f"{ARCHITECTURES}/{system_id}")[0]["note"]
    of = f" ({listings.note_html(study, str(note))})" if note else ""
    checked = f"<p>{words} This table is for checks alone{of}.</p>"
    return HtmlBlock(checked + _network(study, system_id, system_id, is_open=True))


def _network(study: Study, system_id: str, name: str, *, is_open: bool) -> str:
    rows = study.dataset.layers(name)
    total = architecture_multiply_adds(study.dataset, name)
    largest = max(rows, key=layers.multiply_adds)
    share = wording.share(round(layers.multiply_adds(largest) / total, 3))
    words = (f"{wording.words(name)}: {total:,} multiply-adds a forward pass in {len(rows)} rows; "
             f"the largest, {largest.layer}, takes {share}")
    label = table_name("system-layers", system_id, name)
    table = layer_tables.layer_table(study, name, label)._repr_html_()
    state = " open" if is_open else ""
    return (f'<details class="network"{state}><summary>{html.escape(words)}</summary>'
            f"{table}</details>")


@lists("system_uncertain")
def system_uncertain(study: Study, system_id: str) -> HtmlBlock:
    """What is uncertain about a system, as a list."""
    points = doubts.uncertain(study, system_id)
    items = "".join(f"<li>{listings.note_html(study, point)}</li>" for point in points)
    return HtmlBlock(f"<ul>{items}</ul>") if points else paragraph("Nothing beyond the above.")


@lists("system_neighbours")
def system_neighbours(study: Study, system_id: str) -> HtmlBlock:
    """The systems before and after this one, by date."""
    names = systems_with_pages(study)
    place = names.index(system_id)
    before, after = names[:place][-1:], names[place + 1:][:1]
    links = [f"Before: {_page_link(study, name)}" for name in before]
    links += [f"After: {_page_link(study, name)}" for name in after]
    links.append(tables.anchor("All systems", "page:systems"))
    return paragraph(" · ".join(links))


def _page_link(study: Study, system_id: str) -> str:
    row: dict[str, Any] = study.system(system_id)
    if not has_page(study, system_id):
        return html.escape(str(row["name"]))
    return tables.anchor(str(row["name"]), f"page:systems/{system_id}")
