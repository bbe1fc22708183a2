"""Tables of the book: every cell escaped, every link a page of the book or a source.

A link inside the book is written ``page:NAME#section``; the build turns it into the path that fits
the page the table stands on, and refuses a name that is no page.
"""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

#: Stands before the name of a table where the text cites it and in the address of the page.
CITED = "tab-"
_TAG = re.compile(r"<[^>]+>")
#: Up to so many columns fit a phone side by side, whatever stands in them.
_FEW_COLUMNS = 2
#: A cell longer than this wraps into a tall column beside others on a phone, characters.
_LONG_TEXT = 30
#: A number stays in one line if with its unit it is no longer than this.
_LONG_NUMBER = 20
#: On a phone a number of more characters is broken at a space.
_NUMBER_ON_A_PHONE = 14
#: So many characters fit a phone side by side, one between columns, if cells break at spaces.
_PHONE = 50
#: Where they do: at spaces and soft hyphens.
_BREAK = re.compile(r"[\s\u00ad]+")
#: The title of a card is set in bold up to so many characters.
_LONG_TITLE = 60
#: A cell up to this long is not broken into lines where there is room, characters.
_SHORT_TEXT = 27
#: In a table of many columns there is room for less.
_MANY_COLUMNS = 7
_SHORT_AMONG_MANY = 14


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
    """A cell with a number, aligned right and sorted by its value, written as the page reads it."""
    sort = "" if value is None or math.isnan(value) else repr(float(value))
    return Cell(html.escape(shown), number=True, sort=sort.replace("inf", "Infinity"))


def link(shown: str, target: str, *, title: str = "") -> Cell:
    """A cell with a link; ``target`` is ``page:NAME`` or an http(s) address."""
    return Cell(anchor(shown, target, title="" if title == shown else title))


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
        What the table shows, as text without a full stop; the book puts a number before it.
    sortable
        Whether the page offers to sort and filter it.
    name
        What the text cites it by, behind ``tab-``; unique in the book. One of a listing gets it
        from the listing.
    facets
        Heads of the columns whose values the page offers to choose from.
    minor
        Heads of the columns that a phone has no room for.
    """

    head: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    caption: str = ""
    sortable: bool = False
    name: str = ""
    facets: Sequence[str] = ()
    minor: Sequence[str] = ()

    def _repr_html_(self) -> str:
        """HTML for a notebook and a page."""
        rows = list(self.rows)
        name = f' id="{CITED}{html.escape(self.name)}"' if self.name else ""
        caption = f"<caption{name}>{html.escape(self.caption)}</caption>" if self.caption else ""
        tight = _SHORT_AMONG_MANY if len(self.head) >= _MANY_COLUMNS else _SHORT_TEXT
        columns = [_Column(title, [row[i] for row in rows], facet=title in self.facets,
                           minor=title in self.minor, tight=tight)
                   for i, title in enumerate(self.head)]
        # A phone shows each row as a card where there is more than numbers in several columns.
        titled = bool(columns) and columns[0].longest <= _LONG_TITLE
        least = sum(column.narrowest + 1 for column in columns if not column.minor)
        stacked = (not self.sortable and len(columns) > _FEW_COLUMNS
                   and (not titled or least > _PHONE
                        or any(column.is_long for column in columns[1:])))
        css = " ".join(["data-table"] + ["sortable"] * self.sortable + ["stacked"] * stacked
                       + ["titled"] * (stacked and titled))
        head = "".join(column.head() for column in columns)
        body = "".join(
            f"<tr>{''.join(column.cell(cell, stacked) for cell, column in pairs)}</tr>"
            for pairs in (zip(row, columns, strict=True) for row in rows)
        )
        return (
            f'<div class="table-scroll" tabindex="0"><table class="{css}">{caption}'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )


@dataclass(frozen=True)
class _Column:
    """A column: its title, its cells, what the page does with it, and what fits a line of it."""

    title: str
    cells: Sequence[Cell]
    facet: bool
    minor: bool
    tight: int

    @cached_property
    def texts(self) -> list[str]:
        """What its cells say."""
        return [html.unescape(_TAG.sub("", cell.html)) for cell in self.cells]

    @property
    def longest(self) -> int:
        """Characters of its longest cell."""
        return max(map(len, self.texts), default=0)

    @property
    def narrowest(self) -> int:
        """Characters of its longest piece that a phone does not break, its title's among them."""
        whole = self.numbers and self.longest <= _NUMBER_ON_A_PHONE
        pieces = [*_BREAK.split(self.title),
                  *(self.texts if whole else _BREAK.split(" ".join(self.texts)))]
        return max(map(len, pieces), default=0)

    @cached_property
    def numbers(self) -> bool:
        """Whether it holds numbers alone."""
        return bool(self.cells) and all(cell.number for cell in self.cells)

    @property
    def is_long(self) -> bool:
        """Whether its cells need more room than a phone has beside other columns."""
        return self.longest > (_LONG_NUMBER if self.numbers else _LONG_TEXT)

    def head(self) -> str:
        """The head of the column."""
        facet = " data-facet" if self.facet else ""
        return f'<th scope="col"{self._css(self.numbers)}{facet}>{html.escape(self.title)}</th>'

    def cell(self, cell: Cell, stacked: bool) -> str:
        """One of its cells."""
        attributes = self._css(cell.number)
        attributes += f' data-sort="{html.escape(cell.sort)}"' if cell.sort else ""
        if not stacked or not cell.html:
            return f"<td{attributes}>{cell.html}</td>"
        # On a phone the head of the column stands before the cell.
        return f'<td{attributes} data-head="{html.escape(self.title)}"><div>{cell.html}</div></td>'

    def _css(self, number: bool) -> str:
        tight = not number and self.longest <= self.tight
        wraps = number and self.longest > _LONG_NUMBER
        breaks = number and self.longest > _NUMBER_ON_A_PHONE
        names = (["num"] * number + ["wraps"] * wraps + ["breaks"] * breaks + ["tight"] * tight
                 + ["minor"] * self.minor)
        return f' class="{" ".join(names)}"' if names else ""


@dataclass(frozen=True)
class HtmlBlock:
    """A piece of HTML made by this package from escaped parts."""

    html: str

    def _repr_html_(self) -> str:
        """HTML for a notebook and a page."""
        return self.html


def table_name(listing: str, *which: object) -> str:
    """The name of a table: of its listing, then what tells it from others of that listing.

    Examples
    --------
    >>> table_name("system_method", "dota_1v1", 2, "article")
    'system-method-dota-1v1-2-article'
    """
    return "-".join(str(part) for part in (listing, *which) if part != "").replace("_", "-")


def without_empty_columns(
    head: Sequence[str], rows: Sequence[Sequence[Cell]], caption: str = "",
    minor: Sequence[str] = (), name: str = "",
) -> HtmlTable:
    """A table of the columns that have something in at least one row."""
    kept = [i for i in range(len(head)) if any(row[i].html for row in rows)]
    return HtmlTable([head[i] for i in kept], [[row[i] for i in kept] for row in rows], caption,
                     minor=minor, name=name)


def script_json(value: Any) -> str:
    """JSON that can stand in a script element: nothing in it can end the element."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def paragraph(*parts: str) -> HtmlBlock:
    """A paragraph of already escaped parts."""
    return HtmlBlock(f"<p>{''.join(parts)}</p>")
