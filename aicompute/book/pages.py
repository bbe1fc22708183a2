"""Which pages the book has: the table of contents, with the template page once for every system."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from aicompute import tables
from aicompute.errors import PageError
from aicompute.names import shown
from aicompute.study import Study, systems_with_pages

#: The chapter that is run once for every system, and the folder of its pages.
TEMPLATE = "system"
TEMPLATE_FOLDER = "systems"
#: The page that compares the scenarios and links their books.
SCENARIOS = "scenarios"
_NAME = re.compile(f"({TEMPLATE_FOLDER}/)?[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Page:
    """One page: its name in the site, the chapter it is made from, and its own parameters."""

    name: str
    chapter: Path
    parameters: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Contents:
    """The pages in reading order, and the table of contents with every page in it."""

    pages: tuple[Page, ...]
    toc: dict[str, Any]


def read_contents(root: Path, study: Study, books: Iterable[str] = ()) -> Contents:
    """Read _toc.yml and put a page for every system in the place of the template.

    Raises
    ------
    PageError
        If _toc.yml cannot be read, or names a chapter that is not there.
    """
    try:
        toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
        names = _expand(toc, systems_with_pages(study))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise PageError(f"_toc.yml: cannot be read as a table of contents: {reason}") from None
    return Contents(tuple(_page(name, root / "chapters", study, books) for name in names), toc)


def _expand(toc: dict[str, Any], systems: list[str]) -> list[str]:
    """Replace the template in the contents by its pages; return every page in order."""
    names = [toc["root"]]
    for part in toc["parts"]:
        for chapter in part["chapters"]:
            names.append(chapter["file"])
            sections = chapter.get("sections", [])
            if {"file": TEMPLATE} in sections:
                sections = [{"file": f"{TEMPLATE_FOLDER}/{system}"} for system in systems]
                chapter["sections"] = sections
            names += [section["file"] for section in sections]
    return names


def _page(name: object, chapters: Path, study: Study, books: Iterable[str]) -> Page:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PageError(f"_toc.yml: {shown(name)}: must be a name of the form {_NAME.pattern}")
    folder, _, system_id = name.rpartition("/")
    if folder == TEMPLATE_FOLDER:
        row = study.system(system_id)
        words = {"system_id": system_id, "system_name": str(row["name"]),
                 "system_label": tables.table_name(system_id)}
        return Page(name, _chapter(TEMPLATE, chapters), {"system_id": system_id}, words)
    parameters = {"scenario_books": ",".join(books)} if name == SCENARIOS else {}
    return Page(name, _chapter(name, chapters), parameters)


def _chapter(name: str, chapters: Path) -> Path:
    """The chapter of a name; none that a link has in another folder."""
    chapter = chapters / f"{name}.md"
    if not chapter.is_file() or chapter.resolve().parent != chapters.resolve():
        raise PageError(f"_toc.yml: {name}: there is no chapters/{name}.md")
    return chapter
