"""Reads references.bib: what a source is called and where it can be opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pybtex.database import Entry, parse_bytes

from aicompute.tables import data_folder


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


def sources() -> dict[str, Source]:
    """The sources of the tables in use, by key."""
    path = data_folder() / "references.bib"
    return _sources(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _sources(path: Path, stamp: int) -> dict[str, Source]:
    del stamp
    entries = parse_bytes(path.read_bytes(), "bibtex").entries
    return {key: _source(key, entry) for key, entry in entries.items()}


def _source(key: str, entry: Entry) -> Source:
    title = re.sub(r"[{}]", "", entry.fields.get("title", ""))
    return Source(key, _authors(entry), entry.fields.get("year", ""), title, _url(entry))


def _authors(entry: Entry) -> str:
    people = entry.persons.get("author", [])
    names = [re.sub(r"[{}]", "", " ".join(p.prelast_names + p.last_names)) for p in people]
    if len(names) > 2:
        return f"{names[0]} et al."
    return " and ".join(names)


def _url(entry: Entry) -> str:
    return str(entry.fields.get("url", ""))
