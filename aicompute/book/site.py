"""Has jupyter-book make the site from staged sources."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import shutil
import warnings
from collections.abc import Mapping
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path

from aicompute.errors import PageError

#: Style sheet, scripts and images of every page.
STATIC = Path(__file__).resolve().parent / "static"
#: Ends the names of pages; the file that says what the site that stands was made with.
PAGE, NOTE = ".ipynb", "made_with"
#: Marks the place of the version in every page, which changes with every edit, and of a figure.
VERSION, FIGURE_CLASS = "<!-- version -->", "chart-place"
#: The script of the pages with charts, and the picture that goes with a shared link.
VEGA, CARD = "vega.js", "social_card.png"
#: Sphinx turns what the disk refuses into warnings, one a file; too large, full, read-only, quota.
_DISK_REFUSES = re.compile(r"(?:\[Errno |OSError\()(27|28|30|122)\b")


def make_site(folder: Path, given: Connection, made_with: str) -> Path:
    """Run jupyter-book over the sources of a site, with every warning an error.

    Of a site that was made before, with the same files beside the pages, only pages that differ are
    made again; all of them where one of these has changed what the others show of it.

    Sources and site are kept in the folder; the site there, not yet where readers look, is
    returned. Over ``given`` come the sources by name, pages and _config.yml, _toc.yml and
    references.bib; what makes a site of them loads before. ``made_with`` is a checksum of the code
    that does. Anything that Sphinx finds to warn of is a PageError: what and where.
    """
    from jupyter_book.sphinx import build_sphinx

    for extension in ("myst_nb.sphinx_ext", "sphinx_book_theme", "aicompute.book.extension"):
        import_module(extension)
    source, output, files = folder / "source", folder / "html", given.recv()
    _put_sources(folder, files, made_with)
    os.environ.pop("SOURCE_DATE_EPOCH", None)  # Sphinx would put its year under every page
    messages = io.StringIO()
    with (contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(messages),
          warnings.catch_warnings()):
        warnings.simplefilter("ignore")  # what libraries mean to change is no fault of a page
        status = build_sphinx(
            source, output, path_config=source / "_config.yml", noconfig=True,
            doctreedir=folder / "doctrees", warningiserror=True, keep_going=True, quiet=True,
            jobs=3,  # it takes one of them for itself
            confoverrides={"nitpicky": True, "latex_individualpages": False,
                           "external_toc_path": str(source / "_toc.yml")},
        )
    if isinstance(status, KeyboardInterrupt | OSError):
        raise status  # jupyter-book hands over what ended it instead of letting it pass
    said = messages.getvalue()
    if refused := _DISK_REFUSES.search(said):
        raise OSError(int(refused[1]), os.strerror(int(refused[1])), str(output))
    if status != 0:
        # By page; the line that Sphinx gives is that of no chapter.
        named = re.sub(r"\.ipynb(:\d*)?: (WARNING: )?", ": ", said.replace(f"{source}/", "page "))
        lines = [line for line in named.splitlines() if line.strip()]
        raise PageError("\n".join(lines[-20:]) or f"jupyter-book ended with {status}")
    (folder / NOTE).write_text(_key(files, made_with), encoding="utf-8")
    return output


def _key(files: Mapping[str, bytes], made_with: str) -> str:
    """Checksum of all that has a site made from nothing: all but what its pages say."""
    said = {name: "" if name.endswith(PAGE) else content for name, content in files.items()}
    return hashlib.sha256(repr([made_with, sorted(said.items())]).encode()).hexdigest()


def _put_sources(folder: Path, files: Mapping[str, bytes], made_with: str) -> None:
    """Put what has changed where Sphinx reads it, and take what it has made of that away."""
    note = folder / NOTE
    if not note.is_file() or note.read_text(encoding="utf-8") != _key(files, made_with):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(STATIC, folder / "source" / "_static")
    note.unlink(missing_ok=True)  # an interrupted build leaves nothing to go on from
    # Put there last of all, it has a checksum in pages that find it, and none in those before.
    for late in (folder / "html" / "_static").glob("mystnb.*.css"):
        late.unlink()
    for name, content in files.items():
        path, page = folder / "source" / name, name.removesuffix(PAGE)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
            for made in (f"doctrees/{page}.doctree", f"html/{page}.html"):
                (folder / made).unlink(missing_ok=True)
