"""Sweeps: the trend under many settings of the assumptions at once.

A sweep file says which settings (``plan``); they are calculated in chunks (``evaluate``), on one
machine or a cluster (``runners``), each chunk kept until all are there (``chunks``); the whole
becomes one table (``table``) and a summary of what drives the result (``summary``). That both can
be written is asked first (``targets``).
"""

from __future__ import annotations

from pathlib import Path

from aicompute.dataset import DATA, open_dataset
from aicompute.study import refuse_unknown_systems
from aicompute.sweeps.chunks import Chunks
from aicompute.sweeps.plan import load_plan, saying
from aicompute.sweeps.runners import GOES_ON, run_here, run_on_cluster
from aicompute.sweeps.summary import Summary, summarize
from aicompute.sweeps.table import write_table
from aicompute.sweeps.targets import check_targets
from aicompute.sweeps.task import Task

__all__ = ["GOES_ON", "run_sweep"]


def run_sweep(
    file: Path, output: Path, *, summary: Path | None = None, data: Path = DATA, jobs: int = 1,
    scheduler: str | None = None,
) -> Summary:
    """Calculate every setting of a sweep file and write one row a setting.

    Parameters
    ----------
    file
        The sweep file, YAML.
    output
        Table to write, ``.csv`` or ``.parquet``; replaced only when all rows are there.
    summary
        Where the caller will write the summary; asked before anything is calculated.
    data
        Folder of tables.
    jobs
        Processes on this machine.
    scheduler
        Address of a Dask scheduler, instead of this machine.

    Raises
    ------
    CallError
        If the file, a path or an address is at fault.
    DataError
        If the tables have problems.
    BuildError
        If the disk refuses, or a process dies.
    """
    plan = load_plan(file)
    check_targets(file, output, summary)
    dataset = open_dataset(data)
    with saying(f"sweep {file}"):
        for without in plan.values("without"):
            refuse_unknown_systems(dataset, without)
    task = Task.of(plan, dataset)
    with Chunks(output, task) as chunks:
        if scheduler is None:
            run_here(chunks, jobs)
        else:
            run_on_cluster(chunks, scheduler)
        write_table(output, plan, chunks)
        return summarize(plan, chunks)
