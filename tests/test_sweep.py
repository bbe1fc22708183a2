"""Sweeps: the same numbers as one study at a time, on one machine or many, whole or not at all."""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import pickle
import re
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aicompute.assumption_model import LEAST_DOUBLING_YEARS
from aicompute.assumptions import Assumptions, as_text, parse_assumptions
from aicompute.cli import main
from aicompute.commands.command_help import SWEEP_FILE
from aicompute.dataset import DATA, Dataset
from aicompute.errors import BuildError, CallError
from aicompute.study import Study
from aicompute.sweeps import run_sweep
from aicompute.sweeps.axes import DRAWN, LISTED, Axis, is_numeric
from aicompute.sweeps.chunks import Chunks
from aicompute.sweeps.evaluate import RESULTS, Evaluator
from aicompute.sweeps.plan import KEYS, Plan, load_plan, parse_plan
from aicompute.sweeps.runners import fetch, run_on_cluster
from aicompute.sweeps.task import CHUNK, MODULES, ROOMS, Task
from aicompute.trend import FitError

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
DATASET = Dataset(DATA)
#: Modules that write the table and the summary, and have no part in a chunk.
APART = {"commands", "files"}

#: Enough settings for several chunks, of every kind of axis.
CONTENT: dict[str, Any] = {
    "title": "A sweep of every kind",
    "assumptions": {"values": "recounted"},
    "vary": {
        "chip_rating": {"grid": ["article", "base"]},
        "passes_per_example": {"linspace": [2, 3, 3]},
        "record_setters_only": {"choice": [True, False]},
        "gpu_utilization": {"uniform": [0.1, 0.6]},
        "tpu_utilization": {"loguniform": [0.1, 0.6]},
        "cpu_utilization": {"normal": [0.17, 0.05]},
    },
    "samples": 4000,
    "seed": 7,
}
#: Draws of a sweep of six chunks: six combinations of them, 8192 settings a chunk.
LARGER = 8_000


def sweep_file(folder: Path, **altered: Any) -> Path:
    """A sweep file with parts of CONTENT altered; None takes a part out."""
    content = {k: v for k, v in {**CONTENT, **altered}.items() if v is not None}
    path = folder / "sweep.yml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


def task_of(file: Path) -> Task:
    """The sweep of a file on the report's own tables."""
    return Task.of(load_plan(file), DATASET)


def run(*arguments: object) -> Result:
    # A command that is interrupted takes no second interrupt while it ends; here it is the tests'.
    before = signal.getsignal(signal.SIGINT)
    try:
        return CliRunner().invoke(main, ["sweep", *map(str, arguments)])
    finally:
        signal.signal(signal.SIGINT, before)


# --- the numbers ------------------------------------------------------------------------------


def _values(name: str) -> st.SearchStrategy[Any]:
    """Values an assumption may have, out of its own declaration."""
    field = Assumptions.model_fields[name]
    if name == "without":
        names = [str(row["system_id"]) for row in DATASET.rows("systems")]
        return st.lists(st.sampled_from(names), max_size=6, unique=True).map(tuple)
    if field.annotation in (float, int):
        ends = {s: float(getattr(m, s)) for m in field.metadata for s in ("ge", "le")
                if hasattr(m, s)}
        if field.annotation is int:
            return st.integers(int(ends["ge"]), int(ends["le"]))
        if name == "price_doubling_years":
            return st.just(0.0) | st.floats(LEAST_DOUBLING_YEARS, ends["le"])
        return st.floats(ends["ge"], ends["le"], allow_nan=False)
    if name in ("since", "until"):
        return st.dates(parse_assumptions({}).since, parse_assumptions({}).until)
    if field.annotation is bool:
        return st.booleans()
    return st.sampled_from(field.annotation.__args__)  # type: ignore[union-attr]


SETTINGS = st.fixed_dictionaries({name: _values(name) for name in Assumptions.model_fields}).filter(
    lambda setting: setting["since"] <= setting["until"]
)


def scalar(setting: dict[str, Any]) -> list[float]:
    """The results of one setting, as the report calculates them."""
    study = Study(DATASET, parse_assumptions(setting))
    try:
        growth, moore = study.growth_by(setting["values"]), setting["moore_doubling_months"]
        grown = [growth.factor, growth.months, growth.moore(moore)]
    except FitError:
        grown = [math.nan] * 3
    points = float(len(study.fitted))
    try:
        fit = study.fit
    except FitError:
        return [math.nan] * 6 + [points, *grown]
    return [fit.doubling_time_months, fit.doubling_time_low, fit.doubling_time_high,
            fit.growth_per_year, fit.growth_per_year_low, fit.growth_per_year_high, points, *grown]


#: Three systems at a level that lets their slope be steeper than any number: once an error.
STEEP: dict[str, Any] = {
    "since": date(2014, 1, 1), "until": date(2017, 1, 1), "record_setters_only": True,
    "confidence": 0.999,
}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@example([Assumptions().model_dump() | STEEP])
@given(st.lists(SETTINGS, min_size=1, max_size=3))
def test_a_sweep_has_the_numbers_of_the_study_of_each_setting(
    rows: list[dict[str, Any]]
) -> None:
    # One axis of listed values for every assumption; the diagonal of their product is the rows.
    for row in rows:
        axes = tuple(Axis(name, "grid", values=(value,)) for name, value in row.items())
        plan = Plan("", {}, axes, samples=1, seed=0, design="random")
        (found,) = Evaluator(plan, DATASET).results(0, 1)
        expected = scalar(row)
        assert found[:1] == pytest.approx(expected[:1], rel=1e-9, nan_ok=True)
        assert found[3:4] == pytest.approx(expected[3:4], rel=1e-9, nan_ok=True)
        assert found[6:] == pytest.approx(expected[6:], rel=1e-9, nan_ok=True)
        # Three points nearly on a line leave little of the digits of their scatter.
        assert found[[1, 2, 4, 5]] == pytest.approx(
            [expected[i] for i in (1, 2, 4, 5)], rel=1e-6, nan_ok=True)


