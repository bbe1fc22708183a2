"""The README says what the build says, and names what there is."""

from __future__ import annotations

import re
from pathlib import Path

from aicompute import wording
from aicompute.results import Results
from aicompute.study import Study

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_three_numbers_of_the_readme_are_those_of_the_report(study: Study) -> None:
    results = Results(study)
    doubling = results["trend.published.doubling_time_months"]
    interval = wording.interval(doubling.low, doubling.high)
    growth, months = results["growth.published.factor"], results["growth.published.months"]
    moore = results["moore.at_18_months.factor"]
    assert f"{wording.quantity(doubling.value, 'months')} (95 % interval {interval})" in README
    assert (
        f"{wording.quantity(growth.value, 'times')} in {wording.quantity(months.value, 'months')}"
    ) in README
    assert f"| {wording.quantity(moore.value, 'times', 4)} |" in README


def test_the_readmes_tree_names_folders_that_are_there() -> None:
    table = README.split("## What lies where", 1)[1].split("## Words", 1)[0]
    named = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", table, flags=re.MULTILINE)
    paths = re.findall(r"`([^`]+)`", " ".join(named))
    assert len(paths) >= 8
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_readmes_scenario_is_one_of_the_reports() -> None:
    for name in re.findall(r"--scenario ([\w-]+)", README):
        assert (ROOT / "scenarios" / f"{name}.yml").is_file()
