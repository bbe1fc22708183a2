"""The chunks of a sweep that are done, kept beside its output until all are there."""

from __future__ import annotations

import fcntl
import glob
import io
import shutil
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from aicompute.errors import BuildError
from aicompute.files import replacing
from aicompute.sweeps.task import Task


class Chunks:
    """A folder of finished chunks; a context, left without an error only when all is written.

    Each bears the name of its sweep: what a process of another one, killed a moment ago, still
    keeps is not taken for a chunk of this one.

    Parameters
    ----------
    output
        The table to come; the folder lies beside it.
    task
        The sweep. Chunks of another plan, other tables or other code are thrown away.
    """

    def __init__(self, output: Path, task: Task) -> None:
        self.folder = output.with_name(f"{output.name}.chunks")
        self.output = output
        self.task = task
        self._lock: TextIOWrapper | None = None

    def __enter__(self) -> Chunks:
        """Take the folder for this process alone; keep what fits, throw away what does not."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = lock = (self.folder / "lock").open("w")
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise BuildError(f"{self.folder}: another sweep works there; wait for it to end") \
                from None
        except OSError as error:
            raise BuildError.refused(error, self.folder) from None
        own = {self._path(number) for number in range(self.task.chunks)}
        for path in set(self.folder.glob("*.npy")) - own:
            path.unlink()
        # What a sweep that was killed in the midst of writing its table left behind.
        for part in self.folder.parent.glob(f".{glob.escape(self.output.name)}.*.part"):
            part.unlink()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the folder when all went well; else leave it for the next run."""
        if kind is None:
            shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()

    def missing(self) -> list[int]:
        """The numbers of the chunks that are still to be calculated, or were damaged."""
        return [n for n in range(self.task.chunks) if not self._is_whole(n)]

    def keep(self, number: int, results: NDArray[np.float64]) -> None:
        """Keep one chunk; any process of the sweep may, at any time."""
        # To a file numpy writes past Python, and of a full disk says only how much was written.
        whole = io.BytesIO()
        np.save(whole, results)
        with replacing(self._path(number)) as part:
            part.write_bytes(whole.getvalue())

    def __iter__(self) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """Give every chunk with its number, in order."""
        for number in range(self.task.chunks):
            yield number, np.load(self._path(number))

    def _is_whole(self, number: int) -> bool:
        try:
            return len(np.load(self._path(number))) == self.task.settings(number)
        except (OSError, EOFError, ValueError):
            return False

    def _path(self, number: int) -> Path:
        return self.folder / f"{self.task.key}-{number:06}.npy"