def test_numbers_that_vary_together_have_the_numbers_of_each_study() -> None:
    plan = parse_plan({**CONTENT, "samples": 40})
    found = Evaluator(plan, DATASET).results(0, plan.size)
    columns = plan.columns(0, plan.size)
    for i in range(0, plan.size, 7):
        setting = {**Assumptions().model_dump(), "values": "recounted"} | {
            a.name: columns[a.name][i] if a.numeric else a.values[columns[a.name][i]]
            for a in plan.axes
        }
        assert found[i] == pytest.approx(scalar(setting), rel=1e-9, nan_ok=True)


def test_too_few_systems_leave_the_fit_empty_and_count_the_points() -> None:
    plan = parse_plan({"assumptions": {"since": "2017-09-01"},
                       "vary": {"moore_doubling_months": {"grid": [18, 24]}}})
    found = pd.DataFrame(Evaluator(plan, DATASET).results(0, 2), columns=list(RESULTS))
    assert found["doubling_time_months"].isna().all()
    assert found["points"].tolist() == [2, 2]


# --- the plan ---------------------------------------------------------------------------------


def test_the_settings_are_every_combination_with_the_same_draws() -> None:
    plan = parse_plan({**CONTENT, "samples": 5})
    assert plan.size == 2 * 3 * 5
    draws = plan.columns(0, plan.size)["gpu_utilization"].reshape(6, 5)
    assert (draws == draws[0]).all()


def test_a_setting_does_not_depend_on_the_chunk_it_is_made_in() -> None:
    plan = parse_plan({**CONTENT, "samples": 9000})
    whole = plan.columns(0, plan.size)
    part = plan.columns(4090, 4100)
    assert all((part[name] == whole[name][4090:4100]).all() for name in part)


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    first, same, other = (
        parse_plan({**CONTENT, "seed": seed}).columns(0, 9)["gpu_utilization"] for seed in (1, 1, 2)
    )
    assert (first == same).all()
    assert (first != other).any()


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"linspace": [0.2, 0.4, 3]}, [0.2, 0.3, 0.4]),
        ({"logspace": [0.1, 0.4, 3]}, [0.1, 0.2, 0.4]),
        ({"grid": [0.5, 0.1]}, [0.5, 0.1]),
    ],
)
def test_ranges_are_laid_out_as_their_names_say(spec: Any, expected: list[float]) -> None:
    plan = parse_plan({"vary": {"gpu_utilization": spec}})
    assert plan.columns(0, 3)["gpu_utilization"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("spec", "median"),
    [
        ({"uniform": [0.1, 0.5]}, 0.3),
        # The median of a log-uniform distribution is the geometric mean of its ends.
        ({"loguniform": [0.1, 0.4]}, 0.2),
        ({"normal": [0.3, 0.05]}, 0.3),
    ],
)
def test_a_distribution_has_its_median(spec: Any, median: float) -> None:
    plan = parse_plan({"vary": {"gpu_utilization": spec}, "samples": 20_000, "seed": 1})
    assert np.median(plan.columns(0, 20_000)["gpu_utilization"]) == pytest.approx(median, rel=0.02)


def test_a_normal_distribution_is_cut_off_at_the_range_of_the_assumption() -> None:
    plan = parse_plan({"vary": {"gpu_utilization": {"normal": [0.5, 2.0]}},
                       "samples": 5000, "seed": 1})
    drawn = plan.columns(0, 5000)["gpu_utilization"]
    assert (drawn.min() > 0, drawn.max() <= 1) == (True, True)


def vary(**axis: Any) -> dict[str, Any]:
    return {"vary": {"gpu_utilization": axis}}


