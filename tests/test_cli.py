"""The command line: what it prints where, and the status it ends with."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result
from papermill.inspection import inspect_notebook

from aicompute.assumptions import Assumptions
from aicompute.book.order import OUTPUT, Order, Outcome
from aicompute.cli import main
from aicompute.study import Study

ROOT = Path(__file__).resolve().parent.parent


def run(*arguments: str, columns: int = 100) -> Result:
    """Run a command in a terminal of that many columns."""
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(main, arguments)


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> list[Order]:
    """What `build` orders, instead of a built book."""
    given: list[Order] = []

    def record(order: Order) -> Outcome:
        given.append(order)
        return Outcome(order.output / "html" / "index.html", order.output, (), (), changed=False)

    monkeypatch.setattr("aicompute.book.build.build", record)
    # Where the repository has a book that is up to date, nothing would be ordered.
    monkeypatch.setattr("aicompute.book.order.unchanged", lambda order: None)
    return given


def test_the_baseline_goes_to_the_build_folder(orders: list[Order]) -> None:
    run("build")
    assert orders[0].output == OUTPUT


def test_a_scenario_goes_to_a_folder_of_its_name(orders: list[Order]) -> None:
    run("build", "--scenario", "without-alphabet")
    assert orders[0].output == OUTPUT / "scenarios" / "without-alphabet"


def test_a_setting_goes_to_a_folder_that_says_it(orders: list[Order]) -> None:
    run("build", "--set", "gpu_utilization=0.5")
    assert orders[0].output == OUTPUT / "scenarios" / "gpu_utilization=0.5"


def test_a_setting_on_a_scenario_comes_on_top(orders: list[Order]) -> None:
    run("build", "--scenario", "high-utilization", "--set", "gpu_utilization=0.4")
    assert orders[0].assumptions.gpu_utilization == 0.4
    assert orders[0].assumptions.values == "recounted"


def test_a_setting_at_its_default_builds_the_baseline(orders: list[Order]) -> None:
    run("build", "--set", "gpu_utilization=0.33")
    assert orders[0].output == OUTPUT


def test_build_prints_the_path_and_nothing_else(orders: list[Order]) -> None:
    assert run("build").stdout == f"{OUTPUT / 'html' / 'index.html'}\n"


@pytest.mark.parametrize("taken", ["html", "results.json"])
def test_a_folder_that_holds_somebody_elses_files_is_refused_and_left(
    orders: list[Order], tmp_path: Path, taken: str
) -> None:
    # Its html was deleted and its results.json overwritten, with exit status 0.
    (tmp_path / "html").mkdir()
    thesis = tmp_path / "html" / "thesis.html" if taken == "html" else tmp_path / taken
    thesis.write_text("five years of work", encoding="utf-8")
    if taken != "html":
        (tmp_path / "html").rmdir()
    done = run("build", "--output", str(tmp_path))
    assert (done.exit_code, orders, thesis.read_text("utf-8")) == (2, [], "five years of work")
    assert done.stderr == (
        f"--output {tmp_path}: got a folder whose {taken} is no book of this report; "
        "allowed: a new folder, or one of a build\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == [taken]


def test_a_folder_of_an_earlier_build_is_taken(orders: list[Order], tmp_path: Path) -> None:
    for name in ("html", ".work"):
        (tmp_path / name).mkdir()
    (tmp_path / "results.json").write_text("{}", encoding="utf-8")
    assert run("build", "--output", str(tmp_path)).exit_code == 0


def test_every_option_takes_a_relative_path(
    orders: list[Order], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A relative --output failed once all pages had run: Sphinx looks from another folder.
    shutil.copytree(ROOT / "data", tmp_path / "tables")
    scenario = tmp_path / "mine.yml"
    scenario.write_text("title: Mine\nwhy: Mine.\nassumptions:\n  seed: 1\n", encoding="utf-8")
    plan = "title: Mine\nvary:\n  gpu_utilization: {grid: [0.3, 0.4]}\n"
    (tmp_path / "plan.yml").write_text(plan, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    here = ("--data", "tables")
    assert run("build", "--output", "book", *here, "--scenario", "mine.yml").exit_code == 0
    assert orders[0].output == tmp_path / "book"
    assert run("check", *here).exit_code == 0
    assert run("trend", *here, "--scenario", "./mine.yml").exit_code == 0
    assert run("estimate", "alexnet", *here).exit_code == 0
    assert run("results", *here, "--output", "numbers").stdout == "numbers/results.json\n"
    assert run("compare", "numbers", "numbers/results.json").exit_code == 0
    assert run("notebooks", *here, "--output", "../" + tmp_path.name + "/pages").exit_code == 0
    swept = run("sweep", "plan.yml", *here, "--output", "o.csv", "--summary", "s.json")
    assert swept.exit_code == 0, swept.output
    made = {"numbers", "pages", "o.csv", "s.json"}
    assert made <= {path.name for path in tmp_path.iterdir()}


def test_build_refuses_all_scenarios_under_a_setting(orders: list[Order]) -> None:
    done = run("build", "--all-scenarios", "--set", "gpu_utilization=0.5")
    assert (done.exit_code, orders) == (2, [])


@pytest.mark.parametrize("command", ["build", "estimate", "trend", "results"])
def test_help_names_every_assumption_with_its_range(command: str) -> None:
    text = run(command, "--help").stdout
    assert all(name in text for name in Assumptions.model_fields)
    assert "number from 0.001 to 1" in " ".join(text.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("trend", "--set", "gpu_utilisation=0.5"),
        ("trend", "--set", "gpu_utilization=33"),
        ("trend", "--set", "gpu_utilization"),
        ("trend", "--set", "without=alexnt"),
        ("trend", "--set", "since=2017-09-01"),
        ("trend", "--json", "--set", "since=2017-09-01"),
        ("results", "--set", "since=2017-09-01"),
        ("build", "--set", "since=2017-09-01"),
        ("build", "--set", "until=2012-01-01"),
        ("build", "--set", "without=alexnt"),
        ("trend", "--scenario", "nobody"),
        ("estimate", "alexnt"),
        ("compare", "baseline", "nobody"),
        ("compare", "nobody", "baseline"),
        ("trend", "--scenario", ""),
        ("trend", "--set", "seed=1", "--set", "seed=2"),
        ("trend", "--sett", "seed=1"),
        ("trend", "surplus"),
        ("--sett",),
        ("trent",),
        ("estimate",),
        ("build", "--jobs", "0"),
        ("build", "--output", __file__),
        ("notebooks", "--output", __file__),
        ("results", "--output", __file__),
        ("compare", "baseline", "baseline", "--format", "xml"),
        ("trend", "--data"),
        ("check", "--data", "/nowhere"),
        ("trend", "--data", __file__),
        ("results", "--data", ""),
        ("build", "--output", ""),
        ("results", "--output", ""),
        ("notebooks", "--output", ""),
        ("trend", "--scenario", "recounted", "--scenario", "replicated"),
        ("trend", "--data", "data", "--data", "data"),
        ("build", "--jobs", "1", "--jobs", "2"),
        ("build", "--warm-kernels", "--no-warm-kernels"),
        ("compare", "baseline", "baseline", "--format", "json", "--format", "table"),
        ("trend", "--set", "gpu_utilization=a\nb"),
        ("trend", "--set", "gpu\nutilization=1"),
        ("trend", "--set", "seed=1", "--set", "seed=\n2"),
        ("trend", "--set", "\n"),
        ("trend", "--scenario", "a\nb"),
        ("compare", "baseline", "a\nb"),
        ("estimate", "a\nb"),
        ("trend", "a\nb"),
        ("a\nb",),
    ],
)
def test_a_call_at_fault_says_so_in_one_line_and_ends_with_2(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("trend", "--scenario", "recounted", "--scenario", "replicated"),
         "option --scenario: given more than once; allowed: once"),
        (("build", "--output", ""), "'--output': '' names no folder"),
        (("sweep", "any.yml", "--output", ""), "'--output': '' names no file"),
        (("sweep", "any.yml", "--output", "any.csv", "--summary", ""),
         "'--summary': '' names no file"),
        (("sweep", "", "--output", "any.csv"), "'FILE': '' names no file"),
        (("trend", "--set", "gpu_utilization="), "assumption gpu_utilization: got ''; allowed: "),
        (("trend", "--set", "gpu_utilization=a\nb"), r"gpu_utilization: got 'a\nb'; allowed: "),
        (("trend", "--set", "gpu\nuse=1"), r"assumption 'gpu\nuse': unknown; "),
    ],
)
def test_a_refusal_says_what_was_given(arguments: tuple[str, ...], said: str) -> None:
    assert said in run(*arguments).stderr


@pytest.mark.parametrize(
    "fault",
    [
        ("--set", "gpu_utilisation=0.5"),
        ("--set", "gpu_utilization=much"),
        ("--set", "gpu_utilization=33"),
        ("--set", "since=2017-09-01"),
        ("--set", "without=alexnt"),
        ("--scenario", "nobody"),
        ("--data", "nowhere"),
        ("--jobs", "none"),
    ],
)
def test_a_build_whose_call_is_at_fault_says_so_in_one_line_and_touches_nothing(
    orders: list[Order], tmp_path: Path, fault: tuple[str, ...]
) -> None:
    done = run("build", "--output", str(tmp_path / "out"), *fault)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert (orders, list(tmp_path.iterdir())) == ([], [])


def test_an_unknown_system_is_refused_with_the_nearest() -> None:
    assert "did you mean alexnet?" in run("estimate", "alexnt").stderr


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("trent",), "command trent: unknown; did you mean trend? valid: build, check, compare, "),
        (("trend", "--sett"), "option --sett: unknown; did you mean --set? valid: --set, --scen"),
    ],
)
def test_a_misspelt_command_or_option_is_refused_with_the_nearest(
    arguments: tuple[str, ...], line: str
) -> None:
    assert line in run(*arguments).stderr


def test_without_a_command_the_commands_are_shown() -> None:
    done = run()
    assert (done.exit_code, "estimate" in done.stderr) == (2, True)


@pytest.mark.parametrize("command", [("trend",), ("estimate", "dqn"), ("results",), ("check",)])
def test_damaged_tables_are_named_and_end_with_1(
    data: Path, command: tuple[str, ...]
) -> None:
    path = data / "chips.csv"
    path.write_text(path.read_text("utf-8").replace(",gpu,", ",gppu,", 1), "utf-8")
    done = run(*command, "--data", str(data))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "chips.csv:" in done.stderr


def test_estimate_writes_the_formula_with_its_numbers() -> None:
    # The article's example of method 2: two GTX 580 for five to six days.
    text = run("estimate", "alexnet").stdout
    assert "2 GeForce GTX 580 × 5.50 days × 1.58×10¹² FLOP/s × 0.330 of the peak = " in text


def test_estimate_says_where_each_factor_comes_from() -> None:
    text = run("estimate", "alexnet").stdout
    assert "assumption gpu_utilization" in text
    assert "source: Krizhevsky et al. 2012, section 5" in text


def test_estimate_does_not_pass_our_guesses_and_counts_off_as_the_sources() -> None:
    # "Roughly 90 cycles" gives no ends, and the layer table is ours; the pages say so.
    text = run("estimate", "alexnet").stdout
    assert "85 to 95 (our guess), the source's" in text
    assert "alexnet  our layer table" in text
    assert "for a kind of chip that is a guess" in run("estimate", "bert_large").stdout


def test_estimate_of_a_system_without_calculation_says_so() -> None:
    assert "no calculation" in run("estimate", "gpt_3").stdout


def test_estimate_ends_each_calculation_in_pfs_days() -> None:
    # 1 pfs-day is 10^15 FLOP/s for 86,400 s; 3.25e23 and 6.33e20 FLOP are 3.26e23 in all.
    text = run("estimate", "alphago_zero").stdout
    assert ("(3.25×10²³ FLOP + 6.33×10²⁰ FLOP) / 8.64×10¹⁹ FLOP per pfs-day = 3,775 pfs-days"
            in text)


def test_estimate_says_who_published_what(study: Study) -> None:
    text = run("estimate", "gpt_3").stdout
    # Brown et al. 2020, table D.1: 3.64E+03 petaflop/s-days.
    assert re.search(r"published +3,640\n", text)
    assert "source of the published value: Brown et al. 2020, appendix D, table D.1" in text


def test_estimate_under_an_altered_assumption_shows_the_baseline_beside_it() -> None:
    plain, altered = run("estimate", "dota_1v1"), run("estimate", "dota_1v1", "--set",
                                                      "gpu_utilization=0.5")
    assert "baseline" not in plain.stdout
    assert "under gpu_utilization=0.5 (baseline 0.33)" in altered.stdout
    assert "altered assumption gpu_utilization" in altered.stdout


def test_trend_writes_its_formulas_with_their_numbers() -> None:
    # 1 June 2012 to 19 October 2017 is 1,966 days, which are 64.6 months of 30.4375 days.
    text = run("trend").stdout
    assert "1,862 / 0.00579 pfs-days" in text
    assert re.search(r"Moore's law meanwhile +12× +2\^\(64\.6 / 18\)", text)


def test_trend_under_altered_assumptions_shows_the_baseline_beside_it() -> None:
    text = run("trend", "--set", "without_alphabet=true").stdout
    assert "Under without_alphabet=true (baseline false)." in text
    assert "baseline 3.44 months" in text


def test_trend_says_so_where_an_assumption_moves_nothing() -> None:
    # Plotted points do not depend on a utilization.
    text = run("trend", "--set", "gpu_utilization=0.5").stdout
    assert "gpu_utilization=0.5 (baseline 0.33), which moves none of these numbers." in text


def test_trend_marks_what_stands_in() -> None:
    text = run("trend", "--set", "values=replicated").stdout
    assert "1,862*" in text
    assert "* the published value, where there is no replicated one" in text


def test_trend_names_the_sources_of_its_values() -> None:
    assert "Krizhevsky et al. 2012" in run("trend", "--set", "values=recounted").stdout


@pytest.mark.parametrize("columns", [40, 60, 100])
def test_trend_has_a_bar_for_every_system(study: Study, columns: int) -> None:
    lines = run("trend", columns=columns).stdout.splitlines()
    assert sum("█" in line for line in lines) == len(study.fitted)


@pytest.mark.parametrize("columns", [40, 50, 80, 120])
@pytest.mark.parametrize("command", [("trend",), ("estimate", "alphago_zero")])
def test_no_line_is_wider_than_the_terminal(command: tuple[str, ...], columns: int) -> None:
    text = run(*command, "--scenario", "high-utilization", columns=columns).stdout
    assert max(map(len, text.splitlines())) <= columns


@pytest.mark.parametrize(
    ("command", "prefixes"),
    [(("trend",), ("trend.", "growth.", "moore.")), (("estimate", "dqn"), ("systems.dqn.",))],
)
def test_json_holds_the_numbers_asked_for_and_no_others(
    command: tuple[str, ...], prefixes: tuple[str, ...]
) -> None:
    document = json.loads(run(*command, "--json").stdout)
    assert set(document) == {"assumptions", "data_sha256", "results"}
    assert document["results"]
    assert all(name.startswith(prefixes) for name in document["results"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", ["trend", "trend --json", "estimate dqn", "estimate dqn --json", "check"])
def test_a_command_runs_in_a_process_where_nothing_else_has(command: str) -> None:
    # Here the tests have imported everything; --json alone once knew no results.
    done = subprocess.run(
        [sys.executable, "-m", "aicompute", *command.split()], cwd=ROOT, capture_output=True,
        text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\n")


def test_json_and_text_say_the_same(study: Study) -> None:
    document = json.loads(run("trend", "--json").stdout)
    number = document["results"]["trend.published.doubling_time_months"]["value"]
    assert f"{number:.2f} months" in run("trend").stdout


@pytest.fixture
def few(tmp_path: Path) -> str:
    """A scenario file under which two systems are left."""
    path = tmp_path / "few.yml"
    path.write_text("title: Few\nwhy: Two.\nassumptions: {since: 2017-09-01}\n", "utf-8")
    return str(path)


@pytest.mark.parametrize(
    "command", ["trend --scenario", "results --scenario", "build --scenario", "compare baseline"])
def test_a_scenario_that_leaves_too_few_systems_for_a_fit_is_refused(
    few: str, command: str
) -> None:
    done = run(*command.split(), few)
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", (
        "since=2017-09-01: a fit needs at least 3 points, got 2; the assumptions leave out too "
        "much\n"))


def test_an_estimate_needs_no_fit(few: str) -> None:
    assert run("estimate", "alphago_zero", "--scenario", few).exit_code == 0


@pytest.mark.parametrize("settings", [(), ("--set", "seed=1")])
def test_tables_with_too_few_systems_for_a_fit_are_named_and_end_with_1(
    data: Path, settings: tuple[str, ...]
) -> None:
    path = data / "systems.csv"
    path.write_text(path.read_text("utf-8").replace(",chart,", ",later,"), "utf-8")
    done = run("trend", "--data", str(data), *settings)
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", (
        f"{path}: set: a fit needs at least 3 points, got 0, of the set chart with a value in "
        "published.csv\n"))


def refuse_constant(constant: str) -> float:
    """Refuse NaN and Infinity, which JSON lacks and Python writes and reads."""
    raise AssertionError(constant)


@pytest.mark.parametrize(
    ("settings", "result", "end"),
    [
        # Of three systems at 99.9 %: their slope may be steeper than any number, once a traceback.
        ("since=2014-01-01 until=2017-01-01 record_setters_only=true confidence=0.999",
         "ahead.at_article.purchase_million_usd", "high"),
    ],
)
def test_what_lies_beyond_any_number_is_open_and_says_nothing_on_standard_error(
    settings: str, result: str, end: str
) -> None:
    sets = [part for each in settings.split() for part in ("--set", each)]
    done = run("results", "--set", "samples=200", *sets)
    assert (done.exit_code, done.stderr) == (0, "")
    found = json.loads(done.stdout, parse_constant=refuse_constant)["results"]
    assert found[result][end] is None


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        # Divided by 33 %, nothing is left of it: a division by zero, once a traceback.
        ("gpu_utilization=5e-324", "got 5e-324; allowed: number from 0.001 to 1"),
        # 1,862 pfs-days in 40 days at 1e-300 of the peak: 5e316 FLOP/s, more than any number.
        ("gpu_utilization=1e-300", "got 1e-300; allowed: number from 0.001 to 1"),
        ("run_days=1e-300", "got 1e-300; allowed: number from 0.01 to 1000"),
        # What a dollar buys doubles every nine hours: 2 to the 8,766th within ten years.
        ("price_doubling_years=0.001", "got 0.001; allowed: number from 0.1 to 100, or 0"),
    ],
)
def test_what_would_lead_beyond_any_number_is_refused_in_one_line(setting: str, line: str) -> None:
    done = run("results", "--set", setting)
    named = setting.partition("=")[0]
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", f"assumption {named}: {line}\n")


def test_an_interval_without_end_is_open_and_no_number_that_json_lacks() -> None:
    steep = ["since=2014-01-01", "until=2017-01-01", "record_setters_only=true", "confidence=0.999"]
    done = run("trend", "--json", *(part for each in steep for part in ("--set", each)))
    assert (done.exit_code, done.stderr) == (0, "")
    found = json.loads(done.stdout, parse_constant=refuse_constant)["results"]
    assert found["trend.published.growth_per_year"]["high"] is None


def test_results_are_printed_whole(study: Study) -> None:
    document = json.loads(run("results").stdout)
    assert document["data_files"] == study.dataset.checksums()
    assert document["claims"]["growth_factor"] == "reproduced"
    assert "alexnet" in document["systems"]


def test_results_are_written_with_the_tables_they_come_from(tmp_path: Path, data: Path) -> None:
    done = run("results", "--output", str(tmp_path / "out"), "--data", str(data))
    assert done.stdout == f"{tmp_path / 'out' / 'results.json'}\n"
    copy = tmp_path / "out" / "data" / "chips.csv"
    assert copy.read_bytes() == (data / "chips.csv").read_bytes()


@pytest.mark.slow
def test_output_survives_a_reader_that_leaves() -> None:
    # `aicompute results | head -1` must not end in a traceback.
    command = f"{sys.executable} -m aicompute results | head -n 1"
    done = subprocess.run(
        command, shell=True, cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.stdout, "Traceback" in done.stderr) == ("{\n", False)


def test_a_full_disk_ends_in_one_line() -> None:
    # Unbuffered, nothing is left to be written again when Python ends.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "aicompute", "check"], cwd=ROOT, stdout=full, check=False,
            stderr=subprocess.PIPE, text=True, env={**environment, "PYTHONPATH": str(ROOT)},
        )
    assert (done.returncode, done.stderr) == (1, "standard output: No space left on device\n")


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every page as a notebook."""
    folder = tmp_path_factory.mktemp("notebooks")
    done = run("notebooks", "--output", str(folder))
    assert done.exit_code == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(list(folder.rglob("*.ipynb")))
    return folder


