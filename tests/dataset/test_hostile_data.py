"""What tries to be run: refused where no honest value looks so, elsewhere shown as text."""

from __future__ import annotations

import io
import re
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hostile import PAYLOADS, hostile_copy

from aicompute import charts
from aicompute.assumptions import load_scenario
from aicompute.book.figure_html import page_svg, script_json
from aicompute.book.notebook import plain
from aicompute.dataset import Dataset, check
from aicompute.dataset.cell_text import broken_rule
from aicompute.errors import CallError
from aicompute.figures import Figure
from aicompute.sweeps.plan import load_plan
from aicompute.tables import HtmlTable, anchor, link, text

FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1:A9)", "=HYPERLINK(\"http://x\")"]


def figure(**columns: list[object]) -> Figure:
    """A figure that plots the given columns."""
    table = pd.DataFrame(columns)
    return Figure("name", "Caption.", "Alt.", table, lambda size: charts.Chart(table))


def test_a_hostile_copy_is_sound_where_its_texts_are_only_texts(tmp_path: Path) -> None:
    hostile_copy(tmp_path / "data")
    assert [str(problem) for problem in check(tmp_path / "data")] == []


def test_every_payload_is_in_the_hostile_copy(tmp_path: Path) -> None:
    hostile_copy(tmp_path / "data")
    dataset = Dataset(tmp_path / "data")
    said = " ".join(str(cell) for name in ("systems", "published", "chips", "claims")
                    for row in dataset.rows(name) for cell in row.values())
    assert [payload for payload in PAYLOADS if payload not in said] == []


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_refused_in_a_text_cell(formula: str) -> None:
    assert "formula" in broken_rule(formula)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_behind_a_semicolon_is_refused_and_exported_as_text(formula: str) -> None:
    # Where a comma stands before decimals, a spreadsheet begins a new cell there.
    assert "formula" in broken_rule(f"fine; {formula}")
    exported = figure(name=[f"fine; {formula}", "a; b"]).csv()
    assert list(pd.read_csv(io.StringIO(exported))["name"]) == [f"fine; '{formula}", "a; b"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_that_came_another_way_is_exported_as_text(formula: str) -> None:
    exported = figure(name=[formula, "-", "fine"], value=[-1.0, 2.0, 3.0]).csv()
    cells = pd.read_csv(io.StringIO(exported))
    assert list(cells["name"]) == [f"'{formula}", "-", "fine"]
    assert list(cells["value"]) == [-1.0, 2.0, 3.0]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_table_shows_a_payload_letter_by_letter(payload: str) -> None:
    html = HtmlTable([payload], [[text(payload)]], caption=payload, name=payload)._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert "<svg" not in html


@pytest.mark.parametrize("target", ["javascript:planted=1", "data:text/html,x", "//x.test", "/x"])
def test_a_link_goes_to_a_page_or_the_web_alone(target: str) -> None:
    assert anchor("shown", target) == "shown"
    assert link("shown", target).html == "shown"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_text_put_into_a_chapter_holds_nothing_markdown_reads(payload: str) -> None:
    # An underscore within a word is no mark; at the edge of one it is.
    shown = re.sub(r"(?<=\w)_(?=\w)", "", plain(payload))
    assert not set(shown) & set("<>*_`[]{}$\\|~!\"'")


def test_the_data_of_a_chart_cannot_end_its_element() -> None:
    assert "<" not in script_json({"name": "</script><script>planted=1</script>"})


def test_a_text_in_a_drawing_that_looks_like_a_link_stays_a_text() -> None:
    # Once the build took it for a link of its own to a page that is not there, and failed.
    drawn = page_svg('<svg viewBox="0 0 1 1"><text>href="page:nowhere"</text></svg>', "f")
    assert 'href="page:' not in drawn


EVIL = [
    "!!python/object/apply:os.system ['touch planted']",
    "!!python/name:os.system",
    "title: !!python/object:os.system {}",
    "a: &a [x, x]\nb: !!python/object/new:os.system [*a]",
    # Ten to the tenth texts in 130 characters, which no message could show.
    "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "\n".join(
        f"{name}: &{name} [{', '.join([f'*{of}'] * 10)}]" for of, name in pairwise("abcdefghij")
    ),
    "title: &t text\nwhy: *t\nassumptions: {seed: 1}",
    "[" * 100_000,
    "9" * 5_000,
    "\x00",
]


@pytest.mark.parametrize("content", EVIL)
def test_a_scenario_of_hostile_yaml_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "evil.yml"
    path.write_text(content)
    with pytest.raises(CallError, match=r"^scenario [^\n]*evil\.yml(:\d+)?: [^\n]*$"):
        load_scenario(str(path))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", EVIL)
def test_a_sweep_of_hostile_yaml_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "evil.yml"
    path.write_text(content)
    with pytest.raises(CallError, match=r"^sweep [^\n]*evil\.yml(:\d+)?: [^\n]*$"):
        load_plan(path)
    assert list(tmp_path.iterdir()) == [path]