def years(**axis: Any) -> dict[str, Any]:
    """The one number that may be 0."""
    return {"vary": {"price_doubling_years": axis}}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[]", "expected a mapping with vary"),
        ("a: [", "sweep.yml:1: no valid YAML"),
        ("vary: {seed: {grid: [1]}}\nvary: {}\n", "sweep.yml:2: no valid YAML: vary stands twice"),
        ({"vary": {7: {"grid": [1]}}}, "assumption 7: unknown"),
        ({"vary": {}}, "nothing varies"),
        ({"vary": {"gpu_utilisation": {"grid": [1]}}}, "did you mean gpu_utilization?"),
        ({"vary": {"gpu_utilisation": 3}}, "did you mean gpu_utilization?"),
        ({**vary(grid=[0.5]), "sample": 3}, "key sample: unknown; did you mean samples? valid:"),
        ({**vary(grid=[0.5]), "assumptions": {"gpu_utilization": 0.5}}, "one of the two"),
        ({**vary(grid=[0.5]), "assumptions": {"confidence": 7}}, "number from 0.5 to 0.999"),
        (vary(grid=[0.5, 33]), "got 33; allowed: number from 0.001 to 1"),
        (vary(grid=[]), "allowed: values"),
        (vary(range=[1, 2]), "allowed: one of grid, linspace"),
        (vary(linspace=[0.1, 0.5]), "[from, to, number of values]"),
        (vary(linspace=[0.1, 0.5, 1]), "got 1 values; allowed: whole number from 2"),
        (vary(linspace=[0.1, 0.5, 2.5]), "got 2.5 values; allowed: whole number from 2"),
        (vary(linspace=[0.1, 0.5, math.inf]), "[from, to, number of values], all finite numbers"),
        (vary(linspace=[0.1, 0.5, math.nan]), "[from, to, number of values], all finite numbers"),
        (vary(linspace=[0.1, 0.5, 10**400]), "[from, to, number of values], all finite numbers"),
        # YAML reads a number without a point and a sign as text.
        ("vary: {gpu_utilization: {linspace: [.1, .5, 1e9]}}", "'1e9']; allowed: [from, to,"),
        # Once the values were made before they were counted, and took all the memory there is.
        (vary(linspace=[0.1, 0.5, 10**12]), "vary: makes 1,000,000,000,000 settings; allowed: up"),
        (vary(linspace=[0.1, 2, 5]), "from 0.001 to 1"),
        (vary(linspace=[0.3, 0.3, 5]), "got 0.3 to 0.3; allowed: two ends that differ"),
        (years(logspace=[0, 10, 3]), "logspace: got 0; allowed: ends above 0"),
        (vary(grid=[0.5, 0.2, 0.5]), "got 0.5 twice; allowed: each value once"),
        ({"vary": {"without": {"grid": ["dqn", ["dqn"]]}}}, "got dqn twice; allowed: each value"),
        ({**vary(grid=[0.5]), "title": ["a"]}, "title: got ['a']; allowed: text"),
        ({**vary(grid=[0.5]), "assumptions": 0}, "assumptions: got 0; allowed: name: value"),
        ({**vary(grid=[0.5]), "assumptions": []}, "assumptions: got []; allowed: name: value"),
        (vary(uniform=[0.1, 0.5]), "samples and seed: needed"),
        ({**vary(uniform=[0.5, 0.1]), "samples": 1, "seed": 1}, "low below high"),
        ({**vary(uniform=[0.5, 1.1]), "samples": 1, "seed": 1}, "from 0.001 to 1"),
        ({**vary(uniform=["a", 1]), "samples": 1, "seed": 1}, "allowed: [low, high]"),
        ({**vary(normal=[0.5, 0]), "samples": 1, "seed": 1}, "allowed: above 0"),
        # The following four gave a table: columns without a value, or the same value throughout.
        ({**vary(normal=[math.nan, 1]), "samples": 1, "seed": 1}, "all finite numbers"),
        ({**vary(normal=[0.5, math.inf]), "samples": 1, "seed": 1}, "all finite numbers"),
        ({**years(loguniform=[0, 10]), "samples": 1, "seed": 1}, "allowed: ends above 0"),
        ({**vary(normal=[50, 0.01]), "samples": 1, "seed": 1}, "mean 50; allowed: from 0.001 to 1"),
        ({**vary(normal=[0.5, 0.1, 0.6, 0.8]), "samples": 1, "seed": 1}, "from 0.6 to 0.8"),
        ({**vary(normal=[0.5, 0.1, 0.8, 0.2]), "samples": 1, "seed": 1}, "low below high"),
        ({**vary(normal=[0.5, 0.1, 0.2, 1.2]), "samples": 1, "seed": 1}, "from 0.001 to 1"),
        ({**vary(grid=[0.5]), "samples": 5}, "samples: given, but nothing is drawn"),
        ({**vary(grid=[0.5]), "seed": 5}, "seed: given, but nothing is drawn"),
        ({**vary(grid=[0.5]), "design": "random"}, "design: given, but nothing is drawn"),
        # Ends of the span that meet in some setting, given, listed or by default.
        ({"assumptions": {"since": "2016-01-01"}, "vary": {"until": {"grid": ["2017-01-01",
         "2015-01-01"]}}}, "since: got 2016-01-01; allowed: a date not after until, 2015-01-01"),
        ({"vary": {"since": {"grid": ["2012-01-01", "2018-06-01"]}}},
         "since: got 2018-06-01; allowed: a date not after until, 2017-12-31"),
        ({"vary": {"since": {"grid": ["2012-01-01", "2016-01-01"]},
                   "until": {"choice": ["2015-01-01", "2017-01-01"]}}, "samples": 1, "seed": 1},
         "since: got 2016-01-01; allowed: a date not after until, 2015-01-01"),
        ({"vary": {"since": {"grid": ["soon"]}}}, "since: got soon; allowed: date YYYY-MM-DD"),
        ({**vary(grid=[0.5]), "assumptions": {"without": "alexnt"}}, "did you mean alexnet?"),
        ({"vary": {"without": {"grid": [[], ["alexnt"]]}}}, "did you mean alexnet?"),
        ({**vary(uniform=[0.1, 0.5]), "samples": 0, "seed": 1}, "whole number from 1"),
        ({**vary(uniform=[0.1, 0.5]), "samples": 9, "seed": -1}, "whole number from 0"),
        ({**vary(uniform=[0.1, 0.5]), "samples": 10**7 + 1, "seed": 1}, "to 10,000,000"),
        ({**vary(uniform=[0.1, 0.5]), "samples": 8, "seed": 1, "design": "x"}, "random, saltelli"),
        ({**vary(uniform=[0.1, 0.5]), "samples": 9, "seed": 1, "design": "saltelli"},
         "power of two"),
        ({"vary": {"values": {"uniform": [1, 2]}}, "samples": 1, "seed": 1}, "grid, choice"),
    ],
)
def test_a_faulty_sweep_file_is_refused_in_one_line(
    tmp_path: Path, content: Any, reason: str
) -> None:
    path = tmp_path / "sweep.yml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), "utf-8")
    done = run(path, "--output", tmp_path / "out.csv")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"sweep {path}")
    assert reason in done.stderr
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("content", "varied"),
    [
        # Without its own, the end of the span is that of the article, the last day of 2017.
        ({"assumptions": {"until": date(2019, 1, 1)},
          "vary": {"since": {"grid": [date(2012, 1, 1), date(2018, 6, 1)]}}}, [2012, 2018]),
        ({"assumptions": {"since": date(2018, 6, 1)},
          "vary": {"until": {"grid": [date(2019, 1, 1), date(2020, 1, 1)]}}}, [2019, 2020]),
    ],
)
def test_days_are_held_against_those_they_meet_and_no_others(
    content: dict[str, Any], varied: list[int]
) -> None:
    plan = parse_plan(content)
    assert [day.year for day in plan.axes[0].values] == varied
    assert Evaluator(plan, DATASET).results(0, 2).shape == (2, len(RESULTS))


