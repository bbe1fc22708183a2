"""Sweeps: the numbers of one setting at a time, on one machine or many, whole or not at all."""

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import Result
from conftest import ROOT
from conftest import run as call
from scipy import stats

from aicompute.assumptions import Assumptions, parse_assumptions
from aicompute.commands.options import SWEEP_FILE
from aicompute.errors import BuildError
from aicompute.methods import estimates
from aicompute.sweeps import run as running
from aicompute.sweeps.evaluate import RESULTS
from aicompute.sweeps.plan import KEYS, load_plan, parse_plan
from aicompute.sweeps.run import run_sweep
from aicompute.trend import fit, fitted_systems

#: Every kind of axis.
CONTENT: dict[str, Any] = {
    "title": "A sweep of every kind",
    "assumptions": {"values": "recounted"},
    "vary": {
        "chip_rating": {"grid": ["article", "base"]},
        "passes_per_example": {"linspace": [2, 3, 3]},
        "record_setters_only": {"choice": [True, False]},
        "method": {"choice": ["preferred", "method_1", "method_2"]},
        "gpu_utilization": {"uniform": [0.1, 0.6]},
        "tpu_utilization": {"loguniform": [0.1, 0.6]},
        "cpu_utilization": {"normal": [0.17, 0.05]},
    },
    "samples": 2000,
    "seed": 7,
}


