"""How to cite the book, made from CITATION.cff so that the two cannot say different things."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import yaml

from aicompute.assumptions import as_text
from aicompute.listings import lists
from aicompute.study import Study
from aicompute.tables import HtmlBlock

CITATION = Path(__file__).resolve().parent.parent.parent / "CITATION.cff"
_KEYS = {"software": "ai_and_compute_executable", "article": "ai_and_compute"}


@lists("cite_bibtex")
def cite_bibtex(study: Study) -> HtmlBlock:
    """The edition and the article as entries of BibTeX."""
    book = read(CITATION)
    entries = [bibtex(book, note=built_from(study))]
    entries += [bibtex(reference) for reference in book.get("references", [])]
    return _to_copy("\n\n".join(entries))


@lists("cite_text")
def cite_text(study: Study) -> HtmlBlock:
    """The edition and the article as lines of a list of references."""
    book = read(CITATION)
    lines = [plain(book, note=built_from(study))]
    lines += [plain(reference) for reference in book.get("references", [])]
    return _to_copy("\n\n".join(lines))


def read(path: Path) -> dict[str, Any]:
    """The citation file; its dates as text."""
    loaded: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    return loaded


def built_from(study: Study) -> str:
    """What makes this build differ from another: its tables, and its altered assumptions."""
    study.dataset.files_read.update(study.dataset.files())
    tables = f"data {study.dataset.sha256()[:12]}"
    changed = study.assumptions.changed()
    if not changed:
        return tables
    return f"{tables}; " + ", ".join(f"{name}={as_text(value)}" for name, value in changed.items())


def bibtex(work: dict[str, Any], *, note: str = "") -> str:
    """A work as an entry of BibTeX.

    Parameters
    ----------
    work
        As CITATION.cff describes it, or one of its references.
    note
        What else identifies the build that is cited.
    """
    fields = {
        "author": " and ".join(_bibtex_author(author) for author in work["authors"]),
        "title": f"{{{work['title']}}}",
        "year": _year(work),
        "version": str(work.get("version", "")),
        "url": _address(work),
        "note": note.replace("_", r"\_"),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{_KEYS[work['type']]}_{_year(work)},", *lines, "}"])


def plain(work: dict[str, Any], *, note: str = "") -> str:
    """A work as one line of a list of references."""
    authors = " and ".join(_author(author) for author in work["authors"])
    version = f" (version {work['version']})" if work.get("version") else ""
    parts = [f"{authors} ({_year(work)}). {work['title']}{version}.", _address(work),
             f"[{note}]" if note else ""]
    return " ".join(part for part in parts if part)


def _bibtex_author(author: dict[str, str]) -> str:
    return f"{{{author['name']}}}" if "name" in author else _author(author)


def _author(author: dict[str, str]) -> str:
    return author.get("name") or f"{author['family-names']}, {author['given-names']}"


def _year(work: dict[str, Any]) -> str:
    return str(work.get("year") or work["date-released"][:4])


def _address(work: dict[str, Any]) -> str:
    return str(work.get("url") or work.get("repository-code") or "")


def _to_copy(text: str) -> HtmlBlock:
    return HtmlBlock(f'<div class="highlight wrapped"><pre>{html.escape(text)}</pre></div>')
