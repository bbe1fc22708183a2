"""The social card: the headline chart and its finding, as a picture of 1200 by 630 pixels."""

from __future__ import annotations

import html
import re
import textwrap

from aicompute import palette

FILE = "social_card.png"
WIDTH, HEIGHT = 1200, 630
TITLE = "AI and Compute"
SUBTITLE = "the executable edition"
_MARGIN = 56
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"


def card_svg(drawing: str, finding: str) -> str:
    """The card as SVG.

    Parameters
    ----------
    drawing
        The headline chart.
    finding
        What it shows, in one sentence.
    """
    lines = textwrap.wrap(finding, 26)
    words = "".join(
        f'<text x="{_MARGIN}" y="{230 + 36 * number}" font-size="26" fill="{palette.INK}">'
        f"{html.escape(line)}</text>"
        for number, line in enumerate(lines)
    )
    nested = re.sub(
        r'^<svg ([^>]*?)width="[\d.]+" height="[\d.]+"',
        r'<svg \1x="440" y="60" width="720" height="510"', drawing.partition("?>")[2] or drawing,
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="{_FONT}"><rect width="100%" height="100%" fill="{palette.PAPER}"/>'
        f'<rect width="12" height="100%" fill="{palette.TREND}"/>'
        f'<text x="{_MARGIN}" y="110" font-size="44" font-weight="bold" fill="{palette.TREND}">'
        f"{TITLE}</text>"
        f'<text x="{_MARGIN}" y="150" font-size="26" fill="{palette.MUTED}">{SUBTITLE}</text>'
        f"{words}{nested}</svg>"
    )
