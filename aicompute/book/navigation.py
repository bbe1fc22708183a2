"""The contents beside every page.

The theme resolves the whole table of contents anew for every page, which on a long book takes more
than all else, and lists every page on every page. Here a part's own pages are listed on the pages
of that part alone, and of many of them those around the page: a book of a thousand systems costs a
thousand times one page.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx

#: Pages of a part that are listed before and behind the page itself.
AROUND = 40
_TEMPLATE = "contents.html"
#: Shown by the theme as an arrow that opens and closes the list.
_TOGGLE = ('<summary aria-label="Pages of this part"><span class="toctree-toggle" '
           'role="presentation"><i class="fa-solid fa-chevron-down"></i></span></summary>')


def connect(app: Sphinx) -> None:
    """Put these contents in the place of the theme's."""
    app.connect("config-inited", _take_the_place)
    app.connect("builder-inited", _read_contents)
    app.connect("html-page-context", _offer, priority=100)


def _take_the_place(app: Sphinx, config: Any) -> None:
    del app
    config.templates_path = [str(Path(__file__).parent / "templates"), *config.templates_path]
    config.html_sidebars = {"**": ["navbar-logo.html", "search-button-field.html", _TEMPLATE]}


def _read_contents(app: Sphinx) -> None:
    text = (Path(app.srcdir) / "_toc.yml").read_text(encoding="utf-8")
    app.aicompute_parts = yaml.safe_load(text)["parts"]  # type: ignore[attr-defined]


def _offer(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    del templatename, doctree
    made = "".join(_parts_html(app, app.aicompute_parts, pagename))  # type: ignore[attr-defined]
    context["contents_beside"] = made


def _parts_html(app: Sphinx, parts: Sequence[dict[str, Any]], page: str) -> Iterator[str]:
    for part in parts:
        chapters = part["chapters"]
        current = any(page in _pages(chapter) for chapter in chapters)
        yield (f'<p aria-level="2" class="caption" role="heading"><span class="caption-text">'
               f'{html.escape(part["caption"])}</span></p>\n'
               f'<ul class="{"current " if current else ""}nav bd-sidenav">\n')
        for chapter in chapters:
            yield _chapter_html(app, chapter, page)
        yield "</ul>\n"


def _chapter_html(app: Sphinx, chapter: dict[str, Any], page: str) -> str:
    pages = _pages(chapter)
    if len(pages) == 1 or page not in pages:
        return _item(app, pages[0], page, level=1)
    own = pages[1:]
    place = own.index(page) if page in own else 0
    listed = own[max(place - AROUND, 0) : place + AROUND + 1]
    items = "".join(_item(app, name, page, level=2) for name in listed)
    return _item(app, pages[0], page, level=1,
                 inside=f"<details open>{_TOGGLE}<ul>\n{items}</ul></details>")


def _pages(chapter: dict[str, Any]) -> list[str]:
    return [chapter["file"], *(section["file"] for section in chapter.get("sections", []))]


def _item(app: Sphinx, name: str, page: str, *, level: int, inside: str = "") -> str:
    mark = ""
    if name == page:
        mark, address = "current ", "#"
    else:
        address = app.builder.get_relative_uri(page, name)
    kinds = f"toctree-l{level}" + (" current active" if mark or inside else "")
    kinds += " has-children" if inside else ""
    title = html.escape(app.env.titles[name].astext())
    return (f'<li class="{kinds}"><a class="{mark}reference internal" '
            f'href="{html.escape(address)}">{title}</a>{inside}</li>\n')
