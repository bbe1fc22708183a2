"""Turns executed notebooks into the sources of the site: numbers, links, tables, figures."""

from __future__ import annotations

import html
import json
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from aicompute import words
from aicompute.assumptions import BOOKS
from aicompute.book.contents import Page, new_cell
from aicompute.book.keeping import INJECTED_TAG
from aicompute.book.site import FIGURE_CLASS
from aicompute.errors import PageError
from aicompute.names import unknown
from aicompute.prose import Filling, Numbers
from aicompute.recording import NAMED, NUMBERS_MIME, Number, filled
from aicompute.showing import FIGURE_MIME, TABLE_MIME

#: A chapter names another as an editor and a forge understand it; its source has another suffix.
_CHAPTER_LINK = re.compile(r"(?<=\]\()([\w/-]+)\.md(?=[#)])")
_PAGE_LINK = re.compile(r'(?<=href=")page:([\w./-]+)')
_FIGURE = re.compile(r"\{numref\}`(fig-[\w-]+)`")
#: A path under one of these names is a file of the site, not a page.
_FILES = ("_downloads/", f"{BOOKS}/", "results.json")
SCENARIOS = "scenarios"
#: Characters of a printed line at most: MyST takes time that grows with the square of them.
LONGEST_LINE = 20_000
#: Characters of a word in a table, from which on it may be broken.
SHORT = 16
#: Characters of a cell of a table, from which on it is read as a sentence.
LONG = 50


