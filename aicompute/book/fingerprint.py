"""Checksums of what a book is made from, so that nothing is made again without need.

This module loads nothing but the standard library: where nothing has changed, a build ends before
tables, charts and Sphinx are so much as imported.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

BUILD = Path(__file__).resolve().parent
PACKAGE = BUILD.parent
REPOSITORY = PACKAGE.parent
SCENARIOS = REPOSITORY / "scenarios"
#: Files at the top of the repository that pages are made from.
_READ = ("CITATION.cff", "requirements.txt")
#: Kinds of files of the package that decide what a book looks like.
_PARTS = {".py", ".css", ".js", ".yml", ".svg", ".html", ".woff2", ".txt"}
#: Kinds of files that make up a folder of tables.
_TABLES = {".csv", ".json", ".bib"}


def of_book(
    root: Path, data: Path, assumptions: Mapping[str, object], books: Mapping[str, Path]
) -> str:
    """Checksum of everything a site is made from.

    Parameters
    ----------
    root
        The repository: chapters, table of contents and configuration.
    data
        The folder of tables.
    assumptions
        Those that differ from the baseline.
    books
        Build folders of the scenarios' books that the site takes in, by name.
    """
    digest = hashlib.sha256(of_code().encode())
    own = [path for path in BUILD.rglob("*") if path.suffix in _PARTS]
    chapters = [root / "_config.yml", root / "_toc.yml", *(root / "chapters").glob("*.md")]
    tables = [path for path in data.rglob("*") if path.suffix in _TABLES]
    for folder, paths in ((BUILD, own), (root, chapters), (data, tables)):
        _add_files(digest, folder, paths)
    digest.update(repr(sorted(assumptions.items())).encode())
    for name, folder in books.items():
        digest.update(name.encode() + _file(folder).read_bytes())
    return digest.hexdigest()


def keep(output: Path, fingerprint: str, pages: Iterable[str]) -> None:
    """Write down what the finished book in a folder was made from, and which pages it has."""
    text = json.dumps({"made_from": fingerprint, "pages": list(pages)})
    _file(output).write_text(text, encoding="utf-8")


def forget(output: Path) -> None:
    """Take the note back: from here on the folder's book may be another."""
    _file(output).unlink(missing_ok=True)


def kept_pages(output: Path, fingerprint: str) -> list[str] | None:
    """The pages of the finished book in a folder, if it was made from just this; else None."""
    try:
        kept = json.loads(_file(output).read_text(encoding="utf-8"))
        same = kept["made_from"] == fingerprint
        whole = (output / "html" / "index.html").is_file() and (output / "results.json").is_file()
        return list(kept["pages"]) if same and whole else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _file(output: Path) -> Path:
    return output / ".work" / "fingerprint.json"


@cache
def of_code() -> str:
    """Checksum of the code that pages run, and of every installed version.

    The build's own code is left out: what it does to a page before it is run is in the notebook.
    """
    digest = hashlib.sha256()
    code = [path for path in PACKAGE.rglob("*.py") if not path.is_relative_to(BUILD)]
    _add_files(digest, PACKAGE, code)
    read = [*SCENARIOS.glob("*.yml"), *(REPOSITORY / name for name in _READ)]
    _add_files(digest, REPOSITORY, read)
    for name in _installed():
        digest.update(name.encode())
    return digest.hexdigest()


def _installed() -> list[str]:
    """Name and version of every library, as its folder of metadata is called.

    To open and parse the metadata of each takes longer than all else where nothing has changed.
    """
    return sorted({found.name for folder in sys.path for found in Path(folder).glob("*.dist-info")})


def _add_files(digest: hashlib._Hash, folder: Path, paths: Iterable[Path]) -> None:
    for path in sorted(paths):
        content = path.read_bytes() if path.is_file() else b""
        digest.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode() + content)
