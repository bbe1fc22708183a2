"""How commands lay out text for a person at a terminal: aligned, and never wider than it is."""

import shutil
import textwrap
from collections.abc import Iterable, Sequence

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
    rows: Sequence[Sequence[str]], indent: int = 0, right: Iterable[int] = (), head: int = 0
) -> list[str]:
    """Align rows of text; columns that do not fit beside the others stand below them.

    Columns of the numbers in ``right`` end in line instead of beginning so; those without a word
    below the ``head``, so many rows, are left out.
    """
    used = [i for i in range(len(rows[0])) if any(row[i] for row in rows[head:])]
    widths = [max(len(row[i]) for row in rows) for i in used]
    beside = len(used)
    while beside > 1 and indent + sum(widths[:beside]) + GAP * (beside - 1) > width():
        beside -= 1
    to_right, lines = set(right), []
    for row in rows:
        aligned = [row[i].rjust(room) if i in to_right else row[i].ljust(room)
                   for i, room in zip(used[:beside], widths, strict=False)]
        lines.append((" " * indent + (" " * GAP).join(aligned)).rstrip())
        lines += [line for i in used[beside:] for line in wrapped(row[i], indent + 2 * GAP)]
    return lines
