"""The figures of the book by name: the plotted rows, the chart, the caption and the alt text.

Captions and alt texts state the finding and are made from the same numbers as the chart.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from aicompute import charts, wording
from aicompute.charts import NARROW, WIDE, Chart, Size
from aicompute.errors import CallError
from aicompute.results import Results
from aicompute.study import Study, has_page

MIME = "application/vnd.aicompute.figure+json"
#: Set by the build, which draws figures itself; elsewhere Altair's own display is added.
BUILD_VARIABLE = "AICOMPUTE_BUILD"


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
    """

    name: str
    caption: str
    alt: str
    table: pd.DataFrame
    draw: Callable[..., Chart]

    def specification(self, size: Size = WIDE) -> dict[str, Any]:
        """The Vega-Lite specification at one width."""
        return charts.specification(self.draw(size=size), self.alt)

    def csv(self) -> str:
        """The plotted rows as CSV."""
        return self.table.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = {MIME: self.document(), "text/plain": self.alt}
        if BUILD_VARIABLE not in os.environ:
            bundle["text/html"] = self.draw(size=WIDE).to_html()
        return bundle

    def document(self) -> dict[str, Any]:
        """Everything the build needs to draw the figure, as JSON."""
        return {
            "name": self.name,
            "caption": self.caption,
            "alt": self.alt,
            "csv": self.csv(),
            "wide": _plain(self.specification(WIDE)),
            "narrow": _plain(self.specification(NARROW)),
        }


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


#: Where the label of a point stands, so that labels do not cover each other.
_LABEL_LEFT = {"dqn", "vgg", "zfnet", "gnmt", "xception", "dota_1v1", "alphago_zero", "deepspeech2"}


def chart_points(study: Study, table: pd.DataFrame | None = None) -> pd.DataFrame:
    """The systems as a chart shows them: value, range, label, calculation, source and link."""
    table = study.fitted if table is None else table
    sources = study.dataset.sources
    rows = []
    for row in table.to_dict("records"):
        system_id = row["system_id"]
        source = sources.get(row["source_key"])
        rows.append({
            "system_id": system_id, "name": row["name"], "label": row["name"], "date": row["date"],
            "domain": row["domain"], "organization": row["organization"],
            "pfs_days": row["pfs_days"],
            "low": row["pfs_days"] if math.isnan(row["low"]) else row["low"],
            "high": row["pfs_days"] if math.isnan(row["high"]) else row["high"],
            "value_from": row["value_from"],
            "shown": wording.quantity(row["pfs_days"], "pfs-days"),
            "calculation": _calculation_words(study, row),
            "source": source.label if source else "",
            "href": f"page:systems/{system_id}" if has_page(study, system_id) else "page:systems",
            "align": "right" if system_id in _LABEL_LEFT else "left",
        })
    return pd.DataFrame(rows)


@figure_maker("headline")
def headline(study: Study) -> Figure:
    """The article's chart with its fit, the band for one further system, and Moore's law."""
    points = chart_points(study)
    lines = trend_lines(study)
    results = Results(study)
    doubling = results[f"trend.{study.assumptions.values}.doubling_time_months"]
    factor = results[f"growth.{study.assumptions.values}.factor"]
    moore = results["moore.factor"]
    finding = (
        f"Training compute of {len(points)} systems doubled every "
        f"{wording.quantity(doubling.value, 'months')} "
        f"({wording.share(study.assumptions.confidence)} interval "
        f"{wording.interval(doubling.low, doubling.high)})"
    )
    return Figure(
        name="headline",
        caption=(
            f"{finding}; from {wording.number(points['pfs_days'].iloc[0])} pfs-days for "
            f"{points['name'].iloc[0]} it grew {wording.quantity(factor.value, 'times')}, where "
            f"Moore's law gives {wording.quantity(moore.value, 'times')}. "
            f"{study.assumptions.values.capitalize()} values; solid line: least squares; shaded: "
            "where one further system would fall; dashed: Moore's law."
        ),
        alt=f"{finding}, against {wording.quantity(moore.value, 'times')} by Moore's law.",
        table=points.drop(columns=["label", "align", "href"]),
        draw=partial(
            charts.systems_over_time, points, lines, domain=_decades(points["pfs_days"])
        ),
    )


@figure_maker("linear")
def linear(study: Study) -> Figure:
    """The same systems on a linear scale."""
    points = chart_points(study)
    largest = points.loc[points["pfs_days"].idxmax()]
    small = int((points["pfs_days"] < largest["pfs_days"] / 100).sum())
    finding = (
        f"On a linear scale {small} of {len(points)} systems lie within a hundredth of the height "
        f"of {largest['name']}"
    )
    visible = points["pfs_days"] >= largest["pfs_days"] / 50
    points["label"] = points["name"].where(visible, "")
    points["align"] = "right"
    return Figure(
        name="linear",
        caption=f"{finding}. Same values as on the log scale.",
        alt=f"{finding}: growth by a steady factor looks like a wall at the end.",
        table=points.drop(columns=["label", "align", "href"]),
        draw=partial(charts.systems_linear, points),
    )


