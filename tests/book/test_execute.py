"""The line that says how far a build is."""

from __future__ import annotations

import io

from aicompute.book.execute import Progress


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_on_a_terminal_one_line_counts_the_pages_and_is_gone_at_the_end() -> None:
    terminal = Terminal()
    progress = Progress(10, terminal)
    for page in ("index", "trend"):
        progress.step(page)
    # Each begins at the edge of an emptied line.
    assert terminal.getvalue() == "\r\x1b[K[ 1/10] index\r\x1b[K[ 2/10] trend"
    for _ in range(8):
        progress.step("eras")
    assert terminal.getvalue().endswith("\r\x1b[K[10/10] eras\r\x1b[K")
    assert "\n" not in terminal.getvalue()


def test_where_nobody_looks_nothing_is_written() -> None:
    stream = io.StringIO()
    progress = Progress(1, stream)
    progress.step("index")
    assert (progress.done, stream.getvalue()) == (1, "")
