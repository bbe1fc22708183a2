"""What the live page calculates from is what the report calculates from."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from aicompute.study import Study
from aicompute.topics import live


@pytest.fixture(scope="module")
def sent(study: Study) -> dict[str, Any]:
    """What the page is given, as it arrives."""
    arrived: dict[str, Any] = json.loads(json.dumps(live.payload(study), allow_nan=False))
    return arrived


@pytest.mark.parametrize("rating", ["article", "base", "boost"])
def test_every_calculation_comes_out_as_in_the_report(
    study: Study, sent: dict[str, Any], rating: str
) -> None:
    under = study.under(chip_rating=rating, gpu_utilization=0.4, passes_per_example=2.5)
    settings = under.assumptions
    for (system_id, method, basis), calculation in under.calculations.items():
        phases = sent["calculations"].get(system_id, {}).get(basis, {}).get(str(method))
        if phases is None:
            assert study.system(system_id)["set"] != "chart"
            continue
        total = sum(
            phase["pfs_days"][rating]
            * math.prod(getattr(settings, name) for name in phase["times"])
            for phase in phases
        )
        assert total == pytest.approx(calculation.pfs_days)


def test_systems_come_in_the_order_of_their_dates(sent: dict[str, Any]) -> None:
    days = [system["days"] for system in sent["systems"]]
    assert days == sorted(days)


def test_there_is_a_t_for_every_number_of_systems_a_fit_can_have(sent: dict[str, Any]) -> None:
    # Fifteen systems: three to fifteen points, one to thirteen degrees of freedom.
    assert sorted(map(int, sent["t"])) == list(range(1, 14))


def test_t_is_the_one_of_the_books_of_tables(sent: dict[str, Any]) -> None:
    # Two-sided 95 %, 13 degrees of freedom: 2.160 in every table of Student's t.
    assert sent["t"]["13"] == pytest.approx(2.160, abs=5e-4)


def test_an_altered_assumption_without_a_control_is_kept_for_the_command(study: Study) -> None:
    under = study.under(days_per_month=30.5)
    assert live.payload(under)["also"] == {"days_per_month": 30.5}


def test_the_other_estimates_of_alphago_zero_are_sent(sent: dict[str, Any]) -> None:
    by_id = {system["id"]: system for system in sent["systems"]}
    # published.csv: Henderson et al. 118.27 pfs-days.
    assert by_id["alphago_zero"]["published_by"]["henderson_2020"] == 118.27
    assert by_id["alexnet"]["published_by"] == {}
