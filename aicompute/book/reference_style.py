"""How the bibliography lists a work: by author and year, with one way to reach it."""

from __future__ import annotations

from typing import Any

import pybtex.plugin
from pybtex.style.formatting.unsrt import Style as Unsorted
from pybtex.style.template import optional, sentence

NAME = "aicompute"
#: What leads to a work for good; beside it an address of the day says nothing more.
_LASTING = {"doi", "eprint"}


class Style(Unsorted):  # type: ignore[misc]
    """The plain style, sorted as the text cites, without an address beside DOI or arXiv."""

    default_sorting_style = "author_year_title"

    def format_web_refs(self, e: Any) -> Any:
        """Links of a work: arXiv and DOI where there are, else its address."""
        if _LASTING & set(e.fields):
            return sentence[optional[self.format_eprint(e)], optional[self.format_doi(e)]]
        return super().format_web_refs(e)


def register() -> None:
    """Let the configuration of the book name this style."""
    pybtex.plugin.register_plugin("pybtex.style.formatting", NAME, Style, force=True)