@dataclass
class Staging:
    """What pages are filled with, and what is met on the way."""

    numbers: Numbers
    #: The baseline's numbers: in the baseline, the same.
    baseline: Numbers
    #: Every page there is, for the links.
    pages: set[str]
    #: HTML for the top of a page; empty for none.
    banner: str = ""
    #: The scenarios that the site has a whole book of, for the page that compares them.
    books: list[str] = field(default_factory=list)
    #: The figures by page and label, for who draws them.
    figures: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def stage(self, page: Page, executed: NotebookNode) -> str:
        """Make the site's source of one page, the same text for the same content.

        A number or page that there is not, and too long a line that a cell printed, is a PageError.
        """
        filling = Filling(self.numbers, self.baseline, self._writer(page.name))
        cells: list[NotebookNode] = []
        for cell in executed.cells:
            if cell.cell_type == "markdown":
                text = filling.fill(cell.source, page.file, cell.metadata["line"])
                cells.append(new_cell("markdown", self._linked(page.name, text)))
            else:
                first, *tables = self._code(page.name, cell)
                if cells and _folded(cells[-1]) and _folded(first) and not cells[-1].outputs:
                    first["source"] = f"{cells.pop().source}\n\n{first.source}"
                cells += [first, *tables]
        if self.numbers != self.baseline:
            labels = {label for name, label in self.figures if name == page.name}
            for cell in cells:  # these assumptions may leave a figure nothing to draw
                cell["source"] = _FIGURE.sub(
                    lambda found: found[0] if found[1] in labels else "a figure not drawn here",
                    cell["source"])
        if self.banner:  # right under the title
            title, _, rest = cells[0].source.partition("\n")
            cells[:1] = [new_cell("markdown", text) for text in (title, self.banner, rest.strip())]
        if self.books and page.name == SCENARIOS:
            links = (f'<a href="{BOOKS}/{name}/index.html">{name}</a>' for name in self.books)
            cells.append(new_cell("markdown", f"The whole book under each: {', '.join(links)}."))
        for index, cell in enumerate(cells):
            cell["id"] = f"cell-{index}"
        notebook = {**executed, "cells": cells}
        return json.dumps(notebook, ensure_ascii=False, sort_keys=True, indent=1) + "\n"

    def path(self, page: str, name: str, suffix: str = ".html") -> str:
        """The path from one page to another, or to a file of the site.

        Raises
        ------
        PageError
            If there is no page of that name.
        """
        if not name.startswith(_FILES):
            if name not in self.pages:
                raise PageError(f"page {page}: link: {unknown('page', name, self.pages)}")
            name += suffix
        return posixpath.relpath(name, posixpath.dirname(page) or ".")

    def _linked(self, page: str, text: str) -> str:
        """A text with its links as they lead from one page to others."""
        text = _CHAPTER_LINK.sub(lambda m: self.path(page, m[1], ".ipynb"), text)
        return _PAGE_LINK.sub(lambda m: self.path(page, m[1]), text)

    def _in_spec(self, page: str, part: Any) -> Any:
        """A chart whose links lead from a page; any other text is the data's, whatever it says."""
        if isinstance(part, list):
            return [self._in_spec(page, item) for item in part]
        if not isinstance(part, dict):
            return part
        made = {name: self._in_spec(page, value) for name, value in part.items()}
        if isinstance(made.get("href"), str):
            made["href"] = self._linked(page, f'href="{made["href"]}"')[6:-1]
        return made

    def _writer(self, page: str) -> Callable[[str, Number, str, Mapping[str, str]], str]:
        """How a text of a page shows a number: as a link to the cell that calculates it."""
        def write(name: str, number: Number, form: str, moving: Mapping[str, str]) -> str:
            shown = html.escape(number.said(form))
            title = html.escape(self._title(name, number)).replace("|", "&#124;")
            section = f"#{number.section}" if number.section else ""
            address = self.path(page, number.page or "results.json") + section
            told = _told(number, form, moving) if moving else ""
            return f'<a class="number" href="{address}" title="{title}"{told}>{shown}</a>'

        return write

    def _title(self, name: str, number: Number) -> str:
        """What a reader sees who points at a number: all digits, interval, how, and its name."""
        parts = [f"{number.said('exact')} {number.unit}".strip()]
        if number.low is not None or number.high is not None:
            parts.append(f"interval {words.interval(number.low, number.high)}")
        before = self.baseline.get(name)
        if before is not None and before.value != number.value:
            parts.append(f"baseline {before.said()}")
        return "; ".join(part for part in (*parts, number.how, name) if part)

    def _code(self, page: str, cell: NotebookNode) -> list[NotebookNode]:
        """A code cell as the page shows it, and the tables that it shows as cells of their own."""
        tags = list(cell.metadata.get("tags", []))
        metadata: dict[str, Any] = {"tags": tags + ["hide-input"] * (INJECTED_TAG in tags)}
        outputs, tables = [], []
        for output in cell.outputs:
            data = output.get("data", {})
            _refuse_long_lines(page, output.get("text", "") or data.get("text/plain", ""))
            if TABLE_MIME in data:
                tables.append(new_cell("markdown", self.table(page, data[TABLE_MIME])))
            elif FIGURE_MIME in data:
                shown, metadata["mystnb"] = self._figure(page, data[FIGURE_MIME])
                outputs.append(shown)
            elif NUMBERS_MIME not in data:  # the text cites those
                outputs.append(output)
        staged = nbformat.from_dict({**cell, "metadata": metadata, "outputs": outputs})
        return [staged, *tables]

    def _figure(self, page: str, figure: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """A place for a figure, which is drawn while Sphinx works, and its label and caption."""
        label, alt = _label("fig", figure["name"]), filled(figure["alt"], self.numbers)
        self.figures[page, label] = {**self._in_spec(page, figure), "alt": alt}
        shown = nbformat.from_dict({
            "output_type": "display_data", "metadata": {},
            "data": {"text/html": place_of(label), "text/plain": alt}})
        return shown, {"figure": {"name": label, "caption": self._text(page, figure["caption"])}}

    def _text(self, page: str, text: str) -> str:
        """A caption or a cell in Markdown: its numbers as links, all else in it as it stands."""
        write, text, made, end = self._writer(page), " ".join(text.split()), "", 0
        for found in NAMED.finditer(text):
            name, here = found[1], self.numbers.get(found[1])
            if here is not None or name in self.baseline:
                made += words.plain(text[end:found.start()])
                made += words.UNKNOWN if here is None else write(name, here, found[2] or "", {})
                end = found.end()
        return made + words.plain(text[end:])

    def table(self, page: str, table: dict[str, Any]) -> str:
        """A table in MyST: numbered, with its caption, every cell shown as it stands."""
        head, rows = table["head"], table["rows"]
        numeric = [all("sort" in row[i] or row[i]["text"] == "–" for row in rows)
                   for i in range(len(head))]
        classes = ["data-table", *["sortable"] * table["sortable"],
                   *(f"facet-{head.index(name)}" for name in table["facets"])]
        return "\n".join([
            f":::{{table}} {self._text(page, table['caption'])}",
            f":name: {_label('tab', table['name'])}", f":class: {' '.join(classes)}", "",
            _row(map(words.plain, head)), _row("---:" if number else "---" for number in numeric),
            *(_row(self._cell(page, cell) for cell in row) for row in rows), ":::",
        ])

    def _cell(self, page: str, cell: Mapping[str, Any]) -> str:
        if cell.get("source"):
            return f"{{cite:t}}`{cell['source']}`"
        text = (self._text(page, cell["text"]) if cell.get("numbers")
                else words.plain(" ".join(cell["text"].split())))
        if cell.get("target"):
            name, hash_, section = cell["target"].partition("#")
            address = html.escape(self.path(page, name) + hash_ + section)
            return f'<a class="reference internal" href="{address}">{text}</a>'
        if len(cell["text"]) < SHORT and " " not in cell["text"]:
            text = f'<span class="unit">{text}</span>'  # no date is broken at its hyphens
        elif len(cell["text"]) > LONG:
            text = f'<span class="sentence">{text}</span>'  # wide enough to be read on a phone
        if cell.get("sort") is not None:
            return f'<data value="{cell["sort"]:.12g}">{text}</data>'
        return text


def _told(number: Number, form: str, moving: Mapping[str, str]) -> str:
    """What the page's script has to know of a number that moves, as attributes."""
    units = [words.quantity(value, number.unit).removeprefix(str(value)) for value in (2, 1)]
    facts = {**moving, "value": f"{number.value:.12g}", "form": form,
             "digits": str(words.digits_for(number.value, number.low, number.high)),
             **dict(zip(("unit", "one"), ["", ""] if form == "value" else units, strict=True))}
    return "".join(f' data-{name}="{html.escape(text)}"' for name, text in facts.items() if text)


def _folded(cell: NotebookNode) -> bool:
    """Whether a cell's code is folded: several in a row share one fold."""
    return cell.cell_type == "code" and "hide-input" in cell.metadata["tags"]


def place_of(label: str) -> str:
    """What stands in a page where a figure comes to stand."""
    return f'<div class="{FIGURE_CLASS}" data-figure="{label}"></div>'


def _label(kind: str, name: str) -> str:
    return f"{kind}-{name.replace('_', '-')}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell or ' ' for cell in cells)} |"


def _refuse_long_lines(page: str, printed: str) -> None:
    longest = max(map(len, printed.split("\n")))
    if longest > LONGEST_LINE:
        raise PageError(f"page {page}: a cell printed a line of {longest:,} characters; "
                        f"allowed: {LONGEST_LINE:,}")
