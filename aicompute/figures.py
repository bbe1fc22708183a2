"""The figures of the book by name: the plotted rows, the chart, the caption and the alt text.

Captions and alt texts state the finding and are made from the same numbers as the chart.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from aicompute import charts, wording
from aicompute.charts import NARROW, WIDE, Chart, Size
from aicompute.dataset.cell_text import defused
from aicompute.errors import CallError
from aicompute.methods.calculations import METHODS, Calculation
from aicompute.methods.estimates import BASIS_OF, chosen_calculation
from aicompute.mime import FIGURE_MIME
from aicompute.study import Study, has_page
from aicompute.variables import BUILD_VARIABLE
from aicompute.words.calculation_words import formula_words, method_words


@dataclass(frozen=True)
class Figure:
    """A figure: a chart at two widths, the rows it plots, and what it says in words.

    Attributes
    ----------
    name
        Of the function, the label in the text and the files in figures/.
    caption
        The finding first, then what is shown, in one or two sentences.
    alt
        The finding in one sentence, for who cannot see the chart.
    table
        Exactly the plotted rows.
    draw
        Room to chart.
    linear
        Room to the same chart on a linear scale, where the page offers to switch.
    """

    name: str
    caption: str
    alt: str
    table: pd.DataFrame
    draw: Callable[..., Chart]
    linear: Callable[..., Chart] | None = None

    def specification(self, size: Size = WIDE) -> dict[str, Any]:
        """The Vega-Lite specification at one width."""
        return charts.specification(self.draw(size=size), self.alt)

    def csv(self) -> str:
        """The plotted rows as CSV; a spreadsheet that opens it shows every text and runs none."""
        table = self.table.map(lambda cell: defused(cell) if isinstance(cell, str) else cell)
        return table.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = {FIGURE_MIME: self.document(), "text/plain": self.alt}
        if BUILD_VARIABLE not in os.environ:
            bundle["text/html"] = self.draw(size=WIDE).to_html()
        return bundle

    def document(self) -> dict[str, Any]:
        """Everything the build needs to draw the figure, as JSON."""
        document = {
            "name": self.name,
            "caption": self.caption,
            "alt": self.alt,
            "csv": self.csv(),
            "wide": _plain(self.specification(WIDE)),
            "narrow": _plain(self.specification(NARROW)),
        }
        if self.linear is not None:
            for room, size in (("wide", WIDE), ("narrow", NARROW)):
                spec = charts.specification(self.linear(size=size), self.alt)
                document[f"linear_{room}"] = _plain(spec)
        return document


Maker = Callable[..., "Figure"]

#: Name of a figure to what makes it.
FIGURES: dict[str, Maker] = {}


def figure_maker(name: str) -> Callable[[Maker], Maker]:
    """Register what makes the figure of a name."""

    def register(function: Maker) -> Maker:
        FIGURES[name] = function
        return function

    return register


def _plain(spec: dict[str, Any]) -> Any:
    return json.loads(json.dumps(spec, default=str))


def figure(study: Study, name: str, **arguments: Any) -> Figure:
    """Make one figure by name.

    Raises
    ------
    CallError
        If there is no such figure.
    """
    if name not in FIGURES:
        raise CallError(f"figure {name}: unknown; valid: {', '.join(FIGURES)}")
    return FIGURES[name](study, **arguments)


#: Names that are too long for a label in a chart, by system_id.
_SHORT = {
    "zfnet": "ZFNet", "resnet": "ResNet", "gnmt": "GNMT", "nas": "NAS", "dota_1v1": "Dota 1v1",
    "transformer": "Transformer", "vae": "VAE", "align_translate": "Align & Translate",
    "mlp_mnist": "MLP", "mcdnn_mnist": "MCDNN",
}


def short_name(system: dict[str, Any]) -> str:
    """The name of a system as a label in a chart carries it."""
    return _SHORT.get(str(system["system_id"]), str(system["name"]))


def chart_points(study: Study, table: pd.DataFrame | None = None) -> pd.DataFrame:
    """The systems as a chart shows them: value, range, label, calculation, source and link."""
    table = study.fitted if table is None else table
    return pd.DataFrame([_point(study, row) for row in table.to_dict("records")])


def _point(study: Study, row: dict[str, Any]) -> dict[str, Any]:
    system_id, value = row["system_id"], row["pfs_days"]
    source = study.dataset.sources.get(row["source_key"])
    known = not math.isnan(row["low"])
    shown = wording.quantity(value, "pfs-days")
    if known and row["low"] < row["high"]:
        shown = f"{shown} ({wording.interval(row['low'], row['high'])})"
    calculation = _calculation_of(study, row)
    return {
        "system_id": system_id, "name": row["name"], "label": short_name(row),
        "date": row["date"], "published": wording.date(row["date"]),
        "domain": row["domain"], "organization": row["organization"],
        "pfs_days": value, "low": row["low"] if known else value,
        "high": row["high"] if known else value,
        "value_from": row["value_from"], "shown": shown,
        "method": method_words(row["value_from"], calculation),
        "calculation": formula_words(calculation) if calculation else "none in print",
        "source": source.label if source else "",
        "shown_in_full": f"{row['name']}, {wording.date(row['date'])}: {shown}",
        "href": f"page:systems/{system_id}" if has_page(study, system_id) else "page:systems",
    }


def plotted(points: pd.DataFrame) -> pd.DataFrame:
    """The rows of a chart of systems, without what only places and links them."""
    return points.drop(columns=["label", "href", "published", "shown_in_full"])


def _calculation_of(study: Study, row: dict[str, Any]) -> Calculation | None:
    basis = BASIS_OF.get(row["value_from"], "article")
    chosen = chosen_calculation(row, basis, study.calculations, study.assumptions)
    if chosen is None and row["value_from"] == "published":
        found = [study.calculations.get((row["system_id"], m, basis)) for m in METHODS]
        return next((c for c in found if c), None)
    return chosen


def trend_lines(study: Study) -> pd.DataFrame:
    """The fitted line, its bands and Moore's law from the line's start, in even steps.

    Raises
    ------
    FitError
        If too few systems are left.
    """
    fit = study.fit
    dates = pd.Series(pd.date_range(fit.first, fit.last, periods=24).normalize())
    lines = fit.line(dates)
    months = (dates - fit.first).dt.days / study.assumptions.days_per_month
    lines["moore"] = lines["pfs_days"].iloc[0] * 2 ** (
        months / study.assumptions.moore_doubling_months
    )
    return lines


def era_fit(study: Study) -> pd.DataFrame:
    """Every fitted system with each era it is dated in, and whether it lies in its range.

    Returns
    -------
    DataFrame
        The columns of the system; ``era``, ``era_low``, ``era_high``; ``inside`` (yes, no, or
        no range); ``fits_an_era``: whether it lies inside at least one, or one gives no range.
    """
    table = study.dataset.frame("eras")
    rows = [
        {**system, "era": era["name"], "era_low": era["pfs_days_low"],
         "era_high": era["pfs_days_high"], "inside": _inside(system, era)}
        for system in study.fitted.to_dict("records")
        for era in table.to_dict("records")
        if (pd.isna(era["start"]) or system["date"] >= era["start"])
        and system["date"] <= era["end"]
    ]
    fits = pd.DataFrame(rows)
    fitting = set(fits[fits["inside"] != "no"]["system_id"])
    return fits.assign(fits_an_era=fits["system_id"].isin(fitting))


def _inside(system: dict[str, Any], era: dict[str, Any]) -> str:
    if pd.isna(era["pfs_days_low"]):
        return "no range"
    return "yes" if era["pfs_days_low"] <= system["pfs_days"] <= era["pfs_days_high"] else "no"