def sweep_file(folder: Path, **altered: Any) -> Path:
    """A sweep file with parts of CONTENT altered; None takes a part out."""
    content = {k: v for k, v in {**CONTENT, **altered}.items() if v is not None}
    path = folder / "sweep.yml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    return call("sweep", *map(str, arguments))


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table of CONTENT: 12,000 settings in two chunks."""
    folder = tmp_path_factory.mktemp("swept")
    done = run(sweep_file(folder), "--output", folder / "out.csv", "--summary", folder / "s.json")
    assert (done.exit_code, done.stdout) == (0, f"{folder / 'out.csv'}\n"), done.stderr
    return folder / "out.csv"


# --- the numbers ------------------------------------------------------------------------------


def one_at_a_time(assumptions: Assumptions) -> list[float]:
    """The results of one setting, by the functions that the chapters use."""
    systems = fitted_systems(estimates(assumptions), assumptions)
    trend = fit(systems, assumptions)
    first, largest = systems.iloc[0], systems.loc[systems["pfs_days"].idxmax()]
    months = (largest["date"] - first["date"]).days / assumptions.days_per_month
    return [*trend.doubling_time, *trend.growth_per_year, len(systems),
            largest["pfs_days"] / first["pfs_days"], months,
            2 ** (months / assumptions.moore_doubling_months)]


@pytest.mark.parametrize("setting", [0, 1, 4321, 8191, 8192, 11_999])
def test_a_row_holds_what_its_setting_gives_by_itself(swept: Path, setting: int) -> None:
    row = pd.read_csv(swept, dtype={"record_setters_only": str}).iloc[setting]
    given = {name: row[name] for name in CONTENT["vary"]}
    found = one_at_a_time(parse_assumptions({**CONTENT["assumptions"], **given}))
    assert row["setting"] == setting
    assert [row[name] for name in RESULTS] == pytest.approx(found, rel=1e-9)


@pytest.mark.parametrize("fixed", [
    {"values": "published"}, {"values": "replicated", "without_alphabet": True},
    {"values": "recounted", "published_stands_in": False},
    {"values": "recounted", "since": "2014-01-01", "without": ["gnmt", "nas"]},
])
def test_numbers_that_vary_together_have_those_of_each_setting(
    tmp_path: Path, fixed: dict[str, Any]
) -> None:
    vary = {"gpu_utilization": {"grid": [0.2, 0.6]}, "confidence": {"grid": [0.5, 0.999]},
            "operations_per_multiply_add": {"grid": [1, 2]}, "days_per_month": {"grid": [30]},
            "moore_doubling_months": {"grid": [24]}, "cpu_utilization": {"grid": [0.3]}}
    file = sweep_file(tmp_path, assumptions=fixed, vary=vary, samples=None, seed=None)
    run_sweep(file, tmp_path / "out.csv")
    for row in pd.read_csv(tmp_path / "out.csv").to_dict("records"):
        given = parse_assumptions({**fixed, **{name: row[name] for name in vary}})
        assert [row[name] for name in RESULTS] == pytest.approx(one_at_a_time(given), rel=1e-9)


def test_too_few_systems_leave_the_fit_empty_and_count_the_points(tmp_path: Path) -> None:
    file = sweep_file(tmp_path, assumptions={"since": "2000-01-01"}, samples=None, seed=None,
                      vary={"until": {"grid": ["2012-06-30", "2011-12-31", "2017-12-31"]}})
    summary = run_sweep(file, tmp_path / "out.csv")
    rows = pd.read_csv(tmp_path / "out.csv")
    assert rows["points"].tolist() == [1, 0, 15]
    assert rows["doubling_time_months"].isna().tolist() == [True, True, False]
    assert summary["without_fit"] == 2


# --- the settings ------------------------------------------------------------------------------


def test_the_settings_are_every_combination_with_the_same_draws_in_any_chunk() -> None:
    plan = parse_plan({**CONTENT, "samples": 5000})
    columns, part = plan.columns(0, plan.size), plan.columns(4090, 4100)
    assert plan.size == 2 * 3 * 5000
    draws = columns["gpu_utilization"].reshape(6, 5000)
    assert (draws == draws[0]).all()
    assert columns["passes_per_example"].reshape(6, 5000)[:, 0].tolist() == [2, 2.5, 3] * 2
    assert all((part[name] == columns[name][4090:4100]).all() for name in columns)


@pytest.mark.parametrize(("spec", "expected"), [
    ({"linspace": [0.2, 0.4, 3]}, [0.2, 0.3, 0.4]), ({"logspace": [0.1, 0.4, 3]}, [0.1, 0.2, 0.4]),
    ({"grid": [0.5, 0.1]}, [0.5, 0.1]),
])
def test_ranges_are_laid_out_as_their_names_say(spec: Any, expected: list[float]) -> None:
    plan = parse_plan({"vary": {"gpu_utilization": spec}})
    assert plan.columns(0, 3)["gpu_utilization"] == pytest.approx(expected)


@pytest.mark.parametrize(("spec", "median"), [
    # The median of a log-uniform distribution is the geometric mean of its ends.
    ({"uniform": [0.1, 0.5]}, 0.3), ({"loguniform": [0.1, 0.4]}, 0.2),
    # scipy.stats.truncnorm(-0.1495, 0.35, loc=0.3, scale=2) over what the model allows.
    ({"normal": [0.3, 2]}, stats.truncnorm.median(-0.1495, 0.35, loc=0.3, scale=2)),
])
def test_a_distribution_has_its_median_and_stays_within_its_range(spec: Any, median: float) -> None:
    plan = parse_plan({"vary": {"gpu_utilization": spec}, "samples": 20_000, "seed": 1})
    drawn = plan.columns(0, 20_000)["gpu_utilization"]
    assert np.median(drawn) == pytest.approx(median, rel=0.02)
    assert (drawn.min() >= 0.001, drawn.max() <= 1) == (True, True)


def test_the_help_shows_a_sweep_file_with_every_key_and_every_kind(tmp_path: Path) -> None:
    (tmp_path / "help.yml").write_text(SWEEP_FILE, encoding="utf-8")
    kinds = {axis.kind for axis in load_plan(tmp_path / "help.yml").axes}
    assert set(yaml.safe_load(SWEEP_FILE)) == set(KEYS)
    assert kinds == {"grid", "linspace", "logspace", "uniform", "loguniform", "normal", "choice"}
    assert SWEEP_FILE.splitlines()[0] in run("--help").stdout


def vary(**axis: Any) -> dict[str, Any]:
    return {"vary": {"gpu_utilization": axis}}


def drawn(samples: Any = 1, seed: Any = 1, design: str = "random", **axis: Any) -> dict[str, Any]:
    return {**vary(**axis), "samples": samples, "seed": seed, "design": design}


@pytest.mark.parametrize(("content", "reason"), [
    ("[]", "expected a mapping with vary"),
    ("a: [", "sweep.yml:1: no valid YAML"),
    ("vary: {seed: {grid: [1]}}\nvary: {}\n", "sweep.yml:2: no valid YAML: vary stands twice"),
    ("vary: {seed: {grid: [010]}}\n", "sweep.yml:1: no valid YAML: 010 is no decimal number"),
    ({"vary": {}}, "nothing varies"),
    ({"vary": {"gpu_utilisation": {"grid": [1]}}}, "did you mean gpu_utilization?"),
    ({**vary(grid=[0.5]), "sample": 3}, "key sample: unknown; did you mean samples? valid:"),
    ({**vary(grid=[0.5]), "assumptions": {"gpu_utilization": 0.5}}, "one of the two"),
    ({**vary(grid=[0.5]), "assumptions": {"confidence": 7}}, "number from 0.5 to 0.999"),
    (vary(grid=[0.5, 33]), "got 33; allowed: number from 0.001 to 1"),
    (vary(range=[1, 2]), "allowed: one of grid, linspace"),
    (vary(linspace=[0.1, 0.5, 2.5]), "allowed: a whole number of values, from 2"),
    # Once the values were made before they were counted, and took all the memory there is.
    (vary(linspace=[0.1, 0.5, 10**12]), "vary: makes 1,000,000,000,000 settings; allowed: up"),
    (vary(linspace=[0.3, 0.3, 5]), "allowed: two ends that differ"),
    ({"vary": {"price_doubling_years": {"logspace": [0, 10, 3]}}}, "allowed: ends above 0"),
    (vary(grid=[0.5, 0.2, 0.5]), "allowed: each value once"),
    # A terminal would obey it.
    ({**vary(grid=[0.5]), "title": "\x1b]0;owned\a"}, "title: got '\\x1b]0;owned\\x07'"),
    ({**vary(grid=[0.5]), "assumptions": []}, "assumptions: got []; allowed: name: value"),
    (vary(uniform=[0.1, 0.5]), "samples and seed: needed"),
    (drawn(uniform=[0.5, 0.1]), "low below high"),
    (drawn(normal=[0.5, 0]), "allowed: a standard deviation above 0"),
    # These gave a table: columns without a value, or the same value throughout.
    (drawn(normal=[math.nan, 1]), "all finite numbers"),
    (drawn(normal=[50, 0.01]), "allowed: a mean from 0.001 to 1"),
    ({**vary(grid=[0.5]), "samples": 5}, "samples: given, but nothing is drawn"),
    # Ends of the span that meet in some setting.
    ({"vary": {"since": {"grid": ["2012-01-01", "2018-06-01"]}}},
     "since: got 2018-06-01; allowed: a date not after until, 2017-12-31"),
    ({"vary": {"without": {"grid": [[], ["alexnt"]]}}}, "did you mean alexnet?"),
    (drawn(uniform=[0.1, 0.5], samples=True), "whole number from 1"),
    (drawn(uniform=[0.1, 0.5], design="x"), "random, saltelli"),
    (drawn(uniform=[0.1, 0.5], samples=9, design="saltelli"), "power of two"),
    ({"vary": {"values": {"uniform": [1, 2]}}, "samples": 1, "seed": 1}, "grid, choice"),
])
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


@pytest.mark.parametrize(("arguments", "reason"), [
    (["--output", "out.xlsx"], "got .xlsx; allowed: .csv, .parquet"),
    (["--output", "out.csv", "--summary", "./out.csv"], "allowed: a file of its own"),
    (["--output", "out.csv", "--summary", "sweep.yml"], "allowed: a file of its own"),
    (["--output", "a.parquet"], "python -m pip install pyarrow"),
    (["--output", "a.csv", "--scheduler", "tcp://h:1"], "python -m pip install distributed"),
])
def test_what_cannot_be_written_or_asked_is_refused_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], reason: str
) -> None:
    monkeypatch.setattr(running, "find_spec", lambda name: None)
    monkeypatch.chdir(tmp_path)
    done = run(sweep_file(tmp_path).name, *arguments)
    assert (done.exit_code, reason in done.stderr) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.yml"]


# --- the summary -------------------------------------------------------------------------------


def test_the_summary_says_the_spread_and_what_drives_it(swept: Path) -> None:
    summary = json.loads((swept.parent / "s.json").read_text(encoding="utf-8"))
    rows = pd.read_csv(swept)
    months = rows["doubling_time_months"]
    assert summary["settings"] == len(rows) == 12_000
    assert summary["doubling_time_months"]["0.5"] == pytest.approx(months.median(), rel=1e-9)
    drivers = {driver["assumption"]: driver for driver in summary["drivers"]}
    # Values of one name are equal, and share a rank.
    for name in ("gpu_utilization", "passes_per_example", "record_setters_only"):
        expected = rows[name].astype(float).corr(months, method="spearman")
        assert drivers[name]["strength"] == pytest.approx(expected, abs=1e-9)
    between = months.rank().groupby(rows["method"]).transform("mean")
    assert drivers["method"]["strength"] == pytest.approx(
        between.std() / months.rank().std(), abs=1e-9)
    assert drivers["method"]["measure"] == "rank share"


def test_sobol_indices_are_those_of_a_second_library(tmp_path: Path) -> None:
    analyze = pytest.importorskip("SALib.analyze.sobol")
    varied = {"gpu_utilization": [0.1, 0.6], "tpu_utilization": [0.1, 0.6],
              "moore_doubling_months": [12, 30]}
    file = sweep_file(tmp_path, design="saltelli", samples=512,
                      vary={name: {"uniform": ends} for name, ends in varied.items()})
    summary = run_sweep(file, tmp_path / "out.csv")
    target = pd.read_csv(tmp_path / "out.csv")["doubling_time_months"].to_numpy()
    # Here the blocks stand one below the other: A, B, then A with one column of B; SALib takes
    # them sample by sample, with B last.
    blocks = target.reshape(5, 512)
    problem = {"num_vars": 3, "names": list(varied), "bounds": list(varied.values())}
    found = analyze.analyze(problem, np.column_stack([blocks[0], *blocks[2:], blocks[1]]).ravel(),
                            calc_second_order=False, seed=1)
    ours = {driver["assumption"]: driver for driver in summary["drivers"]}
    assert [ours[name]["sobol_total"] for name in varied] == pytest.approx(found["ST"], abs=0.02)
    assert [ours[name]["sobol_first"] for name in varied] == pytest.approx(found["S1"], abs=0.05)
    # Moore's law has no part in the fit.
    assert ours["moore_doubling_months"]["sobol_total"] == pytest.approx(0, abs=1e-9)


# --- where it runs -----------------------------------------------------------------------------


def test_parquet_holds_the_same_rows(swept: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    run_sweep(sweep_file(tmp_path), tmp_path / "out.parquet")
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "out.parquet"),
        pd.read_csv(swept, dtype={"record_setters_only": str}),
        check_dtype=False, rtol=0, atol=0)


def test_a_sweep_that_fails_leaves_the_earlier_table_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out.csv").write_text("before", encoding="utf-8")
    # What a sweep that was killed has left: no process has this number.
    (tmp_path / ".out.csv.99999999.part").write_text("half", encoding="utf-8")
    file = sweep_file(tmp_path, samples=10)

    def fail(*column: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "_cells", fail)
    done = run(file, "--output", tmp_path / "out.csv")
    assert done.exit_code == 130
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"out.csv", "sweep.yml"}


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """The address of a Dask scheduler with one worker, which is a process of its own."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None,
                                  local_directory=tmp_path) as started:
        yield started.scheduler_address


