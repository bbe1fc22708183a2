"""Reads references.bib: what a source is called, where it can be opened, and what is wrong."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pybtex.errors
from pybtex.database import Entry, parse_bytes
from pybtex.exceptions import PybtexError

from aicompute.errors import DataError
from aicompute.files import read_once
from aicompute.places import data_folder

#: Line, field, text and the rule that it breaks.
Problem: TypeAlias = tuple[int, str, str, str]
#: Those that hold each other need memory without end.
_ABBREVIATION = re.compile(r"^[ \t]*@string\b", re.IGNORECASE | re.MULTILINE)
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,59}")
_COMMAND = re.compile(r"\\[^&%$#_]|\\$")
_FIELDS = {
    "year": (r"\d{4}", "a year of four digits"),
    "url": (r"https?://[^\s<>\"'`{}|\\^]+", "an address that begins with http:// or https://"),
    "doi": (r"10\.\d{4,9}/[\w.()/:;-]+", "a DOI such as 10.1000/182"),
    "eprint": (r"\d{4}\.\d{4,5}|[a-z-]+/\d{7}", "an arXiv number such as 1512.03385"),
}


@dataclass(frozen=True)
class Source:
    """One entry of the bibliography; its ``label`` is short: authors and year."""

    key: str
    label: str
    title: str
    url: str


def sources() -> dict[str, Source]:
    """The sources of the tables in use, by key; DataError if references.bib cannot be read."""
    return _sources(data_folder() / "references.bib")


@read_once
def _sources(path: Path) -> dict[str, Source]:
    entries, _, faults = _entries(path)
    for line, field, text, rule in faults:
        raise DataError(f"{path.name}:{line}: {field}: {text!r}: {rule}")
    return {key: _source(key, entry) for key, entry in entries.items()}


def source_problems(
    path: Path, broken_rule: Callable[[str], str] = lambda text: ""
) -> Iterator[Problem]:
    """Everything wrong with a bibliography; ``broken_rule`` gives the rule a text breaks, or ""."""
    entries, text, faults = _entries(path)
    yield from faults
    for key, entry in entries.items():
        start = re.search(rf"^\s*@\w+\s*[{{(]\s*{re.escape(key)}\s*,", text, re.MULTILINE)
        place = start.end() if start else 0
        people = [(role, str(p)) for role, named in entry.persons.items() for p in named]
        wrong = [(name, "", "the field is missing")
                 for name in ("title", "year") if name not in entry.fields]
        wrong += [(name, value, broken_rule(value) or _field_rule(name.lower(), value))
                  for name, value in [*entry.fields.items(), *people]]
        if not _KEY.fullmatch(key):
            wrong.insert(0, ("", key, f"a key must be of the form {_KEY.pattern}"))
        for name, value, rule in (found for found in wrong if found[2]):
            field = re.compile(rf"\b{re.escape(name)}\s*=", re.IGNORECASE).search(text, place)
            at = field.start() if field and value and name else place
            yield 1 + text.count("\n", 0, at), f"{key} {name}".strip(), value, rule


def _field_rule(name: str, value: str) -> str:
    if _COMMAND.search(value):
        return r"must be plain text: no LaTeX command but \& \% \$ \# \_"
    pattern, words = _FIELDS.get(name, (".*", ""))
    return "" if re.fullmatch(pattern, value, re.ASCII | re.DOTALL) else f"must be {words}"


@read_once
def _entries(path: Path) -> tuple[dict[str, Entry], str, list[Problem]]:
    """The entries that can be read, the text they stand in, and what is wrong with the file."""
    text = path.read_text(encoding="utf-8")
    if found := _ABBREVIATION.search(text):
        line = 1 + text.count("\n", 0, found.end())
        return {}, "", [(line, "", "@string", "abbreviations are not allowed: write words out")]
    entries: dict[str, Entry] = {}
    with pybtex.errors.capture() as errors:
        try:
            entries = dict(parse_bytes(text.encode(), "bibtex").entries)
        except PybtexError as error:
            errors.append(error)
    return entries, text, [(getattr(e, "lineno", None) or 1, "", "",
                            f"not BibTeX: {' '.join(str(e).split())}") for e in errors]


def _source(key: str, entry: Entry) -> Source:
    people = entry.persons.get("author", []) or entry.persons.get("editor", [])
    names = [re.sub(r"[{}]", "", " ".join(p.prelast_names + p.last_names)) for p in people]
    authors = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    fields = entry.fields
    url = (f"https://doi.org/{fields['doi']}" if "doi" in fields else
           f"https://arxiv.org/abs/{fields['eprint']}" if "eprint" in fields else
           fields.get("url", ""))
    return Source(key, f"{authors} {fields.get('year', '')}".strip(),
                  re.sub(r"[{}]", "", fields.get("title", "")), url)
