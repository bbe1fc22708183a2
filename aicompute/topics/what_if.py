"""The live page: its numbers, its controls, and the chart it redraws."""

from __future__ import annotations

import html
import math
from functools import partial
from typing import Any

import altair as alt
import pandas as pd

from aicompute import charts, palette, wording
from aicompute.assumptions import Assumptions, as_text, describe
from aicompute.charts import Chart, Size
from aicompute.charts.over_time import Frame, line_boxes, milliseconds, with_labels
from aicompute.figures import (
    Figure,
    chart_points,
    figure_maker,
    plotted,
    short_name,
    trend_lines,
)
from aicompute.listings import lists
from aicompute.study import Study
from aicompute.tables import HtmlBlock, script_json
from aicompute.topics import live
from aicompute.trend import FitError

LABELS = {
    "gpu_utilization": "GPU utilization", "cpu_utilization": "CPU utilization",
    "tpu_utilization": "TPU utilization",
    "operations_per_multiply_add": "FLOP per multiply-add",
    "passes_per_example": "Passes per example",
    "moore_doubling_months": "Moore's law: months to double", "values": "Values",
    "method": "Method", "chip_rating": "Rating of a chip",
    "alphago_zero_estimate": "AlphaGo Zero's published estimate",
    "without_alphabet": "Without Alphabet", "record_setters_only": "Record setters only",
    "published_stands_in": "Published value stands in where there is no other",
    "since": "Since", "until": "Until",
}
STEPS = {"gpu_utilization": 0.01, "cpu_utilization": 0.01, "tpu_utilization": 0.01,
         "operations_per_multiply_add": 0.05, "passes_per_example": 0.05,
         "moore_doubling_months": 1}
GROUPS = (
    ("Which values", ("values", "method", "published_stands_in", "alphago_zero_estimate")),
    ("How they are calculated", ("gpu_utilization", "cpu_utilization", "tpu_utilization",
                                 "chip_rating", "operations_per_multiply_add",
                                 "passes_per_example")),
    ("Which systems", ("since", "until", "without_alphabet", "record_setters_only")),
    ("The comparison", ("moore_doubling_months",)),
)
RESULTS = {
    "doubling_time_months": "Doubling time", "growth_per_year": "Growth a year",
    "factor": "First to largest", "moore": "By Moore's law", "points": "Systems fitted",
}


@lists("what_if_results")
def results(study: Study) -> HtmlBlock:
    """The numbers the page recomputes, and what it calculates them from."""
    cells = "".join(
        f'<div><dt>{html.escape(label)}</dt><dd><strong><data data-result="{name}" value="">–'
        f'</data></strong> <small data-note="{name}"></small> <small data-was="{name}"></small>'
        "</dd></div>"
        for name, label in RESULTS.items()
    )
    return HtmlBlock(
        f'<div class="live-page live-top"><dl class="live-results" aria-live="polite">{cells}</dl>'
        f'</div><p class="without-script">With JavaScript this page has controls here: it '
        "calculates every point, the fit and these numbers anew under other assumptions. "
        "Without it, the chart below is the report's own.</p>"
        f'<script type="application/json" id="live-data">{script_json(live.payload(study))}'
        "</script>"
    )


@lists("what_if_controls")
def controls(study: Study) -> HtmlBlock:
    """A control for each assumption the page can move, the command, and the way back."""
    groups = "".join(_group(study, title, names) for title, names in GROUPS)
    return HtmlBlock(
        f'<form class="live-page live-form" id="live-form" autocomplete="off">'
        f'<div class="live-controls">{groups}{_systems(study)}</div>'
        '<p class="live-note">The whole report under this setting, built on your machine:</p>'
        '<div class="live-command"><code id="live-command">aicompute build</code>'
        '<button type="button" id="live-copy">Copy the command</button>'
        '<button type="button" id="live-link">Copy the address</button>'
        '<button type="reset" id="live-reset">Back to this report</button></div>'
        '<p class="live-note" id="live-said" role="status"></p></form>'
    )


def _group(study: Study, title: str, names: tuple[str, ...]) -> str:
    note = (
        '<p class="live-note" id="live-hint">These act on replicated and recounted values. '
        '<button type="button" id="live-recounted">Use the recounted values</button></p>'
        if "gpu_utilization" in names else ""
    )
    made = "".join(_control(study, name) for name in names)
    return f"<fieldset><legend>{html.escape(title)}</legend>{note}{made}</fieldset>"


def _control(study: Study, name: str) -> str:
    label, value = html.escape(LABELS[name]), getattr(study.assumptions, name)
    meaning = html.escape(describe(name)["meaning"])
    if name in live.SWITCHES:
        checked = " checked" if value else ""
        return (f'<label class="live-check" title="{meaning}">'
                f'<input type="checkbox" name="{name}"{checked}> {label}</label>')
    shown = ""
    if name in live.CHOICES:
        options = "".join(
            f'<option value="{choice}"{" selected" if choice == value else ""}>'
            f"{html.escape(wording.words(choice))}</option>" for choice in live.choices(name)
        )
        field = f'<select id="live-{name}" name="{name}">{options}</select>'
    elif name in live.DATES:
        field = f'<input type="date" id="live-{name}" name="{name}" value="{value}" required>'
    else:
        shown = f'<output for="live-{name}">{as_text(value)}</output>'
        field = _slider(name, value)
    return (f'<div class="live-control" title="{meaning}"><label for="live-{name}">{label}</label>'
            f"{shown}{field}</div>")