def test_every_system_of_the_chart_has_its_notebook(notebooks: Path, study: Study) -> None:
    names = {path.stem for path in (notebooks / "systems").iterdir()}
    assert names >= set(study.fitted["system_id"])


def test_a_systems_notebook_is_about_that_system(notebooks: Path) -> None:
    notebook = nbformat.read(notebooks / "systems" / "resnet.ipynb", as_version=4)
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert "system_id: str = 'resnet'" in cell.source


def test_papermill_reads_the_type_and_the_meaning_of_every_assumption(notebooks: Path) -> None:
    # Without a type it shows every parameter as of an unknown one.
    found = inspect_notebook(str(notebooks / "trend.ipynb"))
    assert set(found) == set(Assumptions.model_fields)
    types = {name: "list" if isinstance(default, tuple) else "str"
             if isinstance(default, datetime.date) else type(default).__name__
             for name, default in Assumptions().model_dump().items()}
    assert {name: facts["inferred_type_name"] for name, facts in found.items()} == types
    assert found["gpu_utilization"]["help"].endswith("number from 0.001 to 1")
    assert found["without"]["help"].endswith("list of names (papermill -p without dqn,alexnet)")


@pytest.mark.slow
@pytest.mark.parametrize("page", ["trend", "systems/alexnet"])
def test_an_exported_notebook_runs_under_plain_papermill(
    notebooks: Path, tmp_path: Path, page: str
) -> None:
    output = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", f"{notebooks / page}.ipynb", str(output),
               "-p", "gpu_utilization", "0.5", "-p", "values", "recounted",
               # As the parameters cell says that a list is given.
               "-p", "without", "dqn,alexnet"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    cells = nbformat.read(output, as_version=4).cells
    injected = [c.source for c in cells if "injected-parameters" in c.metadata.get("tags", [])]
    assert len(injected) == 1
    assert "gpu_utilization = 0.5" in injected[0]
    assert 'without = "dqn,alexnet"' in injected[0]
    assert not any(o.output_type == "error" for c in cells for o in c.get("outputs", []))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("gpu_utilization", "33", "got 33; allowed: number from 0.001 to 1"),
        # Papermill by itself only warns of a name it does not find, and runs with the default.
        ("gpu_utilisation", "0.5", "unknown; did you mean gpu_utilization?"),
    ],
)
def test_papermill_with_a_parameter_at_fault_fails_and_says_what_is_allowed(
    notebooks: Path, tmp_path: Path, name: str, value: str, line: str
) -> None:
    command = [sys.executable, "-m", "papermill", f"{notebooks / 'trend'}.ipynb",
               str(tmp_path / "out.ipynb"), "-p", name, value]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode != 0
    assert line in done.stderr