def test_a_missing_sweep_file_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path / "none.yml", "--output", tmp_path / "out.csv")
    assert done.exit_code == 2
    assert done.stderr.endswith("none.yml: cannot be read: No such file or directory\n")


def test_the_sweep_file_that_the_help_shows_is_one_and_shows_every_kind() -> None:
    content = yaml.safe_load(SWEEP_FILE)
    plan = parse_plan(content)
    # Three ratings, five passes, three lengths of a run; a thousand draws each.
    assert plan.size == 3 * 5 * 3 * 1000
    assert {axis.kind for axis in plan.axes} == {*LISTED, *DRAWN}
    assert set(content) == set(KEYS)


def test_the_sweep_file_that_comes_with_the_report_has_the_settings_the_readme_says() -> None:
    plan = load_plan(ROOT / "scenarios" / "sweeps" / "recounted.yml")
    assert f"{plan.size:,} settings" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_help_shows_a_sweep_file() -> None:
    shown = run("--help").stdout
    assert all(line.rstrip() in shown for line in SWEEP_FILE.splitlines())


@pytest.mark.parametrize("name", ["out.xlsx", "out"])
def test_an_output_of_another_kind_is_refused_before_anything_runs(
    tmp_path: Path, name: str
) -> None:
    done = run(sweep_file(tmp_path), "--output", tmp_path / name)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)


def test_no_path_of_a_sweep_overwrites_another(tmp_path: Path) -> None:
    file = sweep_file(tmp_path).rename(tmp_path / "sweep.csv")
    content, output = file.read_bytes(), tmp_path / "out.csv"
    for arguments in (
        ("--output", file), ("--output", output, "--summary", file),
        ("--output", output, "--summary", tmp_path / "." / "x" / ".." / "out.csv"),
    ):
        done = run(file, *arguments)
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert done.stderr.endswith("; allowed: another file\n")
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.csv"]
    assert file.read_bytes() == content


@pytest.mark.parametrize("summary", ["/proc/x.json", "/proc/new/x.json", "/dev/null/x.json"])
def test_a_summary_that_cannot_be_written_is_refused_before_anything_runs(
    tmp_path: Path, summary: str
) -> None:
    done = run(sweep_file(tmp_path), "--output", tmp_path / "out.csv", "--summary", summary)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(f"--summary {summary}: cannot be written: ")
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.yml"]


def test_a_summary_is_shown_though_its_file_cannot_be_written_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise BuildError("No space left on device")

    monkeypatch.setattr("aicompute.sweeps.summary.write_text", refuse)
    path, output = sweep_file(tmp_path, samples=1), tmp_path / "out.csv"
    done = run(path, "--output", output, "--summary", tmp_path / "summary.json")
    assert (done.exit_code, done.stdout) == (1, f"{output}\n")
    assert "6 settings" in done.stderr


