"""The scenarios that come with the report, the page that compares them, and the books of each."""

from __future__ import annotations

import ast
import math
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from tiny import REPORT, Tiny

from aicompute.assumptions import (
    SCENARIOS,
    as_json,
    load_scenario,
    parse_assumptions,
    scenario_names,
)
from aicompute.book.notebook import chapter_notebook
from aicompute.book.order import Order, Outcome
from aicompute.book.pages import read_contents
from aicompute.cli import main
from aicompute.commands.building import build_scenarios
from aicompute.dataset import DATA, Dataset
from aicompute.errors import AIComputeError
from aicompute.figures import figure
from aicompute.listings import listing
from aicompute.report import banner
from aicompute.results import Results, results_document
from aicompute.study import Study
from aicompute.topics.scenarios import BASELINE, outcomes
from aicompute.variables import BUILD_VARIABLE

ROOT = Path(__file__).resolve().parent.parent
PROMISED = {
    "low-utilization", "high-utilization", "without-alphabet", "record-setters-only", "method-1",
    "recounted", "moore-24-months", "alphago-zero-2026",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", scenario_names())
def test_every_number_of_every_shipped_scenario_can_be_calculated(name: str) -> None:
    # high-utilization could not: all utilizations were one, and their slope of zero was refused.
    assumptions = parse_assumptions(load_scenario(name)["assumptions"])
    assert len(results_document(Study(Dataset(DATA), assumptions))["results"]) > 1000


def test_the_promised_scenarios_are_there() -> None:
    assert set(scenario_names()) >= PROMISED


@pytest.mark.parametrize("name", scenario_names())
def test_a_scenario_alters_something(name: str) -> None:
    assert parse_assumptions(load_scenario(name)["assumptions"]).changed()


@pytest.mark.parametrize("name", scenario_names())
def test_a_scenario_says_why(name: str) -> None:
    assert len(load_scenario(name)["why"]) > 60


@pytest.mark.parametrize("name", scenario_names())
def test_a_scenario_gives_another_report_than_the_baseline(name: str, study: Study) -> None:
    altered = Study(study.dataset, parse_assumptions(load_scenario(name)["assumptions"]))
    names = ["headline.doubling_time_months", "headline.growth_per_year", "headline.moore_factor"]
    here, there = Results(altered), Results(study)
    assert any(here[n].value != there[n].value for n in names)


def test_the_comparison_has_the_number_that_a_study_of_the_scenario_has(study: Study) -> None:
    altered = Study(study.dataset, parse_assumptions({"without_alphabet": "true"}))
    result = Results(study)["scenarios.without-alphabet.doubling_time_months"]
    assert result.value == altered.fit.doubling_time_months


def test_the_comparison_is_the_same_in_a_book_of_a_scenario(study: Study) -> None:
    # It holds every scenario against the defaults, so it must not stack one scenario on another.
    altered = Study(study.dataset, parse_assumptions({"gpu_utilization": "0.9"}))
    name = "scenarios.recounted.doubling_time_months"
    assert Results(altered)[name] == Results(study)[name]


def test_the_comparison_begins_with_the_baseline_and_goes_on_by_doubling_time() -> None:
    first, *others = outcomes(Dataset(DATA))
    assert first.name == BASELINE
    assert [o.months for o in others] == sorted(o.months for o in others)


def test_the_chart_of_lines_has_a_line_for_every_scenario_and_the_baseline(study: Study) -> None:
    table = figure(study, "scenario_trends").table
    assert table.groupby("scenario").size().tolist() == [2] * (len(scenario_names()) + 1)


def test_a_line_has_the_slope_of_its_doubling_time(study: Study) -> None:
    table = figure(study, "scenario_trends").table
    line = table[table["scenario"] == "The baseline"]
    days = (line["date"].iloc[1] - line["date"].iloc[0]).days
    doublings = math.log2(line["pfs_days"].iloc[1] / line["pfs_days"].iloc[0])
    assert days / 30.4375 / doublings == pytest.approx(study.fit.doubling_time_months)


def test_the_book_of_a_scenario_says_its_title_and_why(study: Study) -> None:
    content = load_scenario("without-alphabet")
    text = banner(Study(study.dataset, parse_assumptions(content["assumptions"])))
    assert "A scenario, not the baseline: Without Alphabet." in text
    assert content["why"] in text


def test_a_book_of_other_assumptions_has_no_title(study: Study) -> None:
    text = banner(study.under(without_alphabet=True, gpu_utilization=0.5))
    assert "A scenario, not the baseline.</strong>" in text


def test_the_table_links_no_book_that_is_not_there(study: Study) -> None:
    assert "page:" not in listing(study, "scenario_comparison")._repr_html_()


def test_the_table_links_the_books_that_are_there(study: Study) -> None:
    html = listing(study, "scenario_comparison", books="recounted,method-1")._repr_html_()
    assert html.count('href="page:_scenarios/') == 2


def test_a_scenario_that_leaves_too_few_systems_is_shown_as_such(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = "title: Two\nwhy: none\nassumptions: {since: 2017-09-01}\n"
    (tmp_path / "two.yml").write_text(content, encoding="utf-8")
    monkeypatch.setattr("aicompute.assumptions.SCENARIOS", tmp_path)
    dataset = Dataset(DATA)
    html = listing(Study(dataset, study.assumptions), "scenario_comparison")._repr_html_()
    assert "too few systems" in html


def shown_under(settings: dict[str, Any]) -> list[str]:
    """Run the cells of every chapter under altered assumptions; return the pages that fail."""
    assumptions = parse_assumptions(settings)
    parameters = {name: as_json(value) for name, value in assumptions.changed().items()}
    pages = read_contents(ROOT, Study(Dataset(DATA), assumptions)).pages
    # The system pages are all of one chapter.
    one_a_chapter = {page.chapter: page for page in pages}.values()
    failed = []
    for page in one_a_chapter:
        names: dict[str, Any] = {}
        cells = [c.source for c in chapter_notebook(page).cells if c.cell_type == "code"]
        try:
            for place, source in enumerate(cells):
                *lines, last = ast.parse(source).body
                exec(compile(ast.Module(lines, []), page.name, "exec"), names)
                if isinstance(last, ast.Expr):
                    shown = eval(compile(ast.Expression(last.value), page.name, "eval"), names)
                    represented(shown)
                else:
                    exec(compile(ast.Module([last], []), page.name, "exec"), names)
                if place == 0:
                    names |= {**parameters, **page.parameters}
        except AIComputeError as error:
            failed.append(f"{page.name}: {error}")
    return failed


def represented(shown: Any) -> None:
    """Ask for what a notebook would show."""
    for way in ("_repr_mimebundle_", "_repr_html_"):
        if hasattr(shown, way):
            getattr(shown, way)()
            return


@pytest.mark.slow
def test_every_page_stands_under_the_scenario_that_leaves_the_fewest_systems(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Three pieces cannot be fitted to six records: one page failed, and with it the whole book.
    monkeypatch.setenv(BUILD_VARIABLE, "1")
    fewest = min(outcomes(study.dataset), key=lambda o: len(o.study.fitted))
    assert len(fewest.study.fitted) < 8
    settings = load_scenario(fewest.name)["assumptions"]
    assert shown_under({**settings, "samples": 200}) == []


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a main book of two pages and, in it, of the book of the one scenario."""
    folder = tmp_path_factory.mktemp("books")
    tiny = Tiny(folder, report=REPORT)
    tiny.write("scenarios", code='report.table("scenario_comparison", books=scenario_books)')
    chapter, tag = tiny.root / "chapters" / "scenarios.md", ":tags: [parameters]\n"
    text = chapter.read_text(encoding="utf-8").replace(tag, f'{tag}scenario_books = ""\n')
    chapter.write_text(text, encoding="utf-8")
    toc = {"format": "jb-book", "root": "index",
           "parts": [{"caption": "Pages", "chapters": [{"file": "scenarios"}]}]}
    (tiny.root / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    scenarios = folder / "scenarios"
    scenarios.mkdir()
    shutil.copy(SCENARIOS / "without-alphabet.yml", scenarios)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aicompute.assumptions.SCENARIOS", scenarios)
        build_scenarios(tiny.output, {"root": tiny.root})
    return tiny.html


def local_links(page: Path) -> set[str]:
    """The files of the same site that a page links."""
    links = re.findall(r'href="([^"#?]+)', page.read_text(encoding="utf-8"))
    return {link for link in links if not re.match(r"\w+:|//", link)}


@pytest.mark.slow
def test_the_page_of_the_main_book_that_compares_links_the_book_of_the_scenario(
    books: Path,
) -> None:
    text = (books / "scenarios.html").read_text(encoding="utf-8")
    assert 'href="_scenarios/without-alphabet/index.html"' in text
    assert text.count('href="_scenarios/') == 1
    assert "scenario-banner" not in text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["index", "scenarios"])
def test_the_book_of_the_scenario_lies_in_the_main_one_and_says_so_on_every_page(
    books: Path, name: str
) -> None:
    page = books / "_scenarios" / "without-alphabet" / f"{name}.html"
    text = page.read_text(encoding="utf-8")
    assert "A scenario, not the baseline: Without Alphabet." in text
    assert "<code>without_alphabet</code> = true (baseline false)" in text


@pytest.mark.slow
@pytest.mark.parametrize("book", ["", "_scenarios/without-alphabet/"])
@pytest.mark.parametrize("name", ["index", "scenarios"])
def test_every_link_of_either_book_leads_to_a_file(books: Path, book: str, name: str) -> None:
    page = books / f"{book}{name}.html"
    links = local_links(page)
    assert "scenarios.html" in links | {page.name}
    assert [link for link in links if not (page.parent / link).is_file()] == []


def test_all_scenarios_builds_every_book_and_then_the_main_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders: list[Order] = []

    def record(order: Order) -> Outcome:
        orders.append(order)
        return Outcome(order.output / "html" / "index.html", order.output, (), (), changed=True)

    monkeypatch.setattr("aicompute.book.build.build", record)
    done = CliRunner().invoke(main, ["build", "--all-scenarios", "--output", str(tmp_path)])
    assert done.exit_code == 0
    assert [order.output for order in orders] == [
        *(tmp_path / "scenarios" / name for name in scenario_names()), tmp_path,
    ]
    assert not orders[-1].assumptions.changed()
    assert list(orders[-1].scenario_books) == scenario_names()
