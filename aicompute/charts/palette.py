"""The colours of the book: one palette, safe for colour-blind readers, legible in light and dark.

A chart is drawn in the light colours. In a page each becomes the CSS variable of its name, which
has a light and a dark value in the book's style sheet; so one drawing serves both.
"""

INK, MUTED, GRID, PAPER = "#1f2430", "#5b6270", "#e3e6ec", "#fdfdfe"
BAND, TREND, MOORE = "#cfd8e6", "#2f4b7c", "#8a6d3b"
WARN, GENERAL = "#b3261e", "#6b6f76"
DOMAINS = {"vision": "#0072b2", "language": "#d55e00", "speech": "#a8518a", "games": "#00855f",
           "general": GENERAL}
#: Name to light colour, as a chart may be told it. No two are equal: a drawing's colour finds its
#: name again.
COLOURS = {"ink": INK, "muted": MUTED, "grid": GRID, "paper": PAPER, "band": BAND, "trend": TREND,
           "moore": MOORE, "warn": WARN, **DOMAINS}


def with_variables(drawing: str) -> str:
    """Replace every colour of a drawing by the CSS variable of its name.

    >>> with_variables('fill="#1f2430"')
    'fill="var(--chart-ink)"'
    """
    for name, colour in COLOURS.items():
        drawing = drawing.replace(colour, f"var(--chart-{name})")
    return drawing
