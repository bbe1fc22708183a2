"""What the book is made of: versions, rows and checksums."""

from __future__ import annotations

import hashlib
import html
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from aicompute import tables
from aicompute.dataset import ARCHITECTURES
from aicompute.listings import lists
from aicompute.results import Named, Result, family
from aicompute.study import Study
from aicompute.tables import Cell, HtmlTable

REQUIREMENTS = Path(__file__).resolve().parent.parent.parent / "requirements.txt"
_REQUIREMENT = re.compile(r"^(?P<name>[\w.-]+)==(?P<pin>[^\s#]+)\s*#\s*(?P<why>.+)$", re.MULTILINE)


@family("rows")
def row_results(study: Study) -> Named:
    """Rows of every table, and of all of them."""
    counts = {name: _rows(study, name) for name in study.dataset.schemas}
    for name, count in counts.items():
        yield f"rows.{name}", Result(float(count), "rows", page="data#tables", how="a count")
    yield "rows.all", Result(
        float(sum(counts.values())), "rows", page="data#tables", how="rows of all tables"
    )
    yield "rows.networks", Result(
        float(len(study.dataset.architectures())), "networks", page="data#tables",
        how="layer tables in data/architectures",
    )


def _rows(study: Study, name: str) -> int:
    dataset = study.dataset
    if name == ARCHITECTURES:
        return sum(len(dataset.rows(f"{name}/{a}")) for a in dataset.architectures())
    return len(dataset.rows(name))


@lists("versions")
def versions(study: Study) -> HtmlTable:
    """Every direct dependency: the version at work here, and what it is for."""
    del study
    rows = [
        [tables.text(name), tables.text(_version(name)), tables.text(why)]
        for name, _, why in _REQUIREMENT.findall(REQUIREMENTS.read_text(encoding="utf-8"))
    ]
    return HtmlTable(["Package", "Version", "What for"], rows,
                     caption="The packages at work, and what each is for")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


@lists("checksums")
def checksums(study: Study) -> HtmlTable:
    """Every file of the dataset with the checksum of its bytes."""
    dataset = study.dataset
    rows = []
    for file in dataset.files():
        dataset.files_read.add(file)  # the page is made from every one of them
        digest = hashlib.sha256((dataset.directory / file).read_bytes()).hexdigest()
        rows.append([
            tables.link(file, f"page:_downloads/data/{file}"),
            Cell(f"<code>{html.escape(digest)}</code>"),
        ])
    return HtmlTable(["File", "SHA-256"], rows,
                     caption=f"The checksum of every file; of all together: {dataset.sha256()}")
