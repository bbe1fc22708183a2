"""Calculates the chunks of a sweep: in this process, in several, or on a Dask cluster."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from aicompute.errors import AIComputeError, BuildError, CallError
from aicompute.sweeps.chunks import Chunks
from aicompute.sweeps.task import Task, calculate_chunk

#: Seconds to wait for a scheduler to answer, and for its first worker.
PATIENCE = 20

#: What a sweep that ends too soon says at last.
GOES_ON = "what is done is kept, and the same command goes on from there"

_DASK = "distributed"


def run_here(chunks: Chunks, jobs: int) -> None:
    """Calculate the missing chunks on this machine.

    Raises
    ------
    BuildError
        If the disk refuses, or one of several processes dies.
    """
    task, missing = chunks.task, chunks.missing()
    if jobs == 1 or len(missing) < 2:
        _follow(task, missing, (_calculate_and_keep(chunks, number) for number in missing))
        return
    # The sweep goes to each process once, at its start, and each keeps its chunks itself: what
    # passes through a pipe that they share is a number, which is written whole or not at all. Of
    # a longer message, a process that is ended may leave a part, for whose rest this one would
    # wait for ever.
    with ProcessPoolExecutor(
        min(jobs, len(missing)), mp_context=multiprocessing.get_context("forkserver"),
        initializer=_begin, initargs=(chunks.output.absolute(), task),
    ) as pool:
        try:
            futures = [pool.submit(_calculate_here, number) for number in missing]
            _follow(task, missing, (done.result() for done in as_completed(futures)))
        except BrokenProcessPool:
            raise BuildError(
                f"a process of the sweep died, perhaps for want of memory; {GOES_ON}"
            ) from None
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            # A chunk under way is of no use any more, and a process may be stuck in its start.
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _calculate_and_keep(chunks: Chunks, number: int) -> int:
    chunks.keep(number, calculate_chunk(chunks.task, number))
    return number


#: The chunks that a process of its own works at; there is none in the process that began it.
_here: Chunks


def _begin(output: Path, task: Task) -> None:
    """Begin a process that calculates chunks."""
    global _here
    _follow_parent()
    _here = Chunks(output, task)


def _calculate_here(number: int) -> int:
    return _calculate_and_keep(_here, number)


def _follow_parent() -> None:
    """Leave an interrupt to the parent, which keeps what is done; end when it ends.

    Killed, it could not end the others itself, and they would wait for work for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def run_on_cluster(chunks: Chunks, address: str) -> None:
    """Calculate the missing chunks on a Dask cluster.

    A chunk whose worker dies is given to another; finished chunks are kept here at once.

    Raises
    ------
    CallError
        If Dask is not installed, no scheduler answers, or it has no worker.
    BuildError
        If a chunk brings down every worker it is given to.
    """
    missing = chunks.missing()
    with _client(address) as client:
        from distributed import as_completed as as_calculated

        # A task of its own, so that its result is made anew should the worker that has it die.
        shared = client.submit(_itself, chunks.task, pure=False)
        futures = {
            client.submit(calculate_chunk, shared, number, pure=False): number
            for number in missing
        }

        def kept() -> Iterator[int]:
            for done in as_calculated(futures):
                chunks.keep(futures[done], fetch(done))
                yield futures[done]

        _follow(chunks.task, missing, kept())


@contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError:
        raise CallError("--scheduler: needs Dask; pip install 'aicompute[cluster]'") from None
    # It logs tracebacks of what is told in one line here, each part at a level of its own.
    for name in [name for name in logging.root.manager.loggerDict if name.startswith(_DASK)]:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise CallError(f"--scheduler {address}: no scheduler answers: {reason}") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise CallError(f"--scheduler {address}: the scheduler has no worker") from None
        yield client


def fetch(future: Any) -> NDArray[np.float64]:
    """Fetch a chunk's results from the cluster.

    Raises
    ------
    BuildError
        If the chunk failed there, or the scheduler is gone.
    """
    try:
        return np.asarray(future.result())
    except AIComputeError:
        raise
    except Exception as error:
        # Cancelled, or a connection that closed while its result was fetched: not the chunk's
        # fault, and which of them it is depends on the moment the scheduler went.
        if future.status != "error":
            raise BuildError(f"the scheduler is gone; {GOES_ON}") from None
        reason = " ".join(str(error).split())
        raise BuildError(f"the cluster gave up: {type(error).__name__}: {reason}; {GOES_ON}") \
            from error


def _itself(task: Task) -> Task:
    return task


def _follow(task: Task, missing: list[int], kept: Iterable[int]) -> None:
    """Go through missing chunks as they are kept, with a bar for who watches a terminal."""
    total, hidden = task.plan.size, not sys.stderr.isatty()
    with click.progressbar(
        length=total, label="settings", file=sys.stderr, hidden=hidden, show_pos=True
    ) as bar:
        bar.update(total - sum(map(task.settings, missing)))
        for number in kept:
            bar.update(task.settings(number))
