"""Runs pages through papermill, each in a process of its own that is forked from a warm one."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection, forkserver
from pathlib import Path
from threading import Thread
from typing import Any

import nbformat
from nbformat import NotebookNode

from aicompute.errors import AIComputeError, PageError, of_cell
from aicompute.places import PACKAGE

_WARM = multiprocessing.get_context("forkserver")
_FRESH = multiprocessing.get_context("spawn")
#: What makes pages the same wherever they are run; threads could not be forked.
_ENVIRONMENT = {
    "PYTHONHASHSEED": "0", "PYTHONPATH": str(PACKAGE.parent),
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}
_CELL_LINE = re.compile(r"In\[\d+\], line (\d+)")
_COLOURS = re.compile(r"\x1b\[[\d;]*m")


@dataclass(frozen=True)
class Job:
    """A page to run: its name, its chapter as messages name it, and where and how it is run."""

    page: str
    file: str
    notebook: NotebookNode
    folder: Path
    parameters: Mapping[str, Any]
    cell_seconds: int = 0
    kernel: bool = False


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment for a block; what is called in it inherits them."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def warm_up() -> None:
    """Begin to warm up the process that pages are forked from, once; this does not wait for it."""
    _WARM.set_forkserver_preload(["__main__", "aicompute.book.warm"])
    with environment(_ENVIRONMENT):
        forkserver.ensure_running()


class Call:
    """A call of a function in a process of its own: a warm one, or one that may start others."""

    def __init__(self, function: Callable[..., Any], *given: Any, warm: bool = True) -> None:
        processes: Any = _WARM if warm else _FRESH
        if warm:
            warm_up()
        self.answer, send = processes.Pipe(duplex=False)
        self.process = processes.Process(target=_answer, daemon=warm,
                                         args=(send, dict(os.environ), function, given))
        self.process.start()
        send.close()

    def result(self) -> Any:
        """What the function returns, waited for; what it raises is raised.

        That its process died is a PageError.
        """
        try:
            done, answer = self.answer.recv()
        except (EOFError, OSError):
            self.process.join()
            late = self.process.exitcode == -signal.SIGALRM
            raise PageError("a cell ran too long" if late else "its process died") from None
        self.process.join()
        if done:
            return answer
        raise answer

    def stop(self) -> None:
        """End the process and those it has started, whatever they are at."""
        if self.process.exitcode is None:
            with suppress(ProcessLookupError):  # it has not yet a group of its own
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()
        self.process.join()


def _answer(
    send: connection.Connection, variables: Mapping[str, str], function: Callable[..., Any],
    given: Any,
) -> None:
    os.environ.update(variables)
    os.setpgrp()  # Ctrl-C is for the build to hear
    Thread(target=_end_with_the_build, daemon=True).start()
    try:
        answer = True, function(*given)
    except (AIComputeError, OSError) as error:
        answer = False, error
    except Exception as error:
        answer = False, PageError(f"{type(error).__name__}: {' '.join(str(error).split())}")
    send.send(answer)


def _end_with_the_build() -> None:
    """Leave nobody at work in the folders of a build that was killed."""
    build = multiprocessing.parent_process()
    assert build is not None
    build.join()
    os.killpg(0, signal.SIGKILL)


@contextmanager
def calling(function: Callable[..., Any], *given: Any, warm: bool = True) -> Iterator[Call]:
    """Call a function in a process of its own, which ends with the block."""
    call = Call(function, *given, warm=warm)
    try:
        yield call
    finally:
        call.stop()


def run_all(
    jobs: Sequence[Job], workers: int, finished: Callable[[Job, NotebookNode, Any], None]
) -> None:
    """Run pages, some at a time, handing each over with what it has read as soon as it is finished.

    The first page that fails is a PageError: the chapter, the line and the error.
    """
    waiting, at_work = list(reversed(jobs)), dict[Any, tuple[Job, Call]]()
    try:
        while waiting or at_work:
            while waiting and len(at_work) < workers:
                call = Call(run_page, waiting[-1])
                at_work[call.answer] = waiting.pop(), call
            for ready in connection.wait(list(at_work)):
                job, call = at_work.pop(ready)
                try:
                    notebook, read = call.result()
                except PageError as error:
                    raise PageError(f"page {job.page}: {error}") from None
                finished(job, nbformat.from_dict(json.loads(notebook)), read)
                if sys.stderr.isatty():
                    left = len(waiting) + len(at_work)
                    line = f"[{len(jobs) - left}/{len(jobs)}] {job.page}" if left else ""
                    sys.stderr.write(f"\r\x1b[K{line}")
                    sys.stderr.flush()
    finally:
        for _, call in at_work.values():
            call.stop()


def run_page(job: Job) -> tuple[str, list[tuple[str, str]] | None]:
    """Run one page here, and return its notebook as JSON and what of the tables it has read.

    A cell that raises or runs too long, or a kernel that dies, is a PageError.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook

    from aicompute import tables
    from aicompute.book.engine import ENGINE

    # Papermill warns on standard error for every notebook that takes no parameter it is given.
    logging.getLogger("papermill").setLevel(logging.ERROR)
    if job.kernel:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # of its messages the pages show what matters
    try:
        executed = execute_notebook(
            job.notebook, None, dict(job.parameters), progress_bar=False, cwd=job.folder,
            engine_name=None if job.kernel else ENGINE, execution_timeout=job.cell_seconds,
        )
    except PapermillExecutionError as error:
        raise PageError(_cell_failed(job, error)) from None
    except CellTimeoutError:
        raise PageError("a cell ran too long") from None
    except DeadKernelError:
        raise PageError("its kernel died") from None
    # A kernel does not say what it has read.
    read = None if job.kernel else sorted(tables.read)
    return json.dumps(executed, ensure_ascii=False, default=str), read


def _cell_failed(job: Job, error: Any) -> str:
    """The line of the chapter, the cell and the error."""
    told = of_cell(error.ename, _COLOURS.sub("", str(error.evalue)))
    line = next((cell.metadata["line"] for cell in job.notebook.cells
                 if cell.source == error.source), 1)
    inside = _CELL_LINE.findall(_COLOURS.sub("", "\n".join(error.traceback)))
    line += int(inside[-1]) - 1 if inside else 0
    return f"{job.file}:{line}: cell {error.exec_count}: {told}"
