"""The page that calculates in the browser: its controls, its chart, what its script is given.

The names of fields, numbers and the chart's rows are those that ``what_if.js`` looks for.
"""

import html
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import altair as alt
import pandas as pd

from aicompute import words
from aicompute.assumptions import Assumptions, as_text, describe, rule
from aicompute.charts import Plane, Size, palette
from aicompute.charts.look import named
from aicompute.charts.plane import BESIDE, DOT, RING, SAME_DOT

#: The controls of the page, group by group.
GROUPS = {
    "Which values": ("values", "method", "published_stands_in", "alphago_zero_estimate"),
    "How they are calculated": ("utilization_from", "gpu_utilization", "cpu_utilization",
                                "tpu_utilization", "chip_rating", "operations_per_multiply_add",
                                "passes_per_example"),
    "Which systems": ("since", "until", "without_alphabet", "record_setters_only"),
    "The comparison": ("moore_doubling_months",),
}
CONTROLS = (*(name for names in GROUPS.values() for name in names), "without")
_LABELS = {
    "gpu_utilization": "GPU utilization", "cpu_utilization": "CPU utilization",
    "tpu_utilization": "TPU utilization", "chip_rating": "Rating of a chip",
    "operations_per_multiply_add": "FLOP per multiply-add",
    "moore_doubling_months": "Moore's law: months to double",
    "alphago_zero_estimate": "AlphaGo Zero's published estimate",
    "published_stands_in": "Published value where there is no other",
    "without_alphabet": "Without Alphabet",
}
_RESULTS = {
    "doubling_time_months": "Doubling time", "growth_per_year": "Growth a year",
    "factor": "First to largest", "moore": "By Moore's law", "points": "Systems fitted",
}
_HINT = ('<p class="live-note" id="live-hint">These act on values that are calculated, not read '
         'off the chart. '
         '<button type="button" id="live-recounted">Use the recounted values</button></p>')


def results(document: Mapping[str, Any]) -> str:
    """The numbers that the page calculates, and what it calculates them from, as HTML."""
    cells = "".join(
        f'<div><dt>{label}</dt><dd><strong><data data-result="{name}" value="">–</data></strong> '
        f'<small data-note="{name}"></small></dd></div>' for name, label in _RESULTS.items())
    data = json.dumps(document, allow_nan=False).replace("<", "\\u003c")
    return (
        f'<div class="live-page live-top"><dl class="live-results">{cells}</dl>'
        '<p id="live-sentence" role="status"></p></div>'
        '<p class="without-script">In the book, and with JavaScript, this page '
        "has controls: it calculates every point, the fit and these numbers anew. Elsewhere the "
        "chart below is the report's own.</p>"
        f'<script type="application/json" id="live-data">{data}</script>')


def controls(assumptions: Assumptions, systems: Mapping[str, str]) -> str:
    """A control for every assumption that the page can move, the command, and the way back.

    ``systems`` are those that can be left out: ``system_id`` to the name that readers see.
    """
    groups = "".join(
        f"<fieldset><legend>{title}</legend>{_HINT * ('gpu_utilization' in names)}"
        f"{''.join(_control(name, getattr(assumptions, name)) for name in names)}</fieldset>"
        for title, names in GROUPS.items())
    boxes = "".join(
        f'<label class="live-check"><input type="checkbox" name="system" '
        f'value="{html.escape(system_id)}"{" checked" * (system_id not in assumptions.without)}> '
        f"{html.escape(name)}</label>" for system_id, name in systems.items())
    return (
        '<form class="live-page live-form" id="live-form" autocomplete="off">'
        f'<div class="live-controls">{groups}<fieldset><legend>One by one</legend>'
        f'<div class="live-systems">{boxes}</div></fieldset></div>'
        '<p class="live-note">The whole report under this setting, built on your machine:</p>'
        '<div class="live-command"><code id="live-command">aicompute build</code>'
        '<button type="button" id="live-copy">Copy the command</button>'
        '<button type="button" id="live-link">Copy the address</button>'
        '<button type="reset" id="live-reset">Back to this report</button></div>'
        '<p class="live-note" id="live-said" role="status"></p></form>')


