"""What readers take away besides pages: estimates, results, data package, rows, the whole site."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from aicompute.assumptions import Assumptions
from aicompute.book.results import data_files
from aicompute.check.cells import PACKAGE, expanded_package
from aicompute.files import write_text
from aicompute.methods import BASIS, KEY, calculations, chip_time, counted
from aicompute.published import published_rows, published_values
from aicompute.recording import Number
from aicompute.tables import table

#: The whole site in one file: the same bytes for the same site.
SITE = "_downloads/site.zip"
#: Folder that the file unpacks to.
FOLDER = "ai-and-compute"
#: The earliest time a zip can hold; the real ones would differ from build to build.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16
#: Half the time of the usual 6, for a tenth more bytes.
_LEVEL = 3
#: Maps of scripts for those who debug the theme: half of the site's size.
_LEFT_OUT = {".map"}


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

    ``value`` is ``published``, ``replicated`` or ``recounted``; ``kind`` who says so, or
    ``calculated``; ``pfs_days`` has ``low`` and ``high``; ``used`` is whether the book rests the
    system's value of that sort on it; several sources are divided by semicolons.
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


def pack(site: Path) -> None:
    """Write every file of a site into a zip in it, in the order of their names."""
    files = sorted(path for path in site.rglob("*")
                   if path.is_file() and path.suffix not in _LEFT_OUT)
    write_zip(site / SITE, {f"{FOLDER}/{path.relative_to(site).as_posix()}": path.read_bytes()
                            for path in files})


def write_zip(target: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a zip, in their order."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.external_attr = _READABLE
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, _LEVEL)
