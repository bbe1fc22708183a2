"""Runs a sweep, on this machine or on a Dask cluster, to one table and a summary.

The summary has the spread of the doubling time, and which assumptions drive it.
"""

import json
import logging
import signal
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.util import find_spec
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic_core import to_json

from aicompute import words
from aicompute.assumptions import Assumptions, as_text
from aicompute.commands.options import refuse_unknown_systems
from aicompute.commands.terminal import columns, wrapped
from aicompute.errors import BuildError, CallError, saying
from aicompute.files import replacing, write_text
from aicompute.sweeps.evaluate import CHUNK, RESULTS, evaluate, groups
from aicompute.sweeps.plan import DRAWN, Array, Axis, Columns, Plan, is_numeric, load_plan

FORMS = (".csv", ".parquet")
#: Rows made into text at once; of more, a processor has to fetch each cell from afar.
ROWS = 2048
#: Seconds in which a scheduler and one worker have to answer.
PATIENCE = 30
TARGET = "doubling_time_months"
QUANTILES = (0.05, 0.5, 0.95)
#: How strongly an assumption drives the doubling time. Names have no order, so they have a measure
#: of their own.
MEASURES = {
    "spearman": "rank correlation with the doubling time, -1 to 1; without effect it stays within "
                "about one over the root of the number of settings",
    "rank share": "root of the share of the ranks' variance that lies between the values, 0 to 1",
}
SOBOL = {
    "Sobol first": "share of the variance of the doubling time that it makes alone",
    "Sobol total": "share that it makes alone and together with the others",
}


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
    with saying(f"sweep {file}: without"):
        refuse_unknown_systems(*chain.from_iterable(plan.values("without")))
    with saying(f"sweep {file}"):
        chunk = partial(evaluate, plan, groups(plan))
    results = np.vstack(_mapped(chunk, range(0, plan.size, CHUNK), jobs, scheduler))
    given = plan.columns(0, plan.size)
    _write(output, plan, given, results)
    found = summarize(plan, given, results)
    if summary is not None:
        write_text(summary, json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    return found


def _check_call(file: Path, output: Path, summary: Path | None, scheduler: str | None) -> None:
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


def _write(output: Path, plan: Plan, given: Columns, results: Array) -> None:
    """Write one row a setting: its number, what varies, and the results.

    A value that is no number stands there as ``--set`` takes it.
    """
    written: Columns = {"setting": np.arange(plan.size), **given}
    for axis in (axis for axis in plan.axes if not is_numeric(axis.name)):
        texts = np.asarray(list(map(as_text, axis.given)), dtype=object)
        written[axis.name] = texts[given[axis.name]]
    written |= dict(zip(RESULTS, results.T, strict=True))
    written["points"] = written["points"].astype(np.int64)
    with replacing(output) as part:
        if output.suffix == ".parquet":
            pd.DataFrame(written).to_parquet(part, index=False)
            return
        with part.open("w", encoding="utf-8") as file:
            file.write(",".join(written) + "\n")
            for start in range(0, plan.size, ROWS):
                cells = (_cells(column[start:start + ROWS]) for column in written.values())
                file.write("\n".join([*map(",".join, zip(*cells, strict=True)), ""]))


def _cells(column: NDArray[Any]) -> list[str]:
    """A column as text; what is unknown is empty."""
    if column.dtype == object:
        return [f'"{text}"' if "," in text else text for text in column]
    # A quarter of the time that Python takes for the same digits.
    text = to_json(column.tolist(), inf_nan_mode="constants").decode()[1:-1]
    return text.replace("NaN", "").replace("Infinity", "inf").split(",")


def summarize(plan: Plan, given: Columns, results: Array) -> dict[str, Any]:
    """A finished sweep, settings x RESULTS, in a few numbers, as its JSON holds them."""
    target = results[:, RESULTS.index(TARGET)]
    known = np.isfinite(target)
    ranks = _ranks(target[known])
    sobol = _sobol(plan, target) if plan.design == "saltelli" and known.all() else {}
    drivers = [{**_driver(axis, given[axis.name][known], ranks),
                **sobol.get(axis.name, {"sobol_first": None, "sobol_total": None})}
               for axis in plan.axes]
    quantiles = np.quantile(target[known], QUANTILES) if known.any() else [None] * len(QUANTILES)
    return {
        "title": plan.title, "settings": plan.size, "without_fit": int((~known).sum()),
        TARGET: {f"{q:g}": None if value is None else float(value)
                 for q, value in zip(QUANTILES, quantiles, strict=True)},
        "drivers": sorted(drivers, key=lambda driver: -abs(driver["strength"] or 0.0)),
    }


def summary_text(summary: dict[str, Any]) -> str:
    """The summary for a person."""
    low, middle, high = summary[TARGET].values()
    lines = [f"{summary['title']}: " * bool(summary["title"]) + f"{summary['settings']:,} settings"]
    if summary["without_fit"]:
        lines.append(f"{summary['without_fit']:,} of them leave too few systems for a fit")
    if middle is not None:
        lines.append(f"doubling time: median {words.quantity(middle, 'months')}, nine in ten "
                     f"{words.interval(low, high)}")
    drivers = summary["drivers"]
    shares = SOBOL if any(d["sobol_total"] is not None for d in drivers) else {}
    numbers = ["strength", *(["sobol_first", "sobol_total"] if shares else [])]
    rows = [["driven by", "strength", *shares, "measure"],
            *([d["assumption"], *(_two(d[name]) for name in numbers), d["measure"]]
              for d in drivers)]
    used = {d["measure"] for d in drivers}
    legend = {name: text for name, text in MEASURES.items() if name in used} | shares
    return "\n".join([
        *lines, "", *columns(rows, right=range(1, len(rows[0]) - 1)), "",
        *(line for name, text in legend.items() for line in wrapped(f"{name}: {text}"))])


def _ranks(column: NDArray[Any]) -> Array:
    """The rank of every value, the mean of their ranks where values are equal."""
    _, places, counts = np.unique(column, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]


def _driver(axis: Axis, column: NDArray[Any], ranks: Array) -> dict[str, Any]:
    """How strongly one axis drives a target of given ranks; None where nothing moves."""
    numeric = is_numeric(axis.name)
    ordered = numeric or Assumptions.model_fields[axis.name].annotation is bool
    strength = None
    if len(ranks) and np.ptp(column) and np.ptp(ranks):
        if ordered:
            numbers = column if numeric else np.asarray(axis.given)[column]
            strength = float(np.corrcoef(_ranks(numbers), ranks)[0, 1])
        else:
            between = (np.bincount(column, ranks) / np.maximum(np.bincount(column), 1))[column]
            strength = float(between.std() / ranks.std())
    measure = "spearman" if ordered else "rank share"
    return {"assumption": axis.name, "measure": measure, "strength": strength}


def _sobol(plan: Plan, target: Array) -> dict[str, dict[str, float]]:
    """First and total Sobol indices, by the estimators of Saltelli 2010 in scipy."""
    from scipy import stats  # half a second

    if np.ptp(target) == 0:
        return {}
    blocks = target.reshape(-1, plan.samples)
    found = {"f_A": blocks[None, 0], "f_B": blocks[None, 1], "f_AB": blocks[2:, None, :]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        indices = stats.sobol_indices(func=found, n=plan.samples)
    return {axis.name: {"sobol_first": float(first), "sobol_total": float(total)}
            for axis, first, total in zip(plan.of_kinds(DRAWN), indices.first_order.flat,
                                          indices.total_order.flat, strict=True)}


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-0.00", "0.00")