def _control(name: str, value: Any) -> str:
    label = _LABELS.get(name, words.words(name).capitalize())
    title = html.escape(describe(name)["meaning"])
    if isinstance(value, bool):
        return (f'<label class="live-check" title="{title}"><input type="checkbox" name="{name}"'
                f'{" checked" * value}> {label}</label>')
    of = rule(name)
    named, shown = f'id="live-{name}" name="{name}"', ""
    if "enum" in of:
        options = "".join(f'<option value="{choice}"{" selected" * (choice == value)}>'
                          f"{words.words(choice)}</option>" for choice in of["enum"])
        field = f"<select {named}>{options}</select>"
    elif of.get("format") == "date":
        field = f'<input type="date" {named} value="{value}" required>'
    else:
        step = 0.01 if of["maximum"] <= 1 else 0.05 if of["maximum"] <= 4 else 1
        # A slider stands at whole steps from its low end, so that it has to begin at one.
        low = math.ceil(of["minimum"] / step) * step
        shown = f'<output for="live-{name}">{as_text(value)}</output>'
        field = (f'<input type="range" {named} min="{low:g}" max="{of["maximum"]:g}" '
                 f'step="{step:g}" value="{as_text(value)}">')
    return (f'<div class="live-control" title="{title}"><label for="live-{name}">{label}</label>'
            f"{shown}{field}</div>")


def chart(points: pd.DataFrame, lines: pd.DataFrame) -> Callable[[Size], alt.LayerChart]:
    """What draws the points and the fit of this report, over which the script draws its own.

    The points are those of :func:`aicompute.charts.points`, the lines both ends of the fit
    (``pfs_days``) and of Moore's law (``moore``) by ``date``.
    """
    def draw(size: Size) -> alt.LayerChart:
        # The axes do not move with the points.
        plane = Plane(points, size, height=(400, 230), start="2012-01-01", end="2018-01-01",
                      low=1e-5, high=1e5)
        taken = [*plane.line(lines).taken, *plane.line(lines, "moore").taken]
        rows = plane.labelled(points.assign(id=points["system_id"]), taken)
        now, before = ([alt.Tooltip("name:N", title="System"), alt.Tooltip("shown:N", title=value)]
                       for value in ("Now", "This report"))

        def layer(name: str, rows: pd.DataFrame) -> alt.Chart:
            """Rows that the script replaces by a name, dates in milliseconds since 1970."""
            dates = (rows["date"] - pd.Timestamp(0)) // pd.Timedelta(milliseconds=1)
            return alt.Chart(named(rows.assign(date=dates), name)).encode(
                x=plane.across(), y=plane.up("pfs_days"))

        def line(name: str, column: str, **look: Any) -> alt.Chart:
            return layer(name, lines[["date"]].assign(pfs_days=lines[column])).mark_line(
                strokeWidth=2, clip=True, **look)

        # One that the next would hide is a ring, as elsewhere, wherever the controls set both.
        days = (plane.right - plane.left).days * SAME_DOT / size.width
        doublings = math.log2(plane.high / plane.low) * SAME_DOT / plane.height
        dots = layer("now", rows).transform_window(
            next_date="lead(date)", next_pfs_days="lead(pfs_days)", sort=[alt.SortField("date")],
        ).transform_calculate(
            under=f"datum.next_date - datum.date < {days * 86_400_000:.0f} && "
                  f"abs(log(datum.next_pfs_days / datum.pfs_days) / LN2) < {doublings:.3f}",
        ).encode(color=alt.value(palette.TREND), description="name:N", tooltip=now)
        return alt.layer(
            line("moore_line", "moore", color=palette.MOORE, strokeDash=[5, 4]),
            line("baseline_line", "pfs_days", color=palette.GENERAL, strokeDash=[2, 3]),
            layer("moves", rows[:0]).mark_rule(color=palette.GENERAL, clip=True).encode(
                y2="before:Q"),
            layer("baseline", rows).mark_point(filled=False, size=110, opacity=1).encode(
                color=alt.value(palette.GENERAL), description="name:N", tooltip=before),
            line("now_line", "pfs_days", color=palette.TREND),
            dots.transform_filter("datum.under").mark_point(clip=True, **RING),
            dots.transform_filter("!datum.under").mark_point(clip=True, **DOT),
            layer("names", rows).mark_text(color=palette.INK, **BESIDE).encode(text="label:N"),
            width=size.width, height=plane.height)

    return draw
