"""The colours of the book: one palette, safe for colour-blind readers, legible in light and dark.

A chart is drawn in the light colours. In a page each becomes the CSS variable of its name, which
has a light and a dark value in the book's style sheet; so one drawing serves both.
"""

from __future__ import annotations

#: Name to light colour. No two are equal: a drawing's colour finds its name again.
COLOURS = {
    "chart-ink": "#1f2430",
    "chart-muted": "#5b6270",
    "chart-grid": "#e3e6ec",
    "chart-paper": "#fdfdfe",
    "chart-band": "#cfd8e6",
    "chart-trend": "#2f4b7c",
    "chart-moore": "#8a6d3b",
    "chart-era": "#f1f3f7",
    "chart-vision": "#0072b2",
    "chart-language": "#d55e00",
    "chart-speech": "#a8518a",
    "chart-games": "#00855f",
    "chart-general": "#6b6f76",
    "chart-warn": "#b3261e",
}

INK = COLOURS["chart-ink"]
MUTED = COLOURS["chart-muted"]
GRID = COLOURS["chart-grid"]
PAPER = COLOURS["chart-paper"]
BAND = COLOURS["chart-band"]
TREND = COLOURS["chart-trend"]
MOORE = COLOURS["chart-moore"]
ERA = COLOURS["chart-era"]
WARN = COLOURS["chart-warn"]
GENERAL = COLOURS["chart-general"]
DOMAINS = {
    name: COLOURS[f"chart-{name}"] for name in ("vision", "language", "speech", "games", "general")
}


def with_variables(drawing: str) -> str:
    """Replace every colour of a drawing by the CSS variable of its name.

    Examples
    --------
    >>> with_variables('fill="#1f2430"')
    'fill="var(--chart-ink)"'
    """
    for name, colour in COLOURS.items():
        drawing = drawing.replace(colour, f"var(--{name})")
    return drawing


def with_colours(drawing: str) -> str:
    """Replace every CSS variable of a drawing by its light colour, for where there is no style.

    Examples
    --------
    >>> with_colours('fill="var(--chart-ink)"')
    'fill="#1f2430"'
    """
    for name, colour in COLOURS.items():
        drawing = drawing.replace(f"var(--{name})", colour)
    return drawing
