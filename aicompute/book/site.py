"""Has jupyter-book make the site from staged sources, and puts it where readers look."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import re
import shutil
import signal
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from aicompute.book.order import aside
from aicompute.errors import BuildError, PageError

#: Style sheet, scripts and images of every page.
STATIC = Path(__file__).resolve().parent / "static"
#: Sphinx turns what the disk refuses into warnings, one a file; too large, full, read-only, quota.
_DISK_REFUSES = re.compile(r"(?:\[Errno |OSError\()(27|28|30|122)\b")


def make_site(root: Path, source: Path, output: Path, toc: dict[str, Any]) -> None:
    """Run jupyter-book over staged sources, with every warning an error.

    Parameters
    ----------
    root
        The folder of _config.yml.
    source
        The staged pages; the configuration is put beside them.
    output
        The site, not yet where readers look.

    Raises
    ------
    PageError
        If Sphinx finds anything to warn of: what and where.
    """
    from jupyter_book.sphinx import build_sphinx

    (source / "_toc.yml").write_text(yaml.safe_dump(toc, sort_keys=False), encoding="utf-8")
    shutil.copyfile(root / "_config.yml", source / "_config.yml")
    shutil.copytree(STATIC, source / "_static")
    messages = io.StringIO()
    with (
        contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(messages),
        warnings.catch_warnings(), _without_epoch(), _rare_collections(),
    ):
        warnings.simplefilter("ignore")  # what libraries mean to change is no fault of a page
        status = build_sphinx(
            source, output, path_config=source / "_config.yml", noconfig=True,
            doctreedir=output.parent / "doctrees", freshenv=True, warningiserror=True,
            keep_going=True, quiet=True, jobs=1,
            confoverrides={"nitpicky": True, "latex_individualpages": False,
                           "external_toc_path": str(source / "_toc.yml")},
        )
    if isinstance(status, KeyboardInterrupt | OSError):
        raise status  # jupyter-book hands over what ended it instead of letting it pass
    if refused := _DISK_REFUSES.search(messages.getvalue()):
        raise OSError(int(refused[1]), os.strerror(int(refused[1])), str(output))
    if status != 0:
        lines = [line for line in messages.getvalue().splitlines() if line.strip()]
        shown = "\n".join(_by_page(line, source) for line in lines[-20:])
        raise PageError(shown or f"jupyter-book ended with {status}")
    # Sphinx's note to itself for a next build there; it depends on where the sources lay.
    (output / ".buildinfo").unlink(missing_ok=True)


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for garbage rarely: trees of documents hold little, and searching them is a sixth."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextlib.contextmanager
def _without_epoch() -> Iterator[None]:
    """Hide the variable by which Sphinx would put another year under every page."""
    epoch = os.environ.pop("SOURCE_DATE_EPOCH", None)
    try:
        yield
    finally:
        if epoch is not None:
            os.environ["SOURCE_DATE_EPOCH"] = epoch


def _by_page(line: str, source: Path) -> str:
    """A message of Sphinx as one about a page; the line it gives is that of no chapter."""
    named = re.sub(r"\.ipynb(:\d*)?: ", ": ", line.replace(f"{source}/", "page "))
    return named.replace(": WARNING: ", ": ")


def publish(fresh: Path, published: Path) -> None:
    """Put a finished folder where readers look; the one before goes aside until it stands there.

    Of a link, what it leads to is replaced.

    Raises
    ------
    BuildError
        If the file system refuses.
    """
    try:
        place = published.resolve()
        if place.exists():
            place.rename(aside(place))
        fresh.rename(place)
        shutil.rmtree(aside(place), ignore_errors=True)
    except OSError as error:
        raise BuildError(f"{published}: cannot be replaced: {error.strerror}") from None


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Let an interrupt end nothing: what is done here is done in a moment.

    Ended half way, a build would report that all is as before while the new book stands there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
