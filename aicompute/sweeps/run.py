"""Runs a sweep: on this machine or on a Dask cluster, to one table and a summary."""

from __future__ import annotations

import json
import logging
import signal
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aicompute.errors import BuildError, CallError, saying
from aicompute.files import replacing, write_text
from aicompute.names import unknown
from aicompute.sweeps.axes import Array
from aicompute.sweeps.evaluate import RESULTS, evaluate, groups
from aicompute.sweeps.plan import Plan, load_plan
from aicompute.sweeps.summary import summarize
from aicompute.tables import table

#: Settings in one piece: the same wherever a sweep runs, so that its bits are the same too.
CHUNK = 8192
FORMS = (".csv", ".parquet")
#: Seconds in which a scheduler and one worker have to answer.
PATIENCE = 30


def run_sweep(
    file: Path, output: Path, *, summary: Path | None = None, jobs: int = 1,
    scheduler: str | None = None,
) -> dict[str, Any]:
    """Calculate every setting of a sweep file, write one row a setting, and sum them up.

    The table, ``.csv`` or ``.parquet``, is replaced only when all rows are there. It runs in
    ``jobs`` processes on this machine, or at the address of a Dask ``scheduler``. A CallError says
    what is at fault in the call; a BuildError that the disk refuses or the cluster does not answer.
    """
    _check_call(file, output, summary, scheduler)
    plan = load_plan(file)
    known = list(table("systems")["system_id"])
    for system_id in {name for names in plan.values("without") for name in names}:
        if system_id not in known:
            raise CallError(f"sweep {file}: without: {unknown('system', system_id, known)}")
    with saying(f"sweep {file}"):
        chunk = partial(evaluate, plan, groups(plan), CHUNK)
    results = np.vstack(_mapped(chunk, range(0, plan.size, CHUNK), jobs, scheduler))
    _write(output, plan, results)
    found = summarize(plan, results)
    if summary is not None:
        write_text(summary, json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    return found


def _check_call(
    file: Path, output: Path, summary: Path | None, scheduler: str | None
) -> None:
    """Refuse before anything runs what would fail, or overwrite, when all is calculated."""
    if output.suffix not in FORMS:
        raise CallError(f"--output {output}: got {output.suffix or 'no ending'}; allowed: "
                        f"{', '.join(FORMS)}")
    paths = [path.resolve() for path in (file, output, summary) if path is not None]
    if len(set(paths)) < len(paths):
        raise CallError(f"--output {output}: allowed: a file of its own, as for --summary")
    for option, needed, library, extra in (
            ("--output", output.suffix == ".parquet", "pyarrow", "parquet"),
            ("--scheduler", scheduler is not None, "distributed", "cluster")):
        if needed and find_spec(library) is None:
            raise CallError(f"{option}: needs {library}: python -m pip install {library}, "
                            f"or this package with [{extra}]")


def _mapped(chunk: partial[Array], starts: range, jobs: int, scheduler: str | None) -> list[Array]:
    """Every chunk, in order: here, in processes beside each other, or on a cluster."""
    if scheduler is not None:
        return _on_cluster(chunk, starts, scheduler)
    if jobs == 1 or len(starts) == 1:
        return [chunk(start) for start in starts]
    # Not forked: threads of the libraries would be cut off in the middle of what they do.
    # Ctrl-C is for this process to hear.
    with ProcessPoolExecutor(jobs, get_context("spawn"), signal.signal,
                             (signal.SIGINT, signal.SIG_IGN)) as pool:
        return list(pool.map(chunk, starts))


def _on_cluster(chunk: partial[Array], starts: range, scheduler: str) -> list[Array]:
    from distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        with Client(scheduler, timeout=PATIENCE) as client:
            client.wait_for_workers(1, timeout=PATIENCE)
            return list(client.gather(client.map(chunk, list(starts))))
    except Exception as error:  # whatever a cluster can suffer
        text = " ".join(str(error).split()) or type(error).__name__
        raise BuildError(f"--scheduler {scheduler}: {text[:300]}") from None


def _write(output: Path, plan: Plan, results: Array) -> None:
    """Write one row a setting: its number, what varies, and the results."""
    given = plan.columns(0, plan.size)
    columns: dict[str, NDArray[Any]] = {"setting": np.arange(plan.size)}
    columns |= {axis.name: axis.texts(given[axis.name]) for axis in plan.axes}
    columns |= dict(zip(RESULTS, results.T, strict=True))
    columns["points"] = columns["points"].astype(np.int64)
    with replacing(output) as part:
        if output.suffix == ".parquet":
            pd.DataFrame(columns).to_parquet(part, index=False)
        else:
            # Twice as fast as pandas, which makes every row an object of its own.
            lines = map(",".join, zip(*map(_cells, columns.values()), strict=True))
            part.write_text("\n".join([",".join(columns), *lines, ""]), encoding="utf-8")


def _cells(column: NDArray[Any]) -> NDArray[Any]:
    """A column as text, every value written once; what is unknown is empty."""
    places, values = pd.factorize(column)  # -1, the last, where it is unknown
    texts = [f'"{text}"' if "," in text else text for text in map(str, values.tolist())]
    return np.asarray([*texts, ""], dtype=object)[places]
