"""What a chapter calls: opens the dataset under the given parameters, hands over what it shows."""

from __future__ import annotations

import html
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aicompute import figures, listings, tables, topics, wording
from aicompute.assumptions import Assumptions, as_text, parse_assumptions
from aicompute.dataset import DATA
from aicompute.errors import CallError
from aicompute.figures import Figure
from aicompute.results import Result, Results
from aicompute.study import Study, open_study
from aicompute.tables import HtmlBlock, HtmlTable

#: Names the folder of tables where it is not the repository's own.
DATA_VARIABLE = "AICOMPUTE_DATA"
#: Importing the topics registers their results, figures and tables.
TOPICS = topics.__all__
NUMBERS_MIME = "application/vnd.aicompute.numbers+json"
FORMS = ("quantity", "stated", "value", "range", "interval", "share")


class Report:
    """The report under one set of assumptions, as a chapter sees it."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.results = Results(study)

    def figure(self, name: str, **arguments: Any) -> Figure:
        """Return one figure by name."""
        return figures.figure(self.study, name, **arguments)

    def table(self, name: str, **arguments: Any) -> HtmlTable | HtmlBlock:
        """Return one table by name."""
        return listings.listing(self.study, name, **arguments)

    def number(self, name: str) -> Result:
        """Return one result by its dotted name."""
        return self.results[name]

    def numbers(self, keys: Sequence[str]) -> Numbers:
        """Return the numbers a page's text names, as links to where each is calculated."""
        return Numbers({key: self._number_html(key) for key in keys}, self.study)

    def _number_html(self, key: str) -> str:
        name, _, form = key.partition(":")
        result = self.results[name]
        baseline = Results(self.study.baseline)[name] if self.study.assumptions.changed() else None
        return tables.anchor(
            number_text(result, form or "quantity", key),
            f"page:{result.page}" if result.page else "",
            title=number_title(name, result, baseline), css="number",
        )


class Numbers:
    """The numbers of a page's text, and the files of the dataset the page has read by now."""

    def __init__(self, texts: dict[str, str], study: Study) -> None:
        self.texts = texts
        self.study = study

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        studies = [self.study, self.study.baseline]
        read = sorted({file for study in studies for file in study.dataset.files_read})
        return {
            NUMBERS_MIME: {"texts": self.texts, "files_read": read},
            "text/plain": f"{len(self.texts)} numbers",
        }


def open_report(parameters: Mapping[str, Any] | None = None) -> Report:
    """Open the report under the assumptions that stand among a notebook's parameters.

    Parameters
    ----------
    parameters
        Name to value, for example a notebook's ``globals()``; names that are no assumption are
        left alone, so that a page's own parameters may stand beside them.

    Raises
    ------
    CallError
        If an assumption has the wrong type or is out of range.
    """
    given = parameters or {}
    settings = {name: given[name] for name in Assumptions.model_fields if name in given}
    directory = Path(os.environ.get(DATA_VARIABLE, DATA))
    return Report(open_study(directory, parse_assumptions(settings)))


def number_text(result: Result, form: str, key: str = "") -> str:
    """Write a result in one of the forms a page's text can ask for.

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


def banner(study: Study) -> str:
    """The line at the top of every page of a scenario: what differs from the baseline.

    Returns
    -------
    str
        HTML; empty for the baseline.
    """
    changed = study.assumptions.changed()
    if not changed:
        return ""
    default = Assumptions()
    items = "".join(
        f"<li><code>{html.escape(name)}</code> = {html.escape(as_text(value))} "
        f"(baseline {html.escape(as_text(getattr(default, name)) or 'none')})</li>"
        for name, value in changed.items()
    )
    return (
        '<div class="scenario-banner" role="note">'
        "<p><strong>A scenario, not the baseline.</strong> "
        f"{html.escape(_moved(study))} Assumptions that differ:</p><ul>{items}</ul></div>"
    )


def _moved(study: Study) -> str:
    """One sentence: the headline under these assumptions beside the baseline's."""
    names = (
        f"trend.{study.assumptions.values}.doubling_time_months",
        f"trend.{study.baseline.assumptions.values}.doubling_time_months",
    )
    try:
        here, there = Results(study)[names[0]], Results(study.baseline)[names[1]]
    except CallError:
        return "Too few systems are left to fit a trend."
    return (
        f"The doubling time is {number_text(here, 'range')}, "
        f"where the baseline has {number_text(there, 'range')}."
    )
