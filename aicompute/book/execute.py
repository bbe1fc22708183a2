"""Runs notebooks through papermill, several at a time, and says how far it is."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, TextIO

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook

from aicompute.book.kernels import Kernels
from aicompute.book.open_files import pages_at_once
from aicompute.book.order import CELL_SECONDS
from aicompute.errors import AIComputeError, PageError


@dataclass(frozen=True)
class Job:
    """A notebook to run, under the name its page is reported by."""

    page: str
    notebook: NotebookNode
    parameters: dict[str, Any]


class Progress:
    """A line that says which page is done, of how many; silent where nobody looks."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self.total, self.done = total, 0
        self.stream = stream if stream is not None else sys.stderr
        self.visible = self.stream.isatty()

    def step(self, name: str) -> None:
        """Report one more page as done."""
        self.done += 1
        if self.visible:
            width = len(str(self.total))
            self.stream.write(f"\r\x1b[K[{self.done:{width}}/{self.total}] {name}")
            if self.done == self.total:
                self.stream.write("\r\x1b[K")
            self.stream.flush()


def run_all(
    jobs: Sequence[Job],
    *,
    kernels: Kernels,
    workers: int,
    finished: Callable[[Job, NotebookNode], None],
    cell_seconds: int = CELL_SECONDS,
) -> None:
    """Run notebooks, up to ``workers`` at a time, handing each over as soon as it is finished.

    Raises
    ------
    PageError
        For the first page that fails: the chapter, the cell and the error.
    """
    # Papermill warns on standard error for every notebook that takes no parameter it is given.
    logging.getLogger("papermill").setLevel(logging.ERROR)

    def run(job: Job) -> None:
        finished(job, run_one(job, kernels, cell_seconds))

    with ThreadPoolExecutor(pages_at_once(min(workers, len(jobs)))) as pool:
        futures = [pool.submit(run, job) for job in jobs]
        ended = False
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            failed = [error for future in done if (error := future.exception())]
            ended = not failed
        finally:
            if not ended:
                # Of the pages still running none is wanted any more, and one may never end.
                for future in futures:
                    future.cancel()
                kernels.stop()
    if failed:
        raise failed[0]


def run_one(
    job: Job, kernels: Kernels, cell_seconds: int = CELL_SECONDS
) -> NotebookNode:
    """Run one notebook in a kernel of its own.

    Raises
    ------
    PageError
        If a cell raises, takes too long, or its kernel dies.
    """
    try:
        return execute_notebook(
            job.notebook, None, job.parameters, log_output=False,
            execution_timeout=cell_seconds, **kernels.options(),
        )
    except PapermillExecutionError as error:
        raise PageError(_cell_failed(job, error)) from None
    except CellTimeoutError:
        raise PageError(f"page {job.page}: a cell ran longer than {cell_seconds} s") from None
    except DeadKernelError:
        raise PageError(f"page {job.page}: its kernel died") from None
    except AIComputeError:
        raise
    except Exception as error:
        raise PageError(f"page {job.page}: {type(error).__name__}: {error}") from error


def _cell_failed(job: Job, error: PapermillExecutionError) -> str:
    text = re.sub(r"\s+", " ", str(error.evalue)).strip()
    return f"page {job.page}: cell {error.exec_count}: {error.ename}: {text}"
