"""The command line: what each command prints, and the exit status it ends with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from aicompute.cli import main


def run(*arguments: str) -> Result:
    """Call a command in this process."""
    return CliRunner(env={"COLUMNS": "100"}).invoke(main, arguments)


def test_the_tables_of_the_report_are_sound() -> None:
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, "the tables are sound\n")


def test_trend_prints_the_articles_doubling_time_with_its_interval() -> None:
    # The article prints 3.43 months; least squares on its points gives 3.44.
    result = run("trend")
    assert result.exit_code == 0
    assert re.search(r"doubling time\s+3\.44 months.*2\.59 to 5\.09", result.stdout)


def test_trend_under_altered_assumptions_names_them() -> None:
    result = run("trend", "--set", "values=recounted")
    assert result.exit_code == 0
    assert "values = recounted" in result.stdout or "values=recounted" in result.stdout


def test_estimate_multiplies_out_what_the_article_prints_of_alexnet() -> None:
    # 2 cards x 5.5 days x 86,400 s x 1.58e12 FLOP/s x 0.33 / 8.64e19 = 0.0057 pfs-days.
    result = run("estimate", "alexnet")
    assert result.exit_code == 0
    assert "0.00574" in result.stdout


def test_json_holds_the_same_number_as_the_results_of_the_book() -> None:
    result = run("trend", "--json")
    found = json.loads(result.stdout)["results"]["trend.published.doubling_time_months"]
    assert (round(found["value"], 2), found["unit"]) == (3.44, "months")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["estimate", "alexnett"], "alexnet"),
        (["trend", "--set", "gpu_utilisation=0.5"], "gpu_utilization"),
        (["trend", "--set", "gpu_utilization=5"], "0.001 to 1"),
        (["trend", "--scenario", "without-alphabeth"], "without-alphabet"),
        (["trend", "--set", "until=2012-06-30"], "a fit needs"),
        (["compare", "baseline", "nothing-of-the-kind"], "nothing-of-the-kind"),
        (["build", "--all-scenarios", "--set", "gpu_utilization=0.5"], "--all-scenarios"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_a_wrong_call_ends_with_status_2_and_one_line_that_helps(
    arguments: list[str], said: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_unsound_tables_end_a_command_with_status_1(data: Path) -> None:
    chips = data / "chips.csv"
    text = chips.read_text(encoding="utf-8")
    chips.write_text(text.replace("GTX 580,", "GTX 580 ,", 1), encoding="utf-8")
    result = run("trend", "--data", str(data))
    assert result.exit_code == 1
    assert re.search(r"chips\.csv:\d+: name: 'GeForce GTX 580 ': ", result.stderr)


def test_help_of_a_command_lists_every_assumption() -> None:
    from aicompute.assumptions import Assumptions

    text = run("trend", "--help").stdout
    assert [name for name in Assumptions.model_fields if name not in text] == []


@pytest.mark.slow
def test_results_are_printed_without_a_word_of_what_cells_print(tmp_path: Path) -> None:
    result = run("results", "--output", str(tmp_path))
    assert result.exit_code == 0, result.stderr
    found = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert len(found["results"]) > 1000
    assert (tmp_path / "data" / "systems.csv").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--help"], ["check"]])
def test_a_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    # Into `head -0`: the pipe is closed before anything is written.
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, "-m", "aicompute", *arguments], cwd=ROOT, stdout=write,
                          stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert "Traceback" not in done.stderr
