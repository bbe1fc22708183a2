"""Runs a sweep: on this machine or on a Dask cluster, to one table and a summary."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from aicompute.errors import BuildError, CallError
from aicompute.files import replacing
from aicompute.names import unknown
from aicompute.sweeps.evaluate import RESULTS, Array, evaluate, groups
from aicompute.sweeps.plan import Plan, load_plan, saying
from aicompute.sweeps.summary import Summary, summarize
from aicompute.tables import table

#: Settings in one piece: the same wherever a sweep runs, so that its bits are the same too.
CHUNK = 8192
FORMS = (".csv", ".parquet")


def run_sweep(
    file: Path, output: Path, *, summary: Path | None = None, jobs: int = 1,
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
        Where to write the summary as JSON too.
    jobs
        Processes on this machine.
    scheduler
        Address of a Dask scheduler, instead of this machine.

    Raises
    ------
    CallError
        If the file, a path or an address is at fault.
    BuildError
        If the disk refuses, or the cluster does not answer.
    """
    if output.suffix not in FORMS:
        raise CallError(f"--output {output}: got {output.suffix or 'no ending'}; allowed: "
                        f"{', '.join(FORMS)}")
    plan = load_plan(file)
    known = list(table("systems")["system_id"])
    for system_id in {name for names in plan.values("without") for name in names}:
        if system_id not in known:
            raise CallError(f"sweep {file}: without: {unknown('system', system_id, known)}")
    with saying(f"sweep {file}"):
        chunk = partial(_chunk, plan, groups(plan))
    starts = range(0, plan.size, CHUNK)
    results = np.vstack(_mapped(chunk, starts, jobs, scheduler))
    _write(output, plan, results)
    found = summarize(plan, results)
    if summary is not None:
        found.write(summary)
    return found


def _chunk(plan: Plan, known: dict, start: int) -> Array:  # type: ignore[type-arg]
    return evaluate(plan, known, start, start + CHUNK)


def _mapped(chunk: partial[Array], starts: range, jobs: int, scheduler: str | None) -> list[Array]:
    """Every chunk, in order: here, in processes beside each other, or on a cluster."""
    if scheduler is not None:
        from distributed import Client

        try:
            with Client(scheduler, timeout="10s") as client:
                return list(client.gather(client.map(chunk, list(starts))))
        except (OSError, ValueError) as error:
            text = " ".join(str(error).split())
            raise BuildError(f"--scheduler {scheduler}: cannot be used: {text}") from None
    if jobs == 1 or len(starts) == 1:
        return [chunk(start) for start in starts]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(chunk, starts))


def _write(output: Path, plan: Plan, results: Array) -> None:
    """Write one row a setting: its number, what varies, and the results."""
    columns = plan.columns(0, plan.size)
    varied = {axis.name: axis.texts(columns[axis.name]) for axis in plan.axes}
    frame = pd.DataFrame({"setting": range(plan.size), **varied})
    frame[list(RESULTS)] = results
    frame["points"] = frame["points"].astype("int64")
    with replacing(output) as part:
        if output.suffix == ".parquet":
            frame.to_parquet(part, index=False)
        else:
            frame.to_csv(part, index=False, lineterminator="\n")
