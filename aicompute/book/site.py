"""Has jupyter-book make the site from staged sources."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import re
import shutil
import warnings
from pathlib import Path
from typing import Any

import yaml

from aicompute.errors import PageError

#: Style sheet, scripts and images of every page.
STATIC = Path(__file__).resolve().parent / "static"
#: Sphinx turns what the disk refuses into warnings, one a file; too large, full, read-only, quota.
_DISK_REFUSES = re.compile(r"(?:\[Errno |OSError\()(27|28|30|122)\b")


def make_site(
    root: Path, source: Path, output: Path, toc: dict[str, Any], version: dict[str, str]
) -> None:
    """Run jupyter-book over staged sources, with every warning an error.

    Parameters
    ----------
    root
        The folder of _config.yml.
    source
        The staged pages; the configuration is put beside them.
    output
        The site, not yet where readers look.
    version
        Of code and data, for the foot of every page.

    Raises
    ------
    PageError
        If Sphinx finds anything to warn of: what and where.
    """
    from jupyter_book.sphinx import build_sphinx

    (source / "_toc.yml").write_text(yaml.safe_dump(toc, sort_keys=False), encoding="utf-8")
    shutil.copyfile(root / "_config.yml", source / "_config.yml")
    shutil.copytree(STATIC, source / "_static")
    os.environ.pop("SOURCE_DATE_EPOCH", None)  # Sphinx would put its year under every page
    messages = io.StringIO()
    gc.freeze()
    gc.disable()  # trees of documents hold little garbage, and to look for it is a sixth of all
    try:
        with (contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(messages),
              warnings.catch_warnings()):
            warnings.simplefilter("ignore")  # what libraries mean to change is no fault of a page
            status = build_sphinx(
                source, output, path_config=source / "_config.yml", noconfig=True,
                doctreedir=output.parent / "doctrees", freshenv=True, warningiserror=True,
                keep_going=True, quiet=True, jobs=2,
                confoverrides={"nitpicky": True, "latex_individualpages": False,
                               "external_toc_path": str(source / "_toc.yml"),
                               "book_version": "; ".join(
                                   f"{part}: {of}" for part, of in version.items())},
            )
    finally:
        gc.enable()
        gc.unfreeze()
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
    # Sphinx's note to itself for a next build there, which depends on where the sources lay, and
    # the themes' own templates, which would be published as they stand.
    for left in (output / ".buildinfo", *(output / "_static").glob("*macros.html")):
        left.unlink(missing_ok=True)
