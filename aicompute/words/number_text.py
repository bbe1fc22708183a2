"""A result in a running text: its words in the form that is asked for, its link, what it is."""

from __future__ import annotations

import re

from aicompute import tables, wording
from aicompute.errors import CallError
from aicompute.results import Result, Results

FORMS = ("quantity", "stated", "value", "range", "interval", "share")
#: What is said for a result that the assumptions leave nothing to calculate from.
UNKNOWN = "unknown"
#: A result named in a text of the data: ``{trend.published.doubling_time_months:interval}``.
NAMED = re.compile(r"\{([a-z][a-z0-9_]*\.[a-z0-9_.]+)(?::([a-z]+))?\}")


def number_text(result: Result, form: str, key: str = "") -> str:
    """Write a result in one of the forms a text can ask for.

    Raises
    ------
    CallError
        If there is no such form.
    """
    if form == "quantity":
        return wording.quantity(result.value, result.unit)
    if form == "stated":
        return wording.stated_quantity(result.value, result.unit)
    if form == "value":
        return wording.number(result.value)
    if form == "interval":
        return wording.interval(result.low, result.high)
    if form == "share":
        return wording.share(result.value or 0.0)
    if form == "range":
        between = wording.interval(result.low, result.high)
        return f"{wording.quantity(result.value, result.unit)} ({between})"
    raise CallError(f"number {key}: form {form} is unknown; valid: {', '.join(FORMS)}")


def number_title(name: str, result: Result, baseline: Result | None) -> str:
    """What a reader sees who points at a number: interval, how it is obtained, and its name."""
    parts = []
    if result.low is not None or result.high is not None:
        parts.append(f"interval {wording.interval(result.low, result.high)}")
    if baseline is not None and baseline.value != result.value:
        parts.append(f"baseline {wording.quantity(baseline.value, baseline.unit)}")
    parts += [result.how, name]
    return "; ".join(part for part in parts if part)


def number_link(
    name: str, result: Result, form: str, baseline: Result | None = None, key: str = ""
) -> str:
    """A result in words as a link to where it is calculated, HTML."""
    return tables.anchor(
        number_text(result, form, key), f"page:{result.page}" if result.page else "",
        title=number_title(name, result, baseline), css="number",
    )


def fill(results: Results, escaped: str) -> str:
    """Put the numbers that a text names into it, each a link to where it is calculated.

    Parameters
    ----------
    escaped
        HTML; ``{name}`` and ``{name:form}`` stand for results. One that the assumptions leave
        nothing to calculate from is called unknown.
    """

    def words(found: re.Match[str]) -> str:
        name, form = found.group(1), found.group(2) or "quantity"
        try:
            result = results[name]
        except CallError:
            return UNKNOWN
        return number_link(name, result, form, key=found.group(0))

    return NAMED.sub(words, escaped)
