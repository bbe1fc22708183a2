"""The command line: what each command prints, and the exit status it ends with."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, edit, numbers_under, run

from aicompute.assumptions import Assumptions
from aicompute.book.order import OUTPUT, Order, Outcome
from aicompute.cells import run_cells, run_pages
from aicompute.places import DATA


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> list[Order]:
    """What `build` orders, instead of a built book."""
    given: list[Order] = []

    def take(order: Order) -> Outcome:
        given.append(order)
        return order.outcome([])

    monkeypatch.setattr("aicompute.book.build.build", take)
    return given


@pytest.mark.parametrize(("arguments", "folder", "altered"), [
    ([], OUTPUT, {}),
    (["--scenario", "without-alphabet"], OUTPUT / "scenarios" / "without-alphabet",
     {"without_alphabet": True}),
    (["--set", "gpu_utilization=0.5"], OUTPUT / "scenarios" / "gpu_utilization=0.5",
     {"gpu_utilization": 0.5}),
    (["--set", "gpu_utilization=0.33"], OUTPUT, {}),
    (["--scenario", "high-utilization", "--set", "gpu_utilization=0.4"],
     OUTPUT / "scenarios" / "high-utilization,gpu_utilization=0.4",
     {"gpu_utilization": 0.4, "tpu_utilization": 0.5, "values": "recounted"}),
])
def test_a_book_goes_to_a_folder_that_says_what_differs(
    orders: list[Order], arguments: list[str], folder: Path, altered: dict[str, Any]
) -> None:
    assert run("build", *arguments).stdout == f"{folder / 'html' / 'index.html'}\n"
    assert orders[0].output == folder
    assert altered.items() <= orders[0].altered().items()
    assert bool(altered) == bool(orders[0].altered())


def test_all_scenarios_are_built_and_then_the_book_that_links_them(
    orders: list[Order], tmp_path: Path
) -> None:
    assert run("build", "--all-scenarios", "--output", str(tmp_path)).exit_code == 0
    assert len(orders) == len(list((ROOT / "scenarios").glob("*.yml"))) + 1
    assert orders[-1].output == tmp_path
    assert set(orders[-1].scenario_books.values()) == {order.output for order in orders[:-1]}


def test_every_option_takes_a_relative_path(
    orders: list[Order], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A relative --output once failed when all pages had run: Sphinx looks from another folder.
    for place in ("results.all_numbers", "cells.all_numbers"):
        monkeypatch.setattr(f"aicompute.{place}", lambda assumptions: numbers_under())
    shutil.copytree(DATA, tmp_path / "tables")
    scenario = "title: Mine\nwhy: Mine.\nassumptions:\n  seed: 1\n"
    (tmp_path / "mine.yml").write_text(scenario, encoding="utf-8")
    plan = "title: Mine\nvary:\n  gpu_utilization: {grid: [0.3, 0.4]}\n"
    (tmp_path / "plan.yml").write_text(plan, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    here = ("--data", "tables")
    assert run("build", "--output", "book", *here, "--scenario", "mine.yml").exit_code == 0
    assert orders[0].output == tmp_path / "book"
    assert run("check", *here).exit_code == 0
    assert run("trend", *here, "--scenario", "./mine.yml").exit_code == 0
    assert run("results", *here, "--output", "numbers").stdout == "numbers/results.json\n"
    assert run("compare", "numbers", "numbers/results.json").exit_code == 0
    assert run("notebooks", *here, "--output", f"../{tmp_path.name}/pages").exit_code == 0
    swept = run("sweep", "plan.yml", *here, "--output", "o.csv", "--summary", "s.json")
    assert swept.exit_code == 0
    made = ("numbers/data/systems.csv", "pages/systems/vgg.ipynb", "o.csv", "s.json")
    assert [name for name in made if not (tmp_path / name).is_file()] == []


@pytest.mark.parametrize(("call", "said"), [
    # The article prints 3.43 months; least squares on its points gives 3.44. 1 June 2012 to
    # 19 October 2017 is 1,966 days, which are 64.6 months of 30.4375 days.
    ("trend", [r"doubling time 3\.44 months \(2\.59 to 5\.09\)", r"1,862 / 0\.00579 pfs-days",
               r"Moore's law meanwhile 12× 2\^\(64\.6 / 18\)"]),
    ("trend --set values=recounted", ["Under values=recounted", "baseline 3.44 months",
                                      "Krizhevsky et al. 2012"]),
    ("trend --set values=replicated", [
        r"1,862\*", r"\* the published value, where there is no replicated one"]),
    # Plotted points do not depend on a utilization.
    ("trend --set gpu_utilization=0.5", [
        "which moves none of these numbers: the published values are the"]),
    # Later systems were once left out without a word.
    ("trend --set until=2026-01-01", ["Later systems are no part of this fit"]),
    # Once "-5.12 months (1.33 or more)", outside its own interval.
    ("trend --set until=2013-12-31", ["does not double"]),
    # 2 cards x 5.5 days x 86,400 s x 1.58e12 FLOP/s x 0.33 / 8.64e19 = 0.0057 pfs-days. The
    # article's formula is run with the article's 33 %, whatever is assumed.
    ("estimate alexnet --set gpu_utilization=0.5", [
        r"article's inputs 0\.00574", r"under gpu_utilization=0\.5 \(baseline 0\.33\)",
        "utilization 0.330 of the peak 0.200 to 0.500, the article's",
        "utilization 0.500 of the peak 0.200 to 0.500, altered assumption gpu_utilization",
        "epochs 90 epochs 85 to 95, the source's", "7.24×10⁸, alexnet our layer table",
        "(/ 8.64×10¹⁹ FLOP per pfs-day = .*){4}"]),
    # Brown et al. 2020, table D.1: 3.64E+03 petaflop/s-days.
    ("estimate gpt_3", ["published 3,640 ", "source of the published value: Brown et al. 2020, "
                        "appendix D, table D.1"]),
    ("estimate perceptron", ["The tables hold no calculation for this system."]),
])
def test_what_a_command_says_of_numbers_and_where_they_come_from(
    call: str, said: list[str]
) -> None:
    result = run(*call.split())
    text = " ".join(result.stdout.split())
    assert (result.exit_code, [p for p in said if not re.search(p, text)]) == (0, [])


@pytest.mark.parametrize("columns", [40, 50, 80, 120])
@pytest.mark.parametrize("command", [("trend",), ("estimate", "alphago_zero")])
def test_no_line_is_wider_than_the_terminal(command: tuple[str, ...], columns: int) -> None:
    lines = run(*command, columns=columns).stdout.splitlines()
    assert max(map(len, lines)) <= columns
    assert command != ("trend",) or sum("█" in line for line in lines) == 15


@pytest.mark.parametrize(("arguments", "prefixes"), [
    (["estimate", "alexnet"], ("systems.alexnet.",)),
    (["estimate", "gpt_3"], ("systems.gpt_3.",)),
    (["trend"], ("trend.", "growth.", "moore.")),
])
def test_json_holds_the_numbers_asked_for_and_no_others(
    arguments: list[str], prefixes: tuple[str, ...]
) -> None:
    found = json.loads(run(*arguments, "--json").stdout)["results"]
    expected = {name: vars(number) for name, number in numbers_under().items()
                if name.startswith(prefixes)}
    assert found == expected


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
        (["buidl"], "Did you mean 'build'?"),
        (["trend", "--sett", "seed=1"], "Did you mean '--set'?"),
        (["trend", "--set", "seed"], "expected NAME=VALUE"),
        (["trend", "--set", "seed=1", "--set", "seed=2"], "got 1 and 2; allowed: one value"),
        (["trend", "--set", "without=alexnt"], "did you mean alexnet?"),
        (["trend", "--data", "nowhere"], "'nowhere' does not exist"),
        (["results", "--output", ""], "'' names no folder"),
        (["sweep", "a.yml", "--output", "a.csv", "--output", "b.csv"], "given more than once"),
        # Divided by 33 %, nothing is left of it: a division by zero, once a traceback.
        (["results", "--set", "gpu_utilization=5e-324"], "allowed: number from 0.001 to 1"),
        (["results", "--set", "price_doubling_years=0.001"], "from 0.1 to 100, or 0"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_a_wrong_call_ends_with_status_2_and_one_line_that_helps(
    arguments: list[str], said: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert (result.stdout, result.stderr.count("\n")) == ("", 1)


@pytest.mark.parametrize(("title", "more", "said"), [
    ("Mine", "", "why: missing; allowed: assumptions, title and why"),
    # Once printed raw by what prints a title.
    ('"\\e]0;owned\\a"', "why: Mine.\n", r"title: got '\x1b]0;owned\x07'; allowed: text"),
])
def test_a_scenario_file_is_refused_by_what_is_wrong(
    tmp_path: Path, title: str, more: str, said: str
) -> None:
    path = tmp_path / "mine.yml"
    path.write_text(f"title: {title}\n{more}assumptions: {{seed: 1}}\n", encoding="utf-8")
    assert run("trend", "--scenario", str(path)).stderr == f"scenario {path}: {said}\n"


def test_a_strangers_folder_is_refused_before_any_scenario_is_built(tmp_path: Path) -> None:
    # The main book is built last: its folder would by then hold the books of the scenarios.
    theirs = tmp_path / "html" / "thesis.html"
    theirs.parent.mkdir()
    theirs.write_text("theirs", encoding="utf-8")
    result = run("build", "--all-scenarios", "--output", str(tmp_path))
    assert result.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["html"]


def test_unsound_tables_end_a_command_with_status_1(data: Path) -> None:
    edit(data / "chips.csv", "GTX 580,", "GTX 580 ,")
    result = run("trend", "--data", str(data))
    assert result.exit_code == 1
    assert re.search(r"chips\.csv:\d+: name: 'GeForce GTX 580 ': ", result.stderr)


def test_help_of_a_command_lists_every_assumption() -> None:
    assert not Assumptions.model_fields.keys() - set(run("trend", "--help").stdout.split())


def test_what_a_cell_prints_is_no_part_of_the_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "loud.md").write_text("```{code-cell} ipython3\nprint(1)\n```\n")
    monkeypatch.setattr("aicompute.cells.CHAPTERS", tmp_path)
    run_cells("loud")
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_another_processor_and_another_thread_move_no_number() -> None:
    # Ties of argmin went another way there, and 507 lines of results.json with them.
    pages = ["trend", "breaks", "after_2018", "eras"]
    told = ("import json; from aicompute.cells import run_pages, Assumptions; print(json.dumps("
            f"{{k: n.value for k, n in run_pages({pages}, Assumptions()).items()}}))")
    simd: Any = np.show_config(mode="dicts")
    optional = " ".join(simd["SIMD Extensions"].get("found", []))
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, text=True, check=True, env={
        **os.environ, "NPY_DISABLE_CPU_FEATURES": optional, "OPENBLAS_NUM_THREADS": "2",
        "OPENBLAS_CORETYPE": "Sandybridge", "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE)
    here = {name: number.value for name, number in run_pages(pages, Assumptions()).items()}
    assert json.loads(done.stdout) == pytest.approx(here, rel=1e-9, abs=0)


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


def test_a_variable_names_the_tables_of_a_call_that_does_not(data: Path) -> None:
    # Only the library read it: `aicompute check` said that tables it had not read were sound.
    (data / "chips.csv").unlink()
    assert run("check").stderr == "chips.csv:1: : '': the file is missing\n"
    assert run("check", "--data", str(DATA)).stdout == "the tables are sound\n"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_ends_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-m", "aicompute", "check"], cwd=ROOT, stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "standard output: No space left on device\n")