def _slider(name: str, value: float) -> str:
    limits = Assumptions.model_json_schema()["properties"][name]
    step = STEPS[name]
    # A slider stands at whole steps from its low end, so that it has to begin at one.
    low = math.ceil(limits["minimum"] / step) * step
    return (f'<input type="range" id="live-{name}" name="{name}" min="{low:g}" '
            f'max="{limits["maximum"]:g}" step="{step:g}" value="{as_text(value)}">')


def _systems(study: Study) -> str:
    table = study.estimates[study.estimates["set"] == "chart"]
    boxes = "".join(
        f'<label class="live-check"><input type="checkbox" name="system" '
        f'value="{html.escape(row["system_id"])}"'
        f'{"" if row["system_id"] in study.assumptions.without else " checked"}> '
        f"{html.escape(short_name(row))}</label>" for row in table.to_dict("records")
    )
    return (f'<fieldset><legend>One by one</legend><div class="live-systems">{boxes}</div>'
            "</fieldset>")


@figure_maker("what_if")
def what_if(study: Study) -> Figure:
    """The points and the fit of this report, over which the live page draws its own."""
    points = chart_points(study)
    try:
        lines = trend_lines(study)
        doubling = wording.quantity(study.fit.doubling_time_months, "months")
        finding = f"The fit of this report, on {len(points)} systems: a doubling in {doubling}"
    except FitError:
        lines = pd.DataFrame(columns=["date", "pfs_days", "moore"])
        finding = "Too few systems are left to fit a trend"
    return Figure(
        name="what_if",
        caption=f"{finding}. In grey, and staying there, this report; in colour, where JavaScript "
                "runs, the same systems and their fit as the controls set them; brown and dashed, "
                "Moore's law.",
        alt=f"{finding}; the controls draw the same systems under other assumptions.",
        table=plotted(points),
        draw=partial(_chart, points, lines),
    )


def _chart(points: pd.DataFrame, lines: pd.DataFrame, *, size: Size) -> Chart:
    frame = Frame(size=size, height=size.height(400, 340), start=pd.Timestamp(2012, 1, 1),
                  end=pd.Timestamp(2018, 1, 1), low=1e-6, high=1e5)
    placed = with_labels(points, frame, line_boxes(lines, ("pfs_days", "moore"), frame))
    rows = [{"id": p["system_id"], "name": p["name"], "label": p["label"], "align": p["align"],
             "dx": p["dx"], "dy": p["dy"], "date": milliseconds(p["date"]),
             "pfs_days": p["pfs_days"], "shown": p["shown"], "domain": p["domain"]}
            for p in placed.to_dict("records")]
    colours = charts.domain_colour(columns=3 if size.narrow else 5, present=set(points["domain"]))
    return alt.layer(
        _line(_ends(lines, "moore"), frame, palette.MOORE, name="moore_line", strokeDash=[5, 4]),
        _line(_ends(lines, "pfs_days"), frame, palette.GENERAL, name="baseline_line",
              strokeDash=[2, 3]),
        _moves(frame),
        _marks(rows, frame, "baseline", alt.ColorValue(palette.GENERAL), filled=False),
        _line(_ends(lines, "pfs_days"), frame, palette.TREND, name="now_line"),
        _marks(rows, frame, "now", colours, filled=True),
        _names(rows, frame),
        width=size.width, height=frame.height,
    )


def _ends(lines: pd.DataFrame, column: str) -> list[dict[str, Any]]:
    """First and last point of a straight line."""
    return [{"date": milliseconds(p["date"]), "pfs_days": p[column]}
            for p in lines.iloc[[0, -1] if len(lines) else []].to_dict("records")]


def _line(rows: list[dict[str, Any]], frame: Frame, colour: str, *, name: str, **mark: Any) -> Any:
    return alt.Chart(alt.InlineData(values=rows, name=name)).mark_line(
        color=colour, strokeWidth=2, clip=True, **mark
    ).encode(x=frame.x, y=frame.y)


def _moves(frame: Frame) -> Any:
    """How far each system has moved from where this report has it; not at all to begin with."""
    return alt.Chart(alt.InlineData(values=[], name="moves")).mark_rule(
        color=palette.GENERAL, strokeWidth=1, clip=True
    ).encode(x=frame.x, y=frame.y, y2=alt.Y2("before:Q"))


def _names(rows: list[dict[str, Any]], frame: Frame) -> Any:
    """The names of the systems, which go where their points go."""
    return alt.Chart(alt.InlineData(values=rows, name="names")).mark_text(
        baseline="middle", fontSize=frame.size.font, color=palette.INK,
        align={"expr": "datum.align"}, dx={"expr": "datum.dx"}, dy={"expr": "datum.dy"},
    ).encode(x=frame.x, y=frame.y, text=alt.Text("label:N"))


def _marks(rows: list[dict[str, Any]], frame: Frame, name: str, colour: Any, filled: bool) -> Any:
    title = "This report" if name == "baseline" else "Now"
    return alt.Chart(alt.InlineData(values=rows, name=name)).mark_point(
        filled=filled, size=80 if filled else 110, opacity=1, clip=filled
    ).encode(x=frame.x, y=frame.y, color=colour, description=alt.Description("name:N"), tooltip=[
        alt.Tooltip("name:N", title="System"), alt.Tooltip("shown:N", title=title)])