# --- the table and the summary ----------------------------------------------------------------


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table of CONTENT, written once on one core."""
    folder = tmp_path_factory.mktemp("swept")
    output = folder / "out.csv"
    done = run(sweep_file(folder), "--output", output, "--summary", folder / "summary.json")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"{output}\n"
    return output


def test_the_table_has_one_row_a_setting(swept: Path) -> None:
    table = pd.read_csv(swept)
    assert table["setting"].tolist() == list(range(24_000))
    assert list(table.columns) == ["setting", *CONTENT["vary"], *RESULTS]


def test_a_row_of_the_table_can_be_set_by_hand(swept: Path) -> None:
    row = pd.read_csv(swept, keep_default_na=False, dtype=str).iloc[12_345]
    setting = {name: row[name] for name in CONTENT["vary"]}
    study = Study(DATASET, parse_assumptions({"values": "recounted", **setting}))
    assert float(row["doubling_time_months"]) == pytest.approx(
        study.fit.doubling_time_months, rel=1e-9)


def test_nothing_is_left_beside_the_table(swept: Path) -> None:
    names = {path.name for path in swept.parent.iterdir()}
    assert names == {"out.csv", "sweep.yml", "summary.json"}


def test_the_summary_ranks_the_assumptions_by_what_they_do(swept: Path) -> None:
    summary = json.loads((swept.parent / "summary.json").read_text(encoding="utf-8"))
    strengths = [abs(driver["strength"] or 0) for driver in summary["drivers"]]
    assert strengths == sorted(strengths, reverse=True)
    assert {driver["assumption"] for driver in summary["drivers"]} == set(CONTENT["vary"])


def test_the_strength_of_a_number_is_its_rank_correlation(swept: Path) -> None:
    summary = json.loads((swept.parent / "summary.json").read_text(encoding="utf-8"))
    (driver,) = (d for d in summary["drivers"] if d["assumption"] == "gpu_utilization")
    table = pd.read_csv(swept)
    ranks = table[["gpu_utilization", "doubling_time_months"]].rank()
    assert driver["strength"] == pytest.approx(ranks.corr().iloc[0, 1])


def test_what_has_no_effect_drives_nothing(tmp_path: Path) -> None:
    content = {"vary": {"moore_doubling_months": {"uniform": [12, 30]}}, "samples": 64, "seed": 1}
    path = tmp_path / "sweep.yml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    summary = run_sweep(path, tmp_path / "out.csv")
    assert summary.drivers[0].strength is None


def test_sobol_indices_of_a_sum_of_squares_share_it_out(tmp_path: Path) -> None:
    path = sweep_file(tmp_path, design="saltelli", samples=256, vary={
        "gpu_utilization": {"uniform": [0.1, 0.6]}, "tpu_utilization": {"uniform": [0.1, 0.6]},
        "moore_doubling_months": {"uniform": [12, 30]},
    })
    summary = run_sweep(path, tmp_path / "out.csv")
    total = {driver.assumption: driver.sobol_total for driver in summary.drivers}
    # Moore's law has no part in the fit; the rest of the variance is the others'.
    assert total["moore_doubling_months"] == pytest.approx(0, abs=1e-9)
    assert sum(value or 0 for value in total.values()) == pytest.approx(1, abs=0.2)
    assert len(pd.read_csv(tmp_path / "out.csv")) == 256 * (3 + 2)


def test_sobol_indices_are_those_of_a_second_library(tmp_path: Path) -> None:
    analyze = pytest.importorskip("SALib.analyze.sobol")
    varied = {"gpu_utilization": [0.1, 0.6], "tpu_utilization": [0.1, 0.6],
              "passes_per_example": [2, 4]}
    path = sweep_file(tmp_path, design="saltelli", samples=512,
                      vary={name: {"uniform": ends} for name, ends in varied.items()})
    summary = run_sweep(path, tmp_path / "out.csv")
    target = pd.read_csv(tmp_path / "out.csv")["doubling_time_months"].to_numpy()
    # Here the blocks stand one below the other: A, B, then A with one column of B; SALib takes
    # them sample by sample, with B last.
    blocks = target.reshape(5, 512)
    problem = {"num_vars": 3, "names": list(varied), "bounds": list(varied.values())}
    found = analyze.analyze(problem, np.column_stack([blocks[0], *blocks[2:], blocks[1]]).ravel(),
                            calc_second_order=False, seed=1)
    ours = {driver.assumption: driver for driver in summary.drivers}
    assert [ours[name].sobol_total for name in varied] == pytest.approx(found["ST"], abs=0.02)
    assert [ours[name].sobol_first for name in varied] == pytest.approx(found["S1"], abs=0.05)


def test_parquet_holds_the_same_rows(swept: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    output = tmp_path / "out.parquet"
    run_sweep(sweep_file(tmp_path), output)
    pd.testing.assert_frame_equal(
        pd.read_parquet(output), pd.read_csv(swept, dtype={"record_setters_only": str}),
        check_dtype=False, rtol=0, atol=0)


@pytest.mark.slow
def test_a_terminal_sees_how_far_the_sweep_is_and_a_file_does_not(tmp_path: Path) -> None:
    path = sweep_file(tmp_path, samples=2000)
    command = [sys.executable, "-m", "aicompute", "sweep", path, "--output", tmp_path / "a.csv"]
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        watched = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=True,
                                 stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        shown = _all_of(terminal)
    piped = run(path, "--output", tmp_path / "b.csv")
    assert "12000/12000" in shown
    assert watched.stdout.decode() == f"{tmp_path / 'a.csv'}\n"
    assert "12000" not in piped.stderr
    assert "12,000 settings" in piped.stderr


def _all_of(terminal: io.FileIO) -> str:
    """What a terminal was shown; Linux ends it with an error instead of nothing."""
    shown = b""
    with contextlib.suppress(OSError):
        while part := terminal.read(4096):
            shown += part
    return shown.decode()


# --- whole or not at all ----------------------------------------------------------------------


class Overheard(ProcessPoolExecutor):
    """Processes whose messages, both ways, are measured: bytes of each."""

    sent: ClassVar[list[int]] = []

    def submit(self, *call: Any) -> Any:
        self.sent.append(len(pickle.dumps(call)))
        future = super().submit(*call)
        future.add_done_callback(lambda done: self.sent.append(len(pickle.dumps(done.result()))))
        return future


def test_several_processes_give_the_same_bytes_and_send_each_other_only_numbers(
    swept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Above PIPE_BUF a process could be ended in the midst of writing a result; the sweep then
    # waited for the rest of it, and an interrupt never ended it.
    monkeypatch.setattr("aicompute.sweeps.runners.ProcessPoolExecutor", Overheard)
    # They keep their chunks themselves, and begin in the folder that this process began in.
    monkeypatch.chdir(tmp_path)
    assert run(sweep_file(tmp_path), "--output", "out.csv", "--jobs", 2).exit_code == 0
    assert (tmp_path / "out.csv").read_bytes() == swept.read_bytes()
    assert len(Overheard.sent) == 2 * 3  # chunks
    assert max(Overheard.sent) < select.PIPE_BUF


def test_what_a_process_of_another_sweep_still_keeps_is_not_taken_for_a_chunk_of_this_one(
    tmp_path: Path
) -> None:
    # A process goes on for a moment when the one that began it is killed.
    output = tmp_path / "out.csv"
    orphan, ours = (Chunks(output, task_of(sweep_file(tmp_path, seed=seed))) for seed in (8, 7))
    with ours:
        orphan.keep(0, np.zeros((1, len(RESULTS))))
        assert ours.missing() == [0, 1, 2]
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.yml"]


@pytest.mark.parametrize("size", [0, 50, -8], ids=["emptied", "cut in its head", "cut at its end"])
def test_a_chunk_that_was_cut_short_is_calculated_again(tmp_path: Path, size: int) -> None:
    # Once the sweep ended in a traceback, and did so again whenever it was to go on.
    task = task_of(sweep_file(tmp_path))
    with Chunks(tmp_path / "out.csv", task) as chunks:
        chunks.keep(0, np.zeros((task.settings(0), len(RESULTS))))
        assert chunks.missing() == [1, 2]
        path = chunks._path(0)
        path.write_bytes(path.read_bytes()[:size])
        assert chunks.missing() == [0, 1, 2]


def test_an_interrupted_sweep_leaves_the_earlier_table_and_goes_on_where_it_stopped(
    swept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, done = tmp_path / "out.csv", []
    output.write_text("the earlier table", encoding="utf-8")
    calculate = Evaluator.results

    def results(self: Evaluator, start: int, stop: int) -> Any:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(start)
        return calculate(self, start, stop)

    monkeypatch.setattr(Evaluator, "results", results)
    first = run(sweep_file(tmp_path), "--output", output)
    assert (first.exit_code, output.read_text()) == (130, "the earlier table")
    monkeypatch.setattr(
        Evaluator, "results", lambda s, a, b: (done.append(a), calculate(s, a, b))[1])
    assert run(sweep_file(tmp_path), "--output", output).exit_code == 0
    assert done == [0, CHUNK, 2 * CHUNK]
    assert output.read_bytes() == swept.read_bytes()


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Refuse to write longer files, as a full disk does: what a user without rights can set."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize(
    ("size", "place"),
    [
        # Smaller than a table of the data, than a chunk, and than the table to come.
        (16_000, r"the folder for temporary files \(TMPDIR\)"),
        (300_000, r"\S+out\.csv\.chunks/\w+-000000\.npy"),
        (1_000_000, r"\S+out\.csv"),
    ],
    ids=["the tables", "a chunk", "the table"],
)
def test_a_disk_that_is_full_is_named_and_the_earlier_table_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, place: str
) -> None:
    # Once a chunk said only how much of it was written, and the tables were standard output's.
    monkeypatch.setattr("aicompute.sweeps.task._EVALUATORS", {})
    output = tmp_path / "out.csv"
    output.write_text("the earlier table", encoding="utf-8")
    with largest_file(size):
        refused = run(sweep_file(tmp_path), "--output", output)
    assert refused.exit_code == 1
    assert re.fullmatch(rf"{place}: File too large\n", refused.stderr)
    assert output.read_text(encoding="utf-8") == "the earlier table"
    assert not list(tmp_path.rglob("*.part"))


def test_chunks_of_another_sweep_are_not_taken_for_this_ones(
    swept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out.csv"
    with monkeypatch.context() as patched:
        patched.setattr("aicompute.sweeps.write_table", _interrupt)
        run(sweep_file(tmp_path, seed=8), "--output", output)
    assert (tmp_path / "out.csv.chunks").is_dir()
    # What a process killed in the midst of writing its table leaves behind.
    (tmp_path / ".out.csv.123.part").write_text("half a table", encoding="utf-8")
    assert run(sweep_file(tmp_path), "--output", output).exit_code == 0
    assert output.read_bytes() == swept.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"out.csv", "sweep.yml"}


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def test_other_tables_make_another_sweep(tmp_path: Path, data: Path) -> None:
    plan = load_plan(sweep_file(tmp_path))
    before = Task.of(plan, Dataset(data)).key
    text = (data / "chips.csv").read_text(encoding="utf-8")
    (data / "chips.csv").write_text(text.replace("244", "245", 1), encoding="utf-8")
    assert Task.of(plan, Dataset(data)).key != before


def test_every_module_a_chunk_comes_from_makes_another_sweep() -> None:
    # A process of its own: here the tests have imported the whole package.
    script = (
        "import sys, aicompute.sweeps.evaluate; "
        "print(*(n.split('.')[1] for n in sys.modules if n.startswith('aicompute.')))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=ENVIRONMENT,
                          capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) - APART == {*MODULES, *ROOMS}


def test_two_sweeps_to_one_table_do_not_meet(tmp_path: Path) -> None:
    import fcntl

    folder = tmp_path / "out.csv.chunks"
    folder.mkdir()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run(sweep_file(tmp_path), "--output", tmp_path / "out.csv")
    assert (done.exit_code, "another sweep works there" in done.stderr) == (1, True)


@pytest.mark.slow
def test_an_interrupt_from_the_keyboard_ends_all_processes_and_says_how_to_go_on(
    tmp_path: Path,
) -> None:
    path = sweep_file(tmp_path, samples=400_000)
    command = [sys.executable, "-m", "aicompute", "sweep", str(path), "--jobs", "2",
               "--output", str(tmp_path / "out.csv")]
    running = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.PIPE,
                               text=True, start_new_session=True)
    chunks = tmp_path / "out.csv.chunks"
    assert _soon(lambda: any(chunks.glob("*.npy")) or running.poll() is not None)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=300)
    assert running.returncode == 130
    assert said.splitlines() == [
        "what is done is kept, and the same command goes on from there",
        "interrupted; what was there before is unchanged",
    ]
    assert not (tmp_path / "out.csv").exists()


#: A sweep that waits in the midst, its first chunk kept, until it is told to go on: however busy
#: the machine is, what is to happen in the midst of it does. Other processes go on meanwhile.
HELD = """
import sys
import time
from pathlib import Path

