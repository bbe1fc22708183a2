"""Tables of the book: every cell escaped, every link a page of the book or a source.

A link inside the book is written ``page:NAME#section``; the build turns it into the path that fits
the page the table stands on, and refuses a name that is no page.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Cell:
    """One cell: text, or HTML made by this package, with how it is aligned and sorted."""

    html: str
    number: bool = False
    sort: str = ""


def text(value: object) -> Cell:
    """A cell of text, escaped."""
    return Cell(html.escape("" if value is None else str(value)))


def number(shown: str, value: float | None = None) -> Cell:
    """A cell with a number, aligned right and sorted by its value."""
    return Cell(html.escape(shown), number=True, sort="" if value is None else repr(float(value)))


def link(shown: str, target: str) -> Cell:
    """A cell with a link; ``target`` is ``page:NAME`` or an http(s) address."""
    return Cell(anchor(shown, target))


def anchor(shown: str, target: str, *, title: str = "", css: str = "") -> str:
    """An HTML link whose text, target and title are escaped; other targets stay plain text."""
    label = html.escape(shown)
    if not target.startswith(("page:", "https://", "http://")):
        return label
    attributes = f' class="{html.escape(css)}"' if css else ""
    attributes += f' title="{html.escape(title)}"' if title else ""
    return f'<a href="{html.escape(target)}"{attributes}>{label}</a>'


@dataclass(frozen=True)
class HtmlTable:
    """A table of the book.

    Attributes
    ----------
    head
        Column heads, as text.
    rows
        Cells, row by row.
    caption
        What the table shows, as text.
    sortable
        Whether the page offers to sort and filter it.
    """

    head: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    caption: str = ""
    sortable: bool = False
    name: str = ""
    filters: Sequence[str] = field(default_factory=tuple)

    def _repr_html_(self) -> str:
        """HTML for a notebook and a page."""
        css = "data-table sortable" if self.sortable else "data-table"
        name = f' id="{html.escape(self.name)}"' if self.name else ""
        caption = f"<caption>{html.escape(self.caption)}</caption>" if self.caption else ""
        rows = list(self.rows)
        numeric = [bool(rows) and all(row[i].number for row in rows)
                   for i in range(len(self.head))]
        head = "".join(
            f'<th scope="col"{" class=num" if is_number else ""}>{html.escape(column)}</th>'
            for column, is_number in zip(self.head, numeric, strict=True)
        )
        body = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in rows)
        return (
            f'<div class="table-scroll" tabindex="0"><table class="{css}"{name}>{caption}'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )


@dataclass(frozen=True)
class HtmlBlock:
    """A piece of HTML made by this package from escaped parts."""

    html: str

    def _repr_html_(self) -> str:
        """HTML for a notebook and a page."""
        return self.html


def script_json(value: Any) -> str:
    """JSON that can stand in a script element: nothing in it can end the element."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def paragraph(*parts: str) -> HtmlBlock:
    """A paragraph of already escaped parts."""
    return HtmlBlock(f"<p>{''.join(parts)}</p>")


def _cell(cell: Cell) -> str:
    attributes = ' class="num"' if cell.number else ""
    attributes += f' data-sort="{html.escape(cell.sort)}"' if cell.sort else ""
    return f"<td{attributes}>{cell.html}</td>"
