"""Files: written so that whoever reads one sees the whole of it, and read again once changed."""

import glob
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from aicompute.errors import BuildError, DataError

_Content = TypeVar("_Content")


def stamp(path: Path) -> tuple[int, int]:
    """What tells a file that has changed; DataError where it cannot be read."""
    try:
        status = path.stat()
    except OSError as error:
        raise DataError(f"{path.name}:1: : '': cannot be read: {error.strerror}") from None
    return status.st_mtime_ns, status.st_size


def read_once(content: Callable[[Path], _Content]) -> Callable[[Path], _Content]:
    """Let a file be read once, and again when it has changed; DataError where it is no such one."""
    @lru_cache(maxsize=256)
    def kept(path: Path, *_: Any) -> _Content:
        try:
            return content(path)
        except DataError:
            raise
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path.name}: cannot be read: {' '.join(str(error).split())}; "
                            "`aicompute check` lists every problem") from None

    return lambda path: kept(path, *stamp(path))


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a file beside ``path`` to write to; it takes the place of ``path`` when all went well.

    A BuildError says that the disk refuses.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
            _remove_orphan(left)
        yield part
        part.replace(path)
    except OSError as error:
        raise BuildError.refused(error, path) from error
    finally:
        with suppress(OSError):
            part.unlink()


def _remove_orphan(part: Path) -> None:
    """Remove what a process that was killed has left of a file it was writing."""
    with suppress(ValueError, PermissionError):  # no number, or somebody else's process
        try:
            os.kill(int(part.name.split(".")[-2]), 0)
        except ProcessLookupError:
            part.unlink(missing_ok=True)


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