@figure_maker("eras")
def eras(study: Study) -> Figure:
    """The systems against each era's range of compute."""
    points = chart_points(study)
    boxes = study.dataset.frame("eras").dropna(subset=["pfs_days_low"])
    fits = era_fit(study)
    outside = list(dict.fromkeys(fits[~fits["fits_an_era"]]["name"]))
    finding = (
        f"{len(points) - len(outside)} of {len(points)} systems fit an era they are dated in"
    )
    listed = f"; outside: {wording.listed(outside)}" if outside else ""
    return Figure(
        name="eras",
        caption=f"{finding}{listed}. Boxes: the article's ranges of compute, where it gives one.",
        alt=f"{finding}{listed}.",
        table=points.drop(columns=["label", "align", "href"]),
        draw=partial(charts.eras, points, boxes[
            ["start", "end", "pfs_days_low", "pfs_days_high", "name"]
        ], domain=_decades(points["pfs_days"])),
    )


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


@figure_maker("system")
def system(study: Study, system_id: str) -> Figure:
    """Every value of one system on one axis."""
    row = study.system(system_id)
    rows = pd.DataFrame(_system_values(study, row))
    spread = rows["pfs_days"].max() / rows["pfs_days"].min()
    many = (
        f"The {len(rows)} values of {row['name']} differ by at most a factor "
        f"{wording.number(spread, 2)}"
        if len(rows) > 1
        else f"{row['name']} has one value, {rows['shown'].iloc[0]}"
    )
    return Figure(
        name=f"system_{system_id}",
        caption=f"{many}. Bars: every input at its low and at its high end.",
        alt=f"{many}.",
        table=rows,
        draw=partial(charts.ranges, rows),
    )


@figure_maker("agreement")
def agreement(study: Study) -> Figure:
    """Both methods, system by system, on the article's inputs."""
    rows = pd.DataFrame([
        {"label": s["name"], "pfs_days": c.pfs_days, "low": c.low, "high": c.high,
         "kind": f"method {c.method}", "shown": wording.quantity(c.pfs_days, "pfs-days")}
        for s in study.estimates.to_dict("records")
        for c in study.calculations_of(s["system_id"])
        if s["set"] == "chart" and c.basis == "article"
    ])
    both = rows.groupby("label")["pfs_days"].agg(["count", "max", "min"])
    both = both[both["count"] == 2]
    worst = float((both["max"] / both["min"]).max())
    finding = (
        f"Where the article prints both methods ({len(both)} systems) they agree within a factor "
        f"{wording.number(worst, 2)}"
    )
    return Figure(
        name="agreement",
        caption=f"{finding}. Bars: every input at its low and at its high end.",
        alt=f"{finding}.",
        table=rows,
        draw=partial(charts.ranges, rows),
    )


@figure_maker("modest")
def modest(study: Study) -> Figure:
    """The six results that needed little compute."""
    table = study.estimates[study.estimates["set"] == "modest"]
    bounds = {r["system_id"]: r["bound"] for r in study.dataset.rows("published")}
    rows = pd.DataFrame([
        {"label": row["name"], "pfs_days": row["published_pfs_days"],
         "low": row["published_pfs_days"], "high": row["published_pfs_days"],
         "kind": "published",
         "shown": f"{'less than ' if bounds.get(row['system_id']) == '<' else ''}"
                  f"{wording.quantity(row['published_pfs_days'], 'pfs-days')}"}
        for row in table.to_dict("records")
    ])
    largest = study.fitted["pfs_days"].max()
    ratio = largest / rows["pfs_days"].max()
    finding = (
        f"The largest of the {len(rows)} took {wording.quantity(rows['pfs_days'].max(), 'pfs-days')}"
        f", a {wording.number(ratio, 2)}th of the largest on the chart"
    )
    return Figure(
        name="modest",
        caption=f"{finding}. Values as the article prints them; four are upper bounds.",
        alt=f"{finding}.",
        table=rows,
        draw=partial(charts.ranges, rows),
    )


def trend_lines(study: Study) -> pd.DataFrame:
    """The fitted line, its bands and Moore's law from the line's start, by quarter."""
    fit = study.fit
    dates = pd.Series(pd.date_range(fit.first, fit.last, periods=24).normalize())
    lines = fit.line(dates)
    months = (dates - fit.first).dt.days / study.assumptions.days_per_month
    lines["moore"] = lines["pfs_days"].iloc[0] * 2 ** (
        months / study.assumptions.moore_doubling_months
    )
    return lines


def _system_values(study: Study, row: dict[str, Any]) -> list[dict[str, Any]]:
    values = []
    if not math.isnan(row["published_pfs_days"]):
        value = row["published_pfs_days"]
        values.append({"label": "published", "pfs_days": value, "low": value, "high": value,
                       "kind": "published", "shown": wording.quantity(value, "pfs-days")})
    for c in study.calculations_of(row["system_id"]):
        whose = "the article's" if c.basis == "article" else "recounted"
        values.append({
            "label": f"method {c.method}, {whose}", "pfs_days": c.pfs_days, "low": c.low,
            "high": c.high, "kind": f"method {c.method}",
            "shown": f"{wording.quantity(c.pfs_days, 'pfs-days')}"
                     f" ({wording.interval(c.low, c.high)})",
        })
    return values


def _calculation_words(study: Study, row: dict[str, Any]) -> str:
    if row["value_from"] == "published":
        return "as plotted in the article"
    return f"{row['value_from']}: see the system's page"


def _inside(system: dict[str, Any], era: dict[str, Any]) -> str:
    if pd.isna(era["pfs_days_low"]):
        return "no range"
    return "yes" if era["pfs_days_low"] <= system["pfs_days"] <= era["pfs_days_high"] else "no"


def _decades(values: pd.Series) -> tuple[float, float]:
    """Whole powers of ten around the values."""
    return (
        10.0 ** math.floor(math.log10(values.min()) - 0.2),
        10.0 ** math.ceil(math.log10(values.max()) + 0.2),
    )