@pytest.mark.slow
def test_several_processes_and_a_cluster_give_the_same_bytes(
    swept: Path, cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PATIENCE", 120)
    for where in ({"jobs": 2}, {"scheduler": cluster}):
        run_sweep(sweep_file(tmp_path), tmp_path / "out.csv", **where)
        assert (tmp_path / "out.csv").read_bytes() == swept.read_bytes()


@pytest.mark.slow
def test_no_scheduler_at_the_address_is_named_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(running, "PATIENCE", 1)
    with pytest.raises(BuildError, match=r"^--scheduler tcp://127\.0\.0\.1:9: .*$"):
        run_sweep(sweep_file(tmp_path, samples=10), tmp_path / "out.csv",
                  scheduler="tcp://127.0.0.1:9")
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.slow
def test_a_sweep_loads_no_library_that_takes_half_a_second_and_is_not_needed(
    tmp_path: Path
) -> None:
    call = ["sweep", str(sweep_file(tmp_path, samples=10)), "--output", str(tmp_path / "o.csv")]
    code = f"from aicompute.cli import main; main({call!r}, standalone_mode=False)"
    loaded = "import sys; print({'scipy.stats', 'altair', 'papermill'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{loaded}"], cwd=ROOT, text=True,
                          check=True, capture_output=True)
    assert done.stdout.splitlines()[-1] == "set()"
