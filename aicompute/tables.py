"""The tables of the report as typed DataFrames.

A table is a CSV file of the data folder; its columns and their types stand in datapackage.json.
Which tables were read is remembered, so that a build knows what a page depends on.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from aicompute.errors import CallError
from aicompute.files import read_once, stamp
from aicompute.names import shown, unknown
from aicompute.places import DATA, DATA_VARIABLE, HOME, data_folder

if TYPE_CHECKING:
    from aicompute.assumptions import Assumptions

__all__ = ["DATA", "DATA_VARIABLE", "HOME", "architecture", "architectures", "data_folder",
           "package", "table"]

ARCHITECTURES = "architectures"
#: The table of each method's inputs.
INPUTS = {1: "workloads", 2: "chip_time"}
#: Layer tables leave a cell empty where it is 1.
SHAPE = ["repeat", "in_channels", "out_channels", "kernel_height", "kernel_width", "groups",
         "out_height", "out_width"]
_DTYPES = {"string": "object", "number": "float64", "integer": "Int64", "boolean": "boolean",
           "date": "object"}

#: What was read by this process: the file, and of a table of many systems, whose rows alone.
read: set[tuple[str, str]] = set()


def table(name: str, system_id: str = "") -> pd.DataFrame:
    """One table with the types that datapackage.json gives its columns; what is empty is missing.

    Parameters
    ----------
    name
        As in datapackage.json: ``systems``, ``published``, ``chips``, ``chip_time``,
        ``workloads``, ``eras``, ``claims``, ...
    system_id
        Give the rows of one system alone.

    Returns
    -------
    DataFrame
        A row a row of the file, in its order; units as the dictionary (data/README.md) says.

    Raises
    ------
    CallError
        If there is no such table, or no such system.
    DataError
        If its file cannot be read as the schema says; ``aicompute check`` lists every problem.

    Examples
    --------
    >>> table("chips").set_index("chip_id").article_tflop_per_second["gtx_580"]
    np.float64(1.54)
    """
    folder = data_folder()
    names = [resource["name"] for resource in package(folder)["resources"]]
    if name not in names:
        raise CallError(unknown("table", name, names))
    read.add((f"{name}.csv", system_id))
    whole = _typed(folder / f"{name}.csv")
    if not system_id:
        return whole.copy()
    own = whole[whole["system_id"] == system_id].reset_index(drop=True)
    if own.empty and system_id not in set(_typed(folder / "systems.csv")["system_id"]):
        raise CallError(f"system {shown(system_id)}: in no row of systems.csv")
    return own


def architecture(name: str) -> pd.DataFrame:
    """The layers of one network, a row a layer; empty sizes are 1, as the table means them.

    Raises
    ------
    CallError
        If there is no such layer table.

    Examples
    --------
    >>> architecture("alexnet").query("kind == 'conv'")["out_channels"].head(2).tolist()
    [96, 256]
    """
    return pd.DataFrame(layer_rows(name))


def layer_rows(name: str) -> list[dict[str, Any]]:
    """The rows of :func:`architecture`, for those who do without the time that pandas takes."""
    path = data_folder() / ARCHITECTURES / f"{name}.csv"
    if not path.is_file():
        raise CallError(unknown("architecture", name, architectures()))
    read.add((f"{ARCHITECTURES}/{name}.csv", ""))
    return _layers(path)


def architectures() -> list[str]:
    """The names of all layer tables."""
    return sorted(path.stem for path in (data_folder() / ARCHITECTURES).glob("*.csv"))


def package(folder: Path | None = None) -> dict[str, Any]:
    """The data package of a folder: the content of datapackage.json."""
    return _package((folder or data_folder()) / "datapackage.json")


@read_once
def _package(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


@read_once
def _layers(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [{**row, **{name: int(row[name] or 1) for name in SHAPE}}
                for row in csv.DictReader(lines)]


@read_once
def _typed(path: Path) -> pd.DataFrame:
    schemas = {r["name"]: r["schema"] for r in package(path.parent)["resources"]}
    types = {field["name"]: field["type"] for field in schemas[path.stem]["fields"]}
    frame = pd.read_csv(path, dtype={name: _DTYPES[kind] for name, kind in types.items()},
                        keep_default_na=False, na_values=[""], encoding="utf-8")
    for name, kind in types.items():
        if kind == "date":
            frame[name] = pd.to_datetime(frame[name], format="%Y-%m-%d")
        elif kind in ("integer", "boolean") and not frame[name].isna().any():
            frame[name] = frame[name].astype("int64" if kind == "integer" else "bool")
    return frame


def worked_out_once(
    *names: str
) -> Callable[[Callable[[Assumptions], pd.DataFrame]], Callable[..., pd.DataFrame]]:
    """Let a calculation be done once for the same tables and values of the assumptions named.

    It is done for all systems, with every other assumption at its default. What it has read is
    remembered as if it were read again; of one system, its own rows alone.
    """
    def of(calculate: Callable[[Assumptions], pd.DataFrame]) -> Callable[..., pd.DataFrame]:
        @lru_cache(maxsize=128)
        def done(assumptions: Assumptions, *_: Any) -> tuple[pd.DataFrame, frozenset[str]]:
            before = set(read)
            read.clear()
            try:
                return calculate(assumptions), frozenset(file for file, _ in read)
            finally:
                read.clear()
                read.update(before)

        @wraps(calculate)
        def once(assumptions: Assumptions, system_id: str = "") -> pd.DataFrame:
            folder = data_folder()
            paths = [*sorted(folder.glob("*.csv")), *sorted(folder.glob(f"{ARCHITECTURES}/*.csv")),
                     folder / "datapackage.json"]
            taken = type(assumptions)().model_copy(
                update={name: getattr(assumptions, name) for name in names})
            rows, files = done(taken, folder, *map(stamp, paths))
            if not system_id:
                read.update((file, "") for file in files)
                return rows.copy()
            _read_of(system_id, files)
            return rows[rows["system_id"] == system_id].reset_index(drop=True)

        return once

    return of


def _read_of(system_id: str, files: frozenset[str]) -> None:
    """Remember of some files what is one system's, or that of a system it builds on."""
    own = {"systems.csv", "published.csv", *(f"{name}.csv" for name in INPUTS.values())}
    read.update((file, "") for file in files - own if not file.startswith(ARCHITECTURES))
    while system_id:
        base = table("systems", system_id)["builds_on"].iloc[0]
        read.update((file, system_id) for file in files & own)
        if "workloads.csv" in files:
            networks = table("workloads", system_id)["architecture"].dropna()
            read.update((f"{ARCHITECTURES}/{name}.csv", "") for name in networks)
        system_id = base if isinstance(base, str) else ""
