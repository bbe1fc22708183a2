"""Reads references.bib: what a source is called and where it can be opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pybtex.database import BibliographyData, Entry, parse_bytes
from pybtex.exceptions import PybtexError

from aicompute.errors import DataError


@dataclass(frozen=True)
class Source:
    """One entry of the bibliography."""

    key: str
    authors: str
    year: str
    title: str
    url: str

    @property
    def label(self) -> str:
        """Short form for a table: authors and year."""
        return f"{self.authors} {self.year}".strip()


def load_sources(path: Path) -> dict[str, Source]:
    """Read a bibliography.

    Raises
    ------
    DataError
        If the file is missing or is no BibTeX.
    """
    try:
        bibliography: BibliographyData = parse_bytes(path.read_bytes(), "bibtex")
    except OSError as error:
        raise DataError(f"{path.name}:1: : '': cannot be read: {error.strerror}") from None
    except (PybtexError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{path.name}:1: : '': not BibTeX: {reason}") from None
    return {key: _source(key, entry) for key, entry in bibliography.entries.items()}


def _source(key: str, entry: Entry) -> Source:
    return Source(
        key=key,
        authors=_authors(entry),
        year=entry.fields.get("year", ""),
        title=re.sub(r"[{}]", "", entry.fields.get("title", "")),
        url=_url(entry),
    )


def _authors(entry: Entry) -> str:
    people = entry.persons.get("author", [])
    names = [re.sub(r"[{}]", "", " ".join(p.prelast_names + p.last_names)) for p in people]
    if len(names) > 2:
        return f"{names[0]} et al."
    return " and ".join(names)


def _url(entry: Entry) -> str:
    if "doi" in entry.fields:
        return f"https://doi.org/{entry.fields['doi']}"
    if "eprint" in entry.fields:
        return f"https://arxiv.org/abs/{entry.fields['eprint']}"
    return str(entry.fields.get("url", ""))
