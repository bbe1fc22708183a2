"""Keeps the site to what the book is made of: no page takes in a file from elsewhere.

A chapter may come from somebody whose words are welcome and whose wish for a file of this machine
is not. Directives that read files are off; a picture or download from outside the staged sources
is a warning, and a warning ends the build.
"""

from __future__ import annotations

import html
import os
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

_logger = logging.getLogger(__name__)


def connect(app: Sphinx) -> None:
    """Put the guard in place."""
    app.connect("builder-inited", _forbid_insertion)
    app.connect("env-updated", _name_outside_files)
    app.connect("html-page-context", _escape_titles_for_search)
    app.connect("html-page-context", _escape_title_for_print, priority=900)


def _forbid_insertion(app: Sphinx) -> None:
    """Turn off what docutils itself counts as unsafe: include and its kin, and raw."""
    app.env.settings.update(file_insertion_enabled=False, raw_enabled=False)


def _name_outside_files(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of every file that a page would take into the site from outside the sources."""
    sources = Path(app.srcdir).resolve()
    files: dict[str, Any] = {**env.images, **env.dlfiles}
    for file, (pages, _) in sorted(files.items()):
        path = Path(os.path.normpath(sources / file))
        if not path.resolve().is_relative_to(sources):
            for page in sorted(pages):
                _logger.warning("%s lies outside the book", file, location=page)


def _escape_titles_for_search(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Escape the headings of the search index, which the search page takes for HTML.

    Sphinx escapes the titles of pages there and forgets those of sections. A page's headings are
    in the index by the time its own template is filled.
    """
    del templatename, context
    indexer = getattr(app.builder, "indexer", None)
    if doctree is not None and indexer is not None:
        titles = indexer._all_titles.get(pagename, [])
        titles[:] = [(html.escape(title), anchor) for title, anchor in titles]


def _escape_title_for_print(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Escape the title over a printed page: the theme puts its bare text into the HTML."""
    del app, pagename, templatename, doctree
    if "pagetitle" in context:
        context["pagetitle"] = html.escape(context["pagetitle"])
