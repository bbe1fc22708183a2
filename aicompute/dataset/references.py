"""Reads references.bib: what a source is called and where it can be opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pybtex.errors
from pybtex.database import BibliographyData, Entry, parse_bytes
from pybtex.exceptions import PybtexError

from aicompute.dataset import cell_text
from aicompute.errors import DataError

#: Line, field, text and the rule it breaks.
SourceProblem = tuple[int, str, str, str]

_KEY = re.compile(r"[a-z][a-z0-9_-]{0,59}")
_COMMAND = re.compile(r"\\[^&%$#_]|\\$")
_FIELDS = {
    "year": (r"\d{4}", "a year of four digits"),
    "url": (r"https?://[^\s<>\"'`{}|\\^]+", "an address that begins with http:// or https://"),
    "doi": (r"10\.\d{4,9}/[\w.()/:;-]+", "a DOI such as 10.1000/182"),
    "eprint": (r"\d{4}\.\d{4,5}|[a-z-]+/\d{7}", "an arXiv number such as 1512.03385"),
    **dict.fromkeys(
        ("title", "archiveprefix", "primaryclass", "booktitle", "howpublished", "institution",
         "journal", "note", "number", "pages", "volume", "publisher", "series", "edition",
         "address", "month", "type", "organization", "chapter", "school", "isbn", "issn",
         "urldate"),
        (r".*", "text"),
    ),
}
_REQUIRED = ("title", "year")


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
        bibliography, errors = _parsed(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path.name}:1: : '': cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DataError(f"{path.name}:1: : '': {cell_text.UNDECODED}") from None
    if errors:
        raise DataError(f"{path.name}:1: : '': not BibTeX: {_one_line(errors[0])}")
    return {key: _source(key, entry) for key, entry in bibliography.entries.items()}


def source_problems(path: Path) -> Iterator[SourceProblem]:
    """Give everything wrong with a bibliography."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8")
    except OSError as error:
        yield 1, "", "", f"cannot be read: {error.strerror}"
        return
    except UnicodeDecodeError as error:
        line = 1 + content.count(b"\n", 0, error.start)
        yield line, "", ascii(content[error.start:error.end]), cell_text.UNDECODED
        return
    bibliography, errors = _parsed(content)
    for fault in errors:
        yield getattr(fault, "lineno", None) or 1, "", "", f"not BibTeX: {_one_line(fault)}"
    for key, entry in bibliography.entries.items():
        yield from _entry_problems(key, entry, text)


@lru_cache(maxsize=4)
def _parsed(content: bytes) -> tuple[BibliographyData, tuple[Exception, ...]]:
    """The entries that can be read, and what is wrong with the others."""
    with pybtex.errors.capture() as errors:
        try:
            return parse_bytes(content, "bibtex"), tuple(errors)
        except PybtexError as error:
            return BibliographyData(), (*errors, error)


def _entry_problems(key: str, entry: Entry, text: str) -> Iterator[SourceProblem]:
    start = re.search(rf"^\s*@\w+\s*[{{(]\s*{re.escape(key)}\s*,", text, re.MULTILINE)
    place = start.end() if start else 0
    line = text.count("\n", 0, place) + 1
    if not _KEY.fullmatch(key):
        yield line, key, key, f"a key must be of the form {_KEY.pattern}"
    for name in _REQUIRED:
        if name not in entry.fields:
            yield line, f"{key} {name}", "", "the field is missing"
    people = [(role, str(person)) for role, named in entry.persons.items() for person in named]
    for name, value in [*entry.fields.items(), *people]:
        rule = _field_rule(name.lower(), value)
        if rule:
            field = re.compile(rf"\b{re.escape(name)}\s*=", re.IGNORECASE).search(text, place)
            yield (text.count("\n", 0, field.start()) + 1 if field else line,
                   f"{key} {name}", value, rule)


def _field_rule(name: str, value: str) -> str:
    if rule := cell_text.broken_rule(value):
        return rule
    if _COMMAND.search(value):
        return "must be plain text: no LaTeX command but \\& \\% \\$ \\# \\_"
    if name in ("author", "editor"):
        return ""
    if name not in _FIELDS:
        return f"unknown field; valid: author, editor, {', '.join(_FIELDS)}"
    pattern, words = _FIELDS[name]
    return "" if re.fullmatch(pattern, value, re.ASCII) else f"must be {words}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


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
