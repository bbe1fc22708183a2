"""What the ends of a range mean, as a row of the tables says in ``range_means``.

``limits``
    The value lies between the ends, wherever. Draws are spread evenly, on a log scale.
``5_to_95`` and the like
    The ends are these percentiles. Draws are log-normal.
``within_3x``
    The value is right within that factor, in place of ends. Draws are log-normal.
nothing
    No source says: the ends hold the share ``range_covers``. Draws are log-normal.

A word of a single column names it first, ``days:limits``; one without a column is for all others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the help of `aicompute add` reads this module
    import pandas as pd

#: The percentiles that ends may be, and their share of the probability.
PERCENTILES = {"2.5_to_97.5": 0.95, "5_to_95": 0.9, "10_to_90": 0.8, "16_to_84": 0.68,
               "25_to_75": 0.5}
#: What a low and a high end may mean.
ENDS = ("limits", *PERCENTILES)
_WITHIN = re.compile(r"within_(\d+(?:\.\d+)?)x")


def meaning(cell: Any, column: str) -> str:
    """What a row's ``range_means`` says of one column; empty where it says nothing.

    >>> meaning("5_to_95 days:limits", "days"), meaning("5_to_95 days:limits", "chips")
    ('limits', '5_to_95')
    """
    words = dict(w.rpartition(":")[::2] for w in cell.split()) if isinstance(cell, str) else {}
    return words.get(column, words.get("", ""))


def within(means: str) -> float:
    """The factor of ``within_3x``; NaN of any other meaning."""
    found = _WITHIN.fullmatch(means)
    return float(found[1]) if found else float("nan")


def fill_within(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Rows with the ends that a factor stands in place of; all other ends as they are."""
    for column in columns:
        factor = rows["range_means"].map(lambda cell, of=column: within(meaning(cell, of)))
        for end, value in (("_low", rows[column] / factor), ("_high", rows[column] * factor)):
            rows[f"{column}{end}"] = rows[f"{column}{end}"].fillna(value)
    return rows


def said(means: str) -> str:
    """A meaning in words; empty where there is none.

    >>> said("5_to_95"), said("within_3x"), said("limits")
    ('5 to 95 %', 'within a factor of 3', 'limits')
    """
    if means in PERCENTILES:
        return f"{means.replace('_to_', ' to ')} %"
    return f"within a factor of {within(means):g}" if within(means) > 1 else means
