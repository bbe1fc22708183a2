"""One dataset under one set of assumptions, and what is calculated from them, each thing once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, cached_property
from pathlib import Path

import pandas as pd

from aicompute import trend
from aicompute.assumptions import Assumptions, as_text
from aicompute.dataset import Dataset, open_dataset
from aicompute.errors import CallError, DataError
from aicompute.methods import estimates as estimating
from aicompute.methods.calculations import Calculation, Calculations, calculate
from aicompute.names import unknown


class Study:
    """What the report calculates from a dataset under given assumptions.

    Parameters
    ----------
    dataset
        The tables.
    assumptions
        Every assumption; the defaults give the baseline.
    """

    def __init__(self, dataset: Dataset, assumptions: Assumptions) -> None:
        self.dataset = dataset
        self.assumptions = assumptions
        self.estimates_by = cache(self._estimates_by)
        self.fit_by = cache(self._fit_by)
        self.growth_by = cache(self._growth_by)
        self._systems_by = cache(self._systems_under)

    @cached_property
    def baseline(self) -> Study:
        """The same data under the default assumptions."""
        return self if not self.assumptions.changed() else Study(self.dataset, Assumptions())

    @cached_property
    def calculations(self) -> Calculations:
        """Every calculation, by system, method and basis."""
        return calculate(self.dataset, self.assumptions)

    @property
    def estimates(self) -> pd.DataFrame:
        """One row a system under the chosen values."""
        return self.estimates_by(self.assumptions.values)

    @property
    def fitted(self) -> pd.DataFrame:
        """The systems the headline fit takes in."""
        return self.fitted_by(self.assumptions.values)

    @property
    def fit(self) -> trend.Fit:
        """The headline fit."""
        return self.fit_by(self.assumptions.values)

    def under(self, **altered: object) -> Study:
        """The same data under these assumptions with some of them altered."""
        settings = {**self.assumptions.model_dump(), **altered}
        return Study(self.dataset, Assumptions.model_validate(settings))

    def fitted_by(self, values: str) -> pd.DataFrame:
        """The systems a fit on the given values takes in."""
        return trend.fitted_systems(self.estimates_by(values), self.assumptions)

    def system(self, system_id: str) -> dict[str, object]:
        """The row of one system.

        Raises
        ------
        CallError
            If there is no such system; the valid names are listed.
        """
        systems = self._systems_by(self.assumptions.values)
        if system_id not in systems:
            raise CallError(unknown("system", system_id, systems))
        return dict(systems[system_id])

    def _systems_under(self, values: str) -> dict[str, dict[str, object]]:
        rows = self.estimates_by(values).to_dict("records")
        return {row["system_id"]: {str(n): v for n, v in row.items()} for row in rows}

    def calculations_of(self, system_id: str) -> list[Calculation]:
        """Every calculation of one system, by method, the article's own first."""
        return self._by_system.get(system_id, [])

    @cached_property
    def _by_system(self) -> dict[str, list[Calculation]]:
        found: dict[str, list[Calculation]] = {}
        for calculation in sorted(self.calculations.values(), key=lambda c: (c.method, c.basis)):
            found.setdefault(calculation.system_id, []).append(calculation)
        return found

    def _estimates_by(self, values: str) -> pd.DataFrame:
        refuse_unknown_systems(self.dataset, self.assumptions.without)
        chosen = self.assumptions.model_copy(update={"values": values})
        return estimating.estimates(self.dataset, chosen, self.calculations)

    def _fit_by(self, values: str) -> trend.Fit:
        return trend.fit_table(self.fitted_by(values), self.assumptions)

    def _growth_by(self, values: str) -> trend.Growth:
        return trend.growth(self.fitted_by(values), self.assumptions.days_per_month)


def refuse_unknown_systems(dataset: Dataset, without: Iterable[str]) -> None:
    """Refuse a misspelt system among those to leave out, which would leave out nothing.

    Raises
    ------
    CallError
        If there is no such system; the valid names are listed.
    """
    known = [str(row["system_id"]) for row in dataset.rows("systems")]
    for system_id in without:
        if system_id not in known:
            raise CallError(f"assumption without: {unknown('system', system_id, known)}")


def has_page(study: Study, system_id: str) -> bool:
    """Whether a system has a page: the article lists it, or we calculate something for it."""
    row = study.system(system_id)
    return row["set"] in ("chart", "modest") or bool(study.calculations_of(system_id))


def systems_with_pages(study: Study) -> list[str]:
    """The systems that have a page, by date."""
    return [s for s in study.estimates["system_id"] if has_page(study, s)]


def open_study(directory: Path, assumptions: Assumptions) -> Study:
    """Open a folder of tables under given assumptions, without checking what is not read."""
    return Study(Dataset(directory), assumptions)


def fitting_study(directory: Path, assumptions: Assumptions) -> Study:
    """Open a folder of tables, checked, under assumptions that leave enough of it for a fit.

    Raises
    ------
    CallError
        If the assumptions leave too few systems.
    DataError
        If the tables have problems, or hold too few systems whatever the assumptions.
    """
    study = Study(open_dataset(directory), assumptions)
    found = _no_trend(study)
    if found is None:
        return study
    altered = ", ".join(f"{name}={as_text(v)}" for name, v in assumptions.changed().items())
    if _no_trend(study.baseline) is None:
        raise CallError(f"{altered}: {found}; the assumptions leave out too much")
    raise DataError(f"{directory / 'systems.csv'}: set: {found}, of the set chart with a value in "
                    "published.csv")


def _no_trend(study: Study) -> trend.FitError | None:
    """Why the headline cannot be fitted; None where it can."""
    try:
        trend.refuse_no_trend(study.fitted["date"], study.fitted["pfs_days"])
    except trend.FitError as error:
        return error
    return None
