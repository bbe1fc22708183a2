"""Every number of the report by its dotted name, with unit, interval, page and how it is obtained.

Names are stable: people and tools read them from results.json. A family of names is calculated when
one of its names is asked for, so that a page depends only on the tables behind what it shows.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from aicompute.assumptions import Assumptions, as_json
from aicompute.dataset.csv_table import Problem
from aicompute.errors import AIComputeError, CallError, DataError
from aicompute.study import Study
from aicompute.wording import finite


@dataclass(frozen=True)
class Result:
    """One number of the report.

    Attributes
    ----------
    value, low, high
        The number and its interval; None where there is none (a bare fact), and where none can be
        given: an end that is open, or beyond any number.
    unit
        Its unit; empty for a factor or a count.
    page
        Page and section where it is calculated, ``page#section``.
    how
        One phrase: how it is obtained, and what the interval is.
    """

    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    page: str = ""
    how: str = ""

    def __post_init__(self) -> None:
        for name in ("value", "low", "high"):
            object.__setattr__(self, name, finite(getattr(self, name)))


Named = Iterator[tuple[str, Result]]
Family = Callable[[Study], Named]

#: The column of tables that names a result.
NAMED_IN = "result"
#: First part of a result's name to what calculates all results of that family.
FAMILIES: dict[str, Family] = {}

#: The families of a study that are calculated, for all that ask for the same study.
_CALCULATED: WeakKeyDictionary[Study, dict[str, dict[str, Result]]] = WeakKeyDictionary()

#: Name of a further part of results.json to what makes it.
DOCUMENT_PARTS: dict[str, Callable[[Study], Any]] = {
    "data_files": lambda study: study.dataset.checksums(),
    "systems": lambda study: list(study.estimates["system_id"]),
}


def family(name: str) -> Callable[[Family], Family]:
    """Register what calculates the results whose names begin with ``name``."""

    def register(function: Family) -> Family:
        FAMILIES[name] = function
        return function

    return register


def registered() -> dict[str, Family]:
    """Every family of results: a subject registers its own when it is imported."""
    importlib.import_module("aicompute.topics")
    return FAMILIES


def all_results(study: Study) -> dict[str, Result]:
    """Every result of a study, by name, in a stable order."""
    return Results(study).families(registered())


class Results:
    """The results of a study, each family calculated when first asked for."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self._families = _CALCULATED.setdefault(study, {})

    def __getitem__(self, name: str) -> Result:
        """Return one result by its dotted name.

        Raises
        ------
        CallError
            If there is no such name; the nearest ones are suggested.
        """
        family = name.split(".", 1)[0]
        if family not in registered():
            raise CallError(f"result {name}: unknown; families: {', '.join(FAMILIES)}")
        found = self.families([family])
        if name not in found:
            near = ", ".join(difflib.get_close_matches(name, found, n=3))
            raise CallError(f"result {name}: unknown; nearest: {near or 'none'}")
        return found[name]

    def families(self, names: Iterable[str]) -> dict[str, Result]:
        """Every result of the given families, by name.

        Raises
        ------
        DataError
            If a family cannot be calculated: which, and why.
        """
        for name in names:
            if name not in self._families:
                self._families[name] = self._calculated(name)
        return {n: r for name in names for n, r in self._families[name].items()}

    def _calculated(self, name: str) -> dict[str, Result]:
        try:
            # What is beyond any number becomes an open end of its result.
            with np.errstate(over="ignore", divide="ignore"):
                return dict(registered()[name](self.study))
        except AIComputeError:
            raise
        except (ArithmeticError, LookupError, ValueError) as error:
            # Sound tables may lack a row that the argument rests on, or hold it at an extreme.
            raise DataError(
                f"results {name}: cannot be calculated from these tables under these assumptions: "
                f"{type(error).__name__}: {' '.join(str(error).split())}"
            ) from error


def refuse_unknown_results(study: Study) -> None:
    """Refuse tables that name a result which there is not.

    One that the baseline has is none of these: other assumptions may leave too few systems for it.

    Raises
    ------
    DataError
        If there are such names: all of them, each in a line.
    """
    tables = [study.dataset.table(name) for name, schema in study.dataset.schemas.items()
              if any(column.name == NAMED_IN for column in schema.columns)]
    named = [(table.file, line, str(row[NAMED_IN]))
             for table in tables for line, row in table.located() if row[NAMED_IN]]
    problems = [Problem(file, line, NAMED_IN, name, rule) for file, line, name in named
                if (rule := _broken_rule(study, name))]
    if problems:
        raise DataError("\n".join(map(str, problems)))


def _broken_rule(study: Study, name: str) -> str:
    """What is wrong with the name of a result; empty if there is one of that name."""
    rule = ""
    for held in (study, study.baseline):
        try:
            Results(held)[name]
        except CallError as error:
            rule = str(error).removeprefix(f"result {name}: ")
        else:
            return ""
    return rule


def results_document(study: Study) -> dict[str, Any]:
    """The content of results.json: every number, and what two such files are compared by.

    Raises
    ------
    DataError
        If a table names a result that there is not.
    """
    refuse_unknown_results(study)
    parts = {name: part(study) for name, part in DOCUMENT_PARTS.items()}
    return {**document(study, all_results(study)), **parts}


def document(study: Study, results: dict[str, Result]) -> dict[str, Any]:
    """Results in the shape every JSON output has."""
    assumptions = {
        name: as_json(getattr(study.assumptions, name)) for name in Assumptions.model_fields
    }
    return {
        "assumptions": assumptions,
        "data_sha256": study.dataset.sha256(),
        "results": {name: _as_json(result) for name, result in results.items()},
    }


def _as_json(result: Result) -> dict[str, Any]:
    return {"value": result.value, "unit": result.unit, "low": result.low, "high": result.high}
