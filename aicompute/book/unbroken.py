"""Keeps in one line what belongs together: "pfs-days" and "62.9 %" never break inside."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

#: What keeps its text as it is, any other tag, and what is kept together.
_PARTS = re.compile(
    r"(?P<kept><(script|style|svg|math|pre|code|option|textarea)\b.*?</\2>)|(?P<tag><[^>]*>)"
    r"|(?P<unit>\bpfs-days?\b|[\d.,]*\d %)", re.DOTALL)
#: The head of a column that a style sheet puts before a cell, where no element can be.
_HEAD = re.compile(r'(?<=data-head=")[^"]*')
_HYPHEN = "\N{NON-BREAKING HYPHEN}"


def connect(app: Sphinx) -> None:
    """Do so on every page."""
    app.connect("html-page-context", _keep_together)


def _keep_together(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    del app, pagename, templatename, doctree
    if body := context.get("body"):
        context["body"] = unbroken(body)


def unbroken(body: str) -> str:
    """HTML with every pfs-day and every percentage in an element that is not broken.

    Examples
    --------
    >>> unbroken('<p title="2 pfs-days">about 62.9 %</p>')
    '<p title="2 pfs-days">about <span class="unit">62.9 %</span></p>'
    """
    return _PARTS.sub(_part, body)


def _part(found: re.Match[str]) -> str:
    if unit := found["unit"]:
        return f'<span class="unit">{unit}</span>'
    if tag := found["tag"]:
        return _HEAD.sub(lambda head: head[0].replace("pfs-day", f"pfs{_HYPHEN}day"), tag)
    return found[0]