from aicompute.__main__ import run
from aicompute.sweeps import runners

folder, follow, runners.PATIENCE = Path(sys.argv.pop(1)), runners._follow, 300

def waiting(kept):
    for number in kept:
        (folder / "held").touch()
        while not (folder / "go on").exists():
            time.sleep(0.02)
        yield number

runners._follow = lambda task, missing, kept: follow(task, missing, waiting(kept))
run()
"""


def held(folder: Path, *arguments: object) -> subprocess.Popen[str]:
    """Start a sweep in a process and session of its own; return while it waits in its midst."""
    command = [sys.executable, "-c", HELD, str(folder), "sweep", *map(str, arguments)]
    running = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, start_new_session=True,
                               text=True, stderr=subprocess.PIPE)
    assert _soon(lambda: (folder / "held").exists() or running.poll() is not None)
    assert running.poll() is None, running.communicate()
    return running


@pytest.mark.slow
def test_a_sweep_that_is_killed_leaves_no_process_and_goes_on_to_the_same_bytes(
    larger: Path, tmp_path: Path
) -> None:
    # Its processes once waited for work for ever, each with the tables in its memory.
    path, output = sweep_file(tmp_path, samples=LARGER), tmp_path / "out.csv"
    output.write_text("the earlier table", encoding="utf-8")
    running = held(tmp_path, path, "--jobs", 2, "--output", output)
    assert len(_session(running.pid)) > 2
    running.kill()
    running.communicate()
    assert _soon(lambda: not _session(running.pid))
    assert output.read_text(encoding="utf-8") == "the earlier table"
    assert run(path, "--output", output).exit_code == 0
    assert output.read_bytes() == larger.read_bytes()


def _session(leader: int) -> list[str]:
    """The processes of a session that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # After the name, which may hold anything: state, parent, group, session.
            state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if session == str(leader) and state != "Z":
            found.append(stat.parent.name)
    return found


