"""What readers take away besides pages: all estimates, all results, the data package, all rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from aicompute.assumptions import Assumptions
from aicompute.book.archive import write_zip
from aicompute.book.results import data_files
from aicompute.check.cells import PACKAGE, expanded_package
from aicompute.files import write_text
from aicompute.methods import BASIS, KEY, calculations, chip_time, counted
from aicompute.published import published_rows, published_values
from aicompute.recording import Number
from aicompute.tables import table


def add_downloads(
    folder: Path, data: Path, assumptions: Assumptions, numbers: Mapping[str, Number]
) -> None:
    """Write them into the site's folder of downloads, which has the rows of the figures already."""
    write_text(folder / "estimates.csv", _csv(all_estimates(assumptions)))
    rows = pd.DataFrame([{"name": name, **vars(numbers[name])} for name in sorted(numbers)])
    write_text(folder / "results.csv", _csv(rows))
    package = json.dumps(expanded_package(data), indent=2, ensure_ascii=False)
    files = {name: (data / name).read_bytes() for name in data_files(data)}
    write_zip(folder / "datapackage.zip", {**files, PACKAGE: package.encode()})
    drawn = sorted((folder / "figures").glob("*.csv"))
    write_zip(folder / "figures.zip", {path.name: path.read_bytes() for path in drawn})


def all_estimates(assumptions: Assumptions) -> pd.DataFrame:
    """Every value of every system, one a row.

    Returns
    -------
    DataFrame
        ``system_id``, ``name``, ``date``, ``set``; ``value`` (``published``, ``replicated`` or
        ``recounted``), ``kind`` (who says so, or ``calculated``), ``method``; ``pfs_days`` with
        ``low`` and ``high``, ``unit``; ``used``, whether the book rests the system's value of
        that sort on it; ``source_key`` and ``source_place``, several divided by semicolons.
    """
    systems = table("systems").set_index("system_id")
    told = published_rows().rename(columns={"pfs_days_low": "low", "pfs_days_high": "high"})
    chosen = told["system_id"].map(published_values(assumptions)["pfs_days"])
    told = told.assign(value="published", used=told["pfs_days"] == chosen)
    rows = pd.concat([counted(assumptions), chip_time(assumptions)])
    sources = rows.groupby(KEY, sort=False)[["source_key", "source_place"]].agg(
        lambda cells: "; ".join(dict.fromkeys(cells))).reset_index()
    ours = calculations(assumptions).merge(sources, on=KEY)
    ours["value"] = ours["basis"].map({basis: value for value, basis in BASIS.items()})
    preferred = [systems.loc[row.system_id, f"{row.basis}_method"] for row in ours.itertuples()]
    used = ours["method"] == pd.Series(preferred, index=ours.index).fillna(0)
    ours = ours.assign(kind="calculated", used=used)
    every = pd.concat([told, ours], ignore_index=True).join(
        systems[["name", "published", "set"]].rename(columns={"published": "date"}), "system_id")
    every["unit"] = "pfs-day"
    return every.sort_values(["date", "system_id"], kind="stable")[[
        "system_id", "name", "date", "set", "value", "kind", "method", "pfs_days", "low",
        "high", "unit", "bound", "confidence", "superseded_by", "used", "source_key",
        "source_place"]]


def _csv(rows: pd.DataFrame) -> str:
    return rows.to_csv(index=False, float_format="%.12g", date_format="%Y-%m-%d",
                       lineterminator="\n")
