"""How the bibliography lists a work: by author and year, with one way to reach it."""

from __future__ import annotations

from typing import Any

import pybtex.plugin
from pybtex.style.formatting.unsrt import Style as Unsorted
from pybtex.style.sorting import BaseSortingStyle
from pybtex.style.template import optional, sentence

NAME = "aicompute"
#: What leads to a work for good; beside it an address of the day says nothing more.
_LASTING = {"doi", "eprint"}


class ByAuthor(BaseSortingStyle):  # type: ignore[misc]
    """By the name the text cites, whoever bears it, then by year and title."""

    def sorting_key(self, entry: Any) -> tuple[str, str, str]:
        """What an entry is sorted by; an organization's name stands in braces."""
        authors = entry.persons.get("author", [])
        first = " ".join([*authors[0].prelast_names, *authors[0].last_names]) if authors else ""
        title = entry.fields.get("title", "")
        return _plain(first or title), entry.fields.get("year", ""), _plain(title)


class Style(Unsorted):  # type: ignore[misc]
    """The plain style, sorted as the text cites, without an address beside DOI or arXiv."""

    default_sorting_style = NAME

    def format_web_refs(self, e: Any) -> Any:
        """Links of a work: arXiv and DOI where there are, else its address."""
        if _LASTING & set(e.fields):
            return sentence[optional[self.format_eprint(e)], optional[self.format_doi(e)]]
        return super().format_web_refs(e)


def _plain(words: str) -> str:
    return words.translate({ord("{"): None, ord("}"): None}).casefold()


def register() -> None:
    """Let the configuration of the book name this style."""
    pybtex.plugin.register_plugin("pybtex.style.sorting", NAME, ByAuthor, force=True)
    pybtex.plugin.register_plugin("pybtex.style.formatting", NAME, Style, force=True)