def test_a_process_that_dies_is_named_and_what_is_done_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Stands in for the kernel that ends a process for want of memory.
    monkeypatch.setattr("aicompute.sweeps.runners._calculate_here", _die)
    done = run(sweep_file(tmp_path), "--output", tmp_path / "out.csv", "--jobs", 2)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "a process of the sweep died" in done.stderr
    assert not (tmp_path / "out.csv").exists()


def _die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_a_hundred_thousand_settings_are_one_row_each_in_bounded_memory_without_notebooks(
    tmp_path: Path,
) -> None:
    path, output = sweep_file(tmp_path, samples=16_667), tmp_path / "out.csv"
    # VmHWM is this process's own peak; ru_maxrss would start from that of the tests' process.
    script = (
        "import sys; from pathlib import Path\n"
        "from aicompute.sweeps import run_sweep\n"
        f"summary = run_sweep(Path({str(path)!r}), Path({str(output)!r}))\n"
        "status = Path('/proc/self/status').read_text()\n"
        "peak = int(status.split('VmHWM:')[1].split()[0]) // 1024\n"
        "notebooks = {'papermill', 'nbclient', 'jupyter_client'} & set(sys.modules)\n"
        "print(summary.settings, peak, len(notebooks))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=ENVIRONMENT,
                          capture_output=True, text=True, check=True)
    settings, megabytes, notebooks = map(int, done.stdout.split())
    with output.open(encoding="utf-8") as table:
        rows = sum(1 for _ in table) - 1
    # 2 ratings x 3 passes x 16,667 draws. Measured: 250 MB, of which the libraries take 150.
    assert (settings, rows, notebooks) == (100_002, 100_002, 0)
    assert megabytes < 500


# --- the cluster ------------------------------------------------------------------------------


