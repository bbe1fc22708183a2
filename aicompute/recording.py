"""Numbers that a chapter's cells record, by name.

A cell records a number where it calculates it. In a notebook the number is printed under the cell;
the build collects it from there into results.json, with the page and the section of the cell.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from aicompute import words
from aicompute.errors import CallError
from aicompute.names import unknown

#: The numbers that a cell has recorded, among its outputs.
NUMBERS_MIME = "application/vnd.aicompute.numbers+json"
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_-]+)+")
#: How captions, and cells of tables, name a number and its form.
NAMED = re.compile(r"\{([a-z][a-z0-9_]*\.[a-z0-9_.-]+)(?::([a-z]+))?\}")


class Interval(NamedTuple):
    """A number with its interval; an end that is open is infinite, an unknown one is NaN."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Number:
    """One number of the report, as :func:`record` takes it.

    None where it is unknown, has no interval, or an end of that is open; the ``page`` and the
    ``section`` where it is calculated are empty until it is collected.
    """

    value: float | None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    how: str = ""
    page: str = ""
    section: str = ""

    def said(self, form: str = "") -> str:
        """The number in one of ``words.FORMS``; another form is a CallError."""
        return words.in_form(self.value, self.unit, self.low, self.high, form)


#: All that this process has recorded, the latest value of each name.
recorded: dict[str, Number] = {}
#: The same in order, every time a name was recorded, since it was last taken.
_fresh: list[tuple[str, Number]] = []
#: The numbers of other pages that this notebook has asked for.
asked: dict[str, Number] = {}


def record(
    name: str, value: float | Interval, unit: str = "", low: float | None = None,
    high: float | None = None, how: str = "",
) -> float:
    """Record a number of the report under its permanent name, and give it back.

    Parameters
    ----------
    name
        Dotted lower-case words, such as ``trend.published.doubling_time_months``; another form is a
        CallError.
    value
        The number, or an :class:`Interval` that brings its ends along. NaN is unknown.
    unit
        ``pfs-days``, ``months``, ``times``, ...; empty for a count or a share.
    low, high
        Its interval, in the same unit; None where there is none, infinite where it is open.
    how
        One phrase: how it is obtained, and what the interval is.

    Examples
    --------
    >>> record("example.doubled", 2 * 21, "days")
    42.0
    """
    if not _NAME.fullmatch(name):
        raise CallError(f"number {name!r}: a name is dotted lower-case words, such as trend.points")
    if isinstance(value, Interval):
        value, low, high = value
    number = Number(_digits(value), unit, _digits(low), _digits(high), how)
    recorded[name] = number
    _fresh.append((name, number))
    return float(value)


def record_rows(
    rows: pd.DataFrame, name: str, value: str, unit: str = "", *, low: str = "", high: str = "",
    how: str = "",
) -> None:
    """Record a number a row; rows whose number is missing are passed over.

    ``name`` and ``how`` hold columns in braces, as in ``systems.{system_id}.published_pfs_days``;
    ``value``, ``low`` and ``high`` are the columns of the number and of its interval's ends.
    """
    needed = {part for _, part, _, _ in string.Formatter().parse(name + how) if part}
    known = rows.loc[rows[value].notna(), list({*needed, value, low, high} - {""})]
    for row in known.to_dict("records"):
        record(name.format(**row), float(row[value]), unit, row.get(low), row.get(high),
               how.format(**row))


def say(name: str, form: str = "") -> str:
    """A number that this notebook has recorded, in one of ``words.FORMS``; with its unit if empty.

    Examples
    --------
    >>> _ = record("example.time", 3.437, "months", 2.59, 5.09)
    >>> say("example.time"), say("example.time", "range")
    ('3.4 months', '3.4 months (2.6 to 5.1)')
    """
    if name not in recorded:
        raise CallError(unknown("number", name, list(recorded)))
    return recorded[name].said(form)


def filled(text: str, numbers: Mapping[str, Number] | None = None) -> str:
    """A caption with the numbers that it names in braces, as plain text.

    They are what this notebook has recorded or asked for, unless told otherwise; a name that is not
    among them is left as it stands.
    """
    known = {**asked, **recorded} if numbers is None else numbers
    return NAMED.sub(lambda m: known[m[1]].said(m[2] or "") if m[1] in known else m[0], text)


def take_recorded() -> list[tuple[str, Number]]:
    """What was recorded since this was last asked, in order; a name may stand in it twice."""
    taken, _fresh[:] = list(_fresh), []
    return taken


@contextmanager
def set_aside() -> Iterator[None]:
    """Forget what this process has recorded, and know it again in the end."""
    before, fresh = dict(recorded), take_recorded()
    recorded.clear()
    try:
        yield
    finally:
        recorded.clear()
        recorded.update(before)
        _fresh[:] = fresh


def _digits(value: float | None) -> float | None:
    """A number that JSON can hold, to twelve digits, so that it is the same on any machine."""
    known = words.finite(value)
    return None if known is None else float(f"{known:.12g}")


def _publish_recorded(*_: Any) -> None:
    """Print what a cell has recorded under it, for readers and for the build."""
    from IPython.display import display

    if fresh := take_recorded():
        said = [f"{name} = {number.said('range')}" for name, number in fresh[:3]]
        said += [f"and {len(fresh) - 3} more"] * (len(fresh) > 3)
        numbers = [{"name": name, **vars(number)} for name, number in fresh]
        display({NUMBERS_MIME: numbers,  # type: ignore[no-untyped-call]
                 "text/plain": f"recorded: {'; '.join(said)}"}, raw=True)


def connect() -> None:
    """Have the notebook this runs in, if it is one, print what its cells record."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    if shell is None or getattr(shell, "_aicompute_connected", False):
        return
    shell._aicompute_connected = True

    def short(value: float) -> str:
        """Four digits, and those of a whole number that still reads well."""
        return f"{value:.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"

    plain = shell.display_formatter.formatters["text/plain"]
    for kind, text in ((float, short), (np.float64, short), (np.int64, "{:d}".format),
                       (pd.Timestamp, "{:%Y-%m-%d}".format),
                       (Interval, lambda ends: f"Interval({', '.join(map(short, ends))})")):
        plain.for_type(kind, lambda value, page, _, text=text: page.text(text(value)))
    pd.set_option("display.float_format", short)
    np.set_printoptions(precision=4)
    shell.events.register("post_run_cell", _publish_recorded)
