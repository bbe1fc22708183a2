"""Writing files so that whoever reads one sees the whole of it, old or new, never a part."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aicompute.errors import BuildError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a file beside ``path`` to write to; it takes the place of ``path`` when all went well.

    Raises
    ------
    BuildError
        If the disk refuses.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear_away(path)
        yield part
        part.replace(path)
    except OSError as error:
        raise BuildError.refused(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def _clear_away(path: Path) -> None:
    """Remove what a process that was killed has left of a file it was writing."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        process = left.name.split(".")[-2]
        if process.isdigit() and not _is_running(int(process)):
            left.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's
    return True


def write_text(path: Path, text: str) -> None:
    """Write a text file whole."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


def copy_files(source: Path, target: Path, files: Iterable[str]) -> None:
    """Copy files of a folder, by their names relative to it."""
    try:
        for file in files:
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, target / file)
    except OSError as error:
        raise BuildError.refused(error, target) from error
