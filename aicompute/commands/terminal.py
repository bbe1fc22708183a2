"""How commands lay out text for a person at a terminal: aligned, and never wider than it is."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Sequence

from aicompute.assumptions import Assumptions, as_text

#: Columns of text where no terminal says how wide it is, and the fewest that are used.
PIPED_WIDTH, LEAST_WIDTH = 100, 40
GAP = 2


def width() -> int:
    """Columns to write in: the terminal's, or a page's where the output goes elsewhere."""
    return max(shutil.get_terminal_size((PIPED_WIDTH, 24)).columns, LEAST_WIDTH)


def wrapped(text: str, indent: int = 0) -> list[str]:
    """Lines of a sentence, those after the first a little further in."""
    return textwrap.wrap(
        text, width(), initial_indent=" " * indent, subsequent_indent=" " * (indent + GAP))


def columns(
    rows: Sequence[Sequence[str]], indent: int = 0, right: Iterable[int] = ()
) -> list[str]:
    """Align rows of text; columns that do not fit beside the others stand below them.

    Columns of the numbers in ``right`` end in line instead of beginning so.
    """
    if not rows:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    beside = len(widths)
    while beside > 1 and indent + sum(widths[:beside]) + GAP * (beside - 1) > width():
        beside -= 1
    to_right = set(right)
    lines = []
    for row in rows:
        aligned = [text.rjust(room) if i in to_right else text.ljust(room)
                   for i, (text, room) in enumerate(zip(row, widths, strict=True))]
        lines.append((" " * indent + (" " * GAP).join(aligned[:beside])).rstrip())
        lines += [line for text in row[beside:] for line in wrapped(text, indent + 2 * GAP)]
    return lines


def altered_words(assumptions: Assumptions) -> str:
    """What differs from the defaults, each with its default; empty where nothing does."""
    default = Assumptions()
    return ", ".join(f"{n}={as_text(value)} (baseline {as_text(getattr(default, n)) or 'none'})"
                     for n, value in assumptions.changed().items())