class Cluster:
    """A real Dask scheduler and workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        file = folder / "scheduler.json"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start("scheduler", "--port", "0", "--no-dashboard",
                                     "--scheduler-file", str(file))
        assert _soon(lambda: _address(file)), "the scheduler did not start"
        self.address = _address(file)

    def worker(self) -> subprocess.Popen[bytes]:
        """Start one more worker, without the nanny that would restart it."""
        worker = self._start("worker", self.address, "--no-nanny", "--nthreads", "1",
                             "--no-dashboard", "--local-directory", str(self.folder))
        self.workers.append(worker)
        return worker

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "dask", *arguments], cwd=self.folder,
                                env=ENVIRONMENT, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def stop_workers(self) -> None:
        """End the workers."""
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.workers.clear()

    def stop(self) -> None:
        """End every process this cluster started."""
        self.stop_workers()
        self.scheduler.kill()
        self.scheduler.wait()


def _address(file: Path) -> str:
    """The address in a scheduler's file; none as long as it is not written to its end."""
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["address"])
    except (OSError, ValueError):
        return ""


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler for all tests; each brings its own workers."""
    pytest.importorskip("distributed")
    started = Cluster(tmp_path_factory.mktemp("cluster"))
    yield started
    started.stop()


@pytest.fixture
def cluster(scheduler: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """The scheduler, without a worker before and after; on a busy machine they take their time."""
    monkeypatch.setattr("aicompute.sweeps.runners.PATIENCE", 300)
    yield scheduler
    scheduler.stop_workers()


def _soon(happens: Any, seconds: float = 300) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if happens():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes(swept: Path, cluster: Cluster, tmp_path: Path) -> None:
    cluster.worker()
    cluster.worker()
    output = tmp_path / "out.csv"
    done = run(sweep_file(tmp_path), "--output", output, "--scheduler", cluster.address)
    assert done.exit_code == 0, done.stderr
    assert output.read_bytes() == swept.read_bytes()


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table of a sweep with time enough to be disturbed, written on one core."""
    folder = tmp_path_factory.mktemp("larger")
    run_sweep(sweep_file(folder, samples=LARGER), folder / "out.csv")
    return folder / "out.csv"


@pytest.mark.slow
def test_a_worker_killed_midway_loses_nothing(
    larger: Path, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, output = sweep_file(tmp_path, samples=LARGER), tmp_path / "out.csv"
    doomed, _ = cluster.worker(), cluster.worker()
    keep, kept = Chunks.keep, set()

    def keep_and_kill(self: Chunks, number: int, results: Any) -> None:
        keep(self, number, results)
        kept.add(number)
        if len(kept) == 2:
            doomed.kill()
            doomed.wait()

    monkeypatch.setattr(Chunks, "keep", keep_and_kill)
    done = run(path, "--output", output, "--scheduler", cluster.address)
    assert done.exit_code == 0, done.stderr
    # The worker died in the midst of the sweep.
    assert kept == set(range(6))
    assert output.read_bytes() == larger.read_bytes()


class Lost:
    """A chunk whose result cannot be fetched: what a client holds once its scheduler is gone."""

    def __init__(self, status: str, error: Exception) -> None:
        self.status, self._error = status, error

    def result(self) -> Any:
        raise self._error


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        ("cancelled", RuntimeError("cancelled"), "the scheduler is gone"),
        ("pending", OSError("in <TCP (closed)>: Stream is closed"), "the scheduler is gone"),
        ("finished", OSError("in <TCP (closed)>: Stream is closed"), "the scheduler is gone"),
        ("error", MemoryError("no memory"), "the cluster gave up: MemoryError: no memory"),
        ("error", OSError("disk"), "the cluster gave up: OSError: disk"),
    ],
)
def test_a_lost_scheduler_is_told_from_a_failed_chunk_whenever_it_went(
    status: str, error: Exception, said: str
) -> None:
    with pytest.raises(BuildError, match=re.escape(f"{said}; what is done is kept")):
        fetch(Lost(status, error))


@pytest.mark.slow
def test_a_scheduler_that_dies_midway_is_named_and_the_sweep_goes_on_without_it(
    larger: Path, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    path, output = sweep_file(tmp_path, samples=LARGER), tmp_path / "out.csv"
    cluster = Cluster(tmp_path)
    cluster.worker()
    # Of its own process: what Dask logs of it goes to the error stream of the process.
    try:
        running = held(tmp_path, path, "--output", output, "--scheduler", cluster.address)
    finally:
        cluster.stop()
    (tmp_path / "go on").touch()
    _, said = running.communicate(timeout=300)
    assert (running.returncode, said.count("\n")) == (1, 1), said
    assert "the scheduler is gone; what is done is kept" in said
    assert not output.exists()
    assert run(path, "--output", output, "--jobs", 2).exit_code == 0
    assert output.read_bytes() == larger.read_bytes()


@pytest.mark.slow
def test_a_scheduler_without_workers_is_named(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import distributed

    class Reached(distributed.Client):
        """A client whose patience shrinks once it has reached the scheduler, busy as that may be.
        """

        def __init__(self, *arguments: Any, **settings: Any) -> None:
            super().__init__(*arguments, **settings)
            monkeypatch.setattr("aicompute.sweeps.runners.PATIENCE", 0.5)

    monkeypatch.setattr(distributed, "Client", Reached)
    done = run(sweep_file(tmp_path), "--output", tmp_path / "o.csv", "--scheduler", cluster.address)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "the scheduler has no worker" in done.stderr


@pytest.mark.slow
def test_no_scheduler_at_the_address_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("aicompute.sweeps.runners.PATIENCE", 0.5)
    done = run(sweep_file(tmp_path), "--output", tmp_path / "o.csv",
               "--scheduler", "tcp://127.0.0.1:9")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "no scheduler answers" in done.stderr


def test_without_dask_the_option_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CallError, match=r"pip install 'aicompute\[cluster\]'"):
        run_on_cluster(Chunks(tmp_path / "out.csv", task_of(sweep_file(tmp_path))), "tcp://a:1")


def test_texts_of_an_axis_are_what_set_reads() -> None:
    axis = Axis("without", "grid", values=((), ("dqn", "gnmt")))
    assert axis.texts(np.array([1, 0])).tolist() == ["dqn,gnmt", as_text(())]


def test_numbers_are_told_from_names() -> None:
    assert (is_numeric("gpu_utilization"), is_numeric("samples"), is_numeric("since")) == (
        True, False, False)
