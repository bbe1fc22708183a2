"""What a chapter calls: opens the dataset under the given parameters, hands over what it shows."""

from __future__ import annotations

import contextlib
import html
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aicompute import figures, listings, topics
from aicompute.assumptions import Assumptions, as_text, parse_assumptions, scenario_of
from aicompute.dataset import DATA
from aicompute.errors import AIComputeError, CallError
from aicompute.figures import Figure
from aicompute.mime import NUMBERS_MIME, RESULTS_MIME
from aicompute.names import unknown
from aicompute.results import Result, Results, results_document
from aicompute.study import Study, open_study
from aicompute.tables import HtmlBlock, HtmlTable
from aicompute.variables import DATA_VARIABLE
from aicompute.words.number_text import UNKNOWN, number_link, number_text

#: Importing the topics registers their results, figures and tables.
TOPICS = topics.__all__
#: Parameters of single pages: the system a page is about, and the books of scenarios beside this.
PAGE_PARAMETERS = ("system_id", "scenario_books")
#: What a notebook has among its names by itself.
NOTEBOOKS_OWN = ("In", "Out")


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

    def document(self) -> ResultsDocument:
        """Return every number of the report, as results.json holds it."""
        return ResultsDocument(self.study)

    def _number_html(self, key: str) -> str:
        name, _, form = key.partition(":")
        baseline = Results(self.study.baseline)[name] if self.study.assumptions.changed() else None
        try:
            result = self.results[name]
        except CallError:
            # Where the baseline has it, the assumptions leave too few systems for it.
            if baseline is None:
                raise
            return UNKNOWN
        return number_link(name, result, form or "quantity", baseline, key)


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


class ResultsDocument:
    """The text of results.json; it depends on every file of the dataset."""

    def __init__(self, study: Study) -> None:
        study.dataset.files_read.update(study.dataset.files())
        made = json.dumps(results_document(study), indent=1, ensure_ascii=False)
        self.text = f"{made}\n"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {RESULTS_MIME: self.text, "text/plain": "results.json"}


def open_report(parameters: Mapping[str, Any] | None = None) -> Report:
    """Open the report under the assumptions that stand among a notebook's parameters.

    Parameters
    ----------
    parameters
        Name to value, for example a notebook's ``globals()``. What is neither a number, a text,
        true or false nor a list is no parameter, and is left alone.

    Raises
    ------
    CallError
        If a parameter is unknown, which papermill would only warn of, has the wrong type or is out
        of range.
    """
    given = parameters or {}
    _refuse_strangers(given)
    settings = {name: given[name] for name in Assumptions.model_fields if name in given}
    directory = Path(os.environ.get(DATA_VARIABLE, DATA))
    return Report(open_study(directory, parse_assumptions(settings)))


def _refuse_strangers(given: Mapping[str, Any]) -> None:
    known = (*Assumptions.model_fields, *PAGE_PARAMETERS)
    for name, value in given.items():
        own = name.startswith("_") or name in NOTEBOOKS_OWN
        if not own and name not in known and isinstance(value, bool | int | float | str | list):
            raise CallError(unknown("parameter", name, known))


def rehearse() -> None:
    """Draw the headline once and throw it away, for a process that kernels are forked from.

    Tables are parsed and the libraries of charts have set themselves up before the first page
    asks; what a page then calculates, and from which files, is the same.
    """
    # What is wrong with the data is reported by the page that meets it.
    with contextlib.suppress(AIComputeError):
        open_report().figure("headline").document()


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
    default, scenario = Assumptions(), scenario_of(study.assumptions)
    title = f": {html.escape(scenario['title'])}" if scenario else ""
    why = f"{html.escape(' '.join(scenario['why'].split()))} " if scenario else ""
    items = "".join(
        f"<li><code>{html.escape(name)}</code> = {html.escape(as_text(value))} "
        f"(baseline {html.escape(as_text(getattr(default, name)) or 'none')})</li>"
        for name, value in changed.items()
    )
    return (
        '<div class="scenario-banner" role="note">'
        f"<p><strong>A scenario, not the baseline{title}.</strong> {why}"
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
