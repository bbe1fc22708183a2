"""The ledger: verdicts by rule, none changes unnoticed, none rests on a misspelt name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aicompute import claims, listings
from aicompute.assumptions import Assumptions
from aicompute.claims import verdict
from aicompute.dataset import Dataset
from aicompute.report import Report
from aicompute.results import Results, results_document
from aicompute.study import Study


def claim(check: str, **stated: float) -> dict[str, Any]:
    return {"check": check, "stated": None, "stated_low": None, "stated_high": None, **stated}


@pytest.mark.parametrize(("row", "value", "expected"), [
    (claim("equal", stated=100.0), 105.0, "reproduced"),
    (claim("equal", stated=100.0), 95.3, "reproduced"),
    (claim("equal", stated=100.0), 106.0, "within_factor"),
    (claim("equal", stated=100.0), 34.0, "within_factor"),
    (claim("equal", stated=100.0), 301.0, "not_reproduced"),
    (claim("equal", stated=100.0), 33.0, "not_reproduced"),
    (claim("equal", stated=100.0), -100.0, "not_reproduced"),
    (claim("less", stated=3.0), 0.001, "reproduced"),
    (claim("less", stated=3.0), 3.1, "reproduced"),  # 3 percent above: rounding
    (claim("less", stated=3.0), 8.0, "within_factor"),
    (claim("less", stated=3.0), 49.0, "not_reproduced"),
    (claim("more", stated=300_000.0), 321_726.0, "reproduced"),
    (claim("more", stated=300_000.0), 1_299.0, "not_reproduced"),
    (claim("more", stated=0.0), 0.0, "not_reproduced"),  # more than none is at least one
    (claim("range", stated_low=1.0, stated_high=10.0), 5.9, "reproduced"),
    (claim("range", stated_low=1.0, stated_high=10.0), 0.5, "within_factor"),
    (claim("range", stated_low=1.0, stated_high=10.0), 31.0, "not_reproduced"),
    (claim("none", stated=5.0), 5.0, "cannot_be_checked"),
    (claim("equal", stated=5.0), None, "cannot_be_checked"),
])
def test_a_verdict_follows_the_rule(
    row: dict[str, Any], value: float | None, expected: str
) -> None:
    assert verdict(row, value) == expected


def test_every_verdict_is_the_expected_one(study: Study) -> None:
    # A changed input must not topple a claim in silence: change `expected` with it, and say why.
    assert claims.unexpected_verdicts(study) == []


def test_a_toppled_claim_is_named_with_both_verdicts(
    data: Path, change: Callable[[str, str, str], None]
) -> None:
    change("published.csv", "alphago_zero,plotted,,1862", "alphago_zero,plotted,,18.62")
    found = claims.unexpected_verdicts(Study(Dataset(data), Assumptions()))
    assert any("growth_factor: expected reproduced, got not_reproduced" in line for line in found)


def test_every_result_a_claim_names_exists(study: Study) -> None:
    results = Results(study)
    missing = []
    for row in study.dataset.rows("claims"):
        if row["result"] and results[str(row["result"])].value is None:
            missing.append(row["result"])
    assert missing == []


def test_only_claims_that_cannot_be_checked_name_no_result(study: Study) -> None:
    rows = study.dataset.rows("claims")
    assert [r["claim_id"] for r in rows if (r["result"] is None) != (r["check"] == "none")] == []


def test_every_check_has_the_numbers_it_needs(study: Study) -> None:
    needed = {"equal": ("stated",), "less": ("stated",), "more": ("stated",),
              "range": ("stated_low", "stated_high"), "none": ()}
    rows = study.dataset.rows("claims")
    assert [r["claim_id"] for r in rows if any(r[n] is None for n in needed[str(r["check"])])] == []


def test_the_ledger_holds_at_least_forty_five_claims(study: Study) -> None:
    assert len(study.dataset.rows("claims")) >= 45


def test_the_tally_counts_every_claim_once(study: Study) -> None:
    assert sum(claims.tally(claims.judge(study)).values()) == len(study.dataset.rows("claims"))


def test_every_part_is_on_the_page(study: Study) -> None:
    page = (Path(__file__).parent.parent / "chapters" / "claims.md").read_text(encoding="utf-8")
    parts = {str(row["part"]) for row in study.dataset.rows("claims")}
    assert [part for part in parts if f'part="{part}"' not in page] == []


def test_a_verdict_is_told_by_a_word_and_not_by_colour_alone(study: Study) -> None:
    shown = listings.listing(study, "claims", part="headline")._repr_html_()
    assert "✓</span> reproduced" in shown


def test_results_json_holds_every_verdict(study: Study) -> None:
    assert results_document(study)["claims"]["growth_factor"] == "reproduced"


def test_a_scenario_shows_the_verdict_of_the_baseline_beside_its_own(study: Study) -> None:
    altered = study.under(alphago_zero_estimate="epoch_2026")
    shown = Report(altered).table("claims", part="headline")._repr_html_()
    assert "not reproduced (baseline: reproduced)" in shown
