"""Two results side by side: what moved, in what order, and what explains it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from aicompute.cli import main
from aicompute.commands.compare_text import as_json, markdown, table
from aicompute.compare import Comparison, Moved, Side, compare, load_side
from aicompute.dataset import DATA
from aicompute.errors import CallError

Change = Callable[[str, str, str], None]
Write = Callable[[Comparison, int], str]


def side(results: dict[str, Any], name: str = "a", **parts: Any) -> Side:
    """A small result document; a bare number is a value without interval."""
    full = {
        n: r if isinstance(r, dict) else {"value": r, "unit": "months", "low": None, "high": None}
        for n, r in results.items()
    }
    return Side(name, {"assumptions": {}, "results": full, **parts})


def results_of(data: Path, folder: Path) -> Path:
    """The results of a folder of tables, as `aicompute results` writes them."""
    command = ["results", "--data", str(data), "--output", str(folder)]
    assert CliRunner().invoke(main, command).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def altered() -> Comparison:
    """The baseline against a scenario."""
    return compare(load_side("baseline", DATA), load_side("without-alphabet", DATA))


def test_a_number_that_moved_has_its_difference_and_ratio() -> None:
    (moved,) = compare(side({"trend.x": 2.0}), side({"trend.x": 3.0})).moved
    assert (moved.difference, moved.ratio) == (1.0, 1.5)


def test_a_number_that_is_the_same_is_left_out() -> None:
    assert compare(side({"trend.x": 2.0}), side({"trend.x": 2.0})).moved == []


def test_the_last_bit_of_a_float_is_no_change() -> None:
    assert compare(side({"trend.x": 0.1 + 0.2}), side({"trend.x": 0.3})).moved == []


def test_an_interval_alone_can_move() -> None:
    narrow = {"value": 3.0, "unit": "months", "low": 2.5, "high": 3.5}
    wide = {**narrow, "high": None}
    comparison = compare(side({"trend.x": narrow}), side({"trend.x": wide}))
    assert table(comparison, 10).splitlines()[-1].split("  ")[1:4] == [
        "2.500 to 3.500", "2.500 or more", "interval only",
    ]


@pytest.mark.parametrize("write", [table, markdown])
def test_a_number_that_can_no_longer_be_had_is_shown_as_a_dash(write: Write) -> None:
    gone = {"value": None, "unit": "months", "low": None, "high": None}
    text = write(compare(side({"trend.x": 3.0}), side({"trend.x": gone})), 10)
    assert "interval only" not in text
    assert re.search(r"trend\.x`? [ |]+3 [ |]+–", text)


def test_a_number_of_one_side_alone_is_absent_on_the_other() -> None:
    (moved,) = compare(side({}), side({"systems.new": 1.0})).moved
    assert (moved.a, moved.difference, moved.ratio) == (None, None, None)


def test_a_number_that_was_zero_has_no_ratio() -> None:
    assert Moved("x", "", {"value": 0.0}, {"value": 1.0}).ratio is None


def test_the_headline_comes_first_and_then_what_moved_most() -> None:
    before = side({"systems.big": 1.0, "trend.small": 1.0, "trend.big": 1.0, "headline.x": 1.0})
    after = side({"systems.big": 99.0, "trend.small": 1.1, "trend.big": 0.1, "headline.x": 1.01})
    assert [moved.name for moved in compare(before, after).moved] == [
        "headline.x", "trend.big", "trend.small", "systems.big",
    ]


def test_of_the_headline_the_doubling_time_comes_first_however_little_it_moved() -> None:
    before = side({"headline.factor": 1.0, "headline.doubling_time_months": 1.0})
    after = side({"headline.factor": 99.0, "headline.doubling_time_months": 1.1})
    assert [moved.name for moved in compare(before, after).moved] == [
        "headline.doubling_time_months", "headline.factor",
    ]


def test_a_scenario_differs_from_the_baseline_by_its_assumptions(altered: Comparison) -> None:
    assert altered.assumptions == {"without_alphabet": (False, True)}


def test_a_scenario_has_the_baselines_data(altered: Comparison) -> None:
    assert altered.data.files == []


def test_a_claim_that_no_longer_holds_is_named(altered: Comparison) -> None:
    # Without Alphabet the growth is a thousandfold, not 300,000-fold.
    assert altered.claims["growth_factor"] == ("reproduced", "not_reproduced")


@pytest.mark.slow
def test_a_changed_cell_explains_the_number_that_moved(
    data: Path, change: Change, tmp_path: Path
) -> None:
    before = results_of(data, tmp_path / "a")
    change("published.csv", "alexnet,plotted,,0.005787", "alexnet,plotted,,0.011574")
    after = results_of(data, tmp_path / "b")
    comparison = compare(load_side(str(before), DATA), load_side(str(after), DATA))
    ratios = {moved.name: moved.ratio for moved in comparison.moved}
    (row,) = comparison.data.rows
    assert ratios["systems.alexnet.published_pfs_days"] == pytest.approx(2, rel=1e-3)
    assert (row.file, row.row, list(row.cells)) == ("published.csv", "alexnet", ["pfs_days"])


def test_a_removed_system_is_named(tmp_path: Path) -> None:
    before = side({}, systems=["alexnet", "dqn"])
    after = side({}, systems=["alexnet", "gpt_9"])
    comparison = compare(before, after)
    assert (comparison.systems_added, comparison.systems_removed) == (["gpt_9"], ["dqn"])


def test_added_and_removed_rows_and_files_are_told_apart(tmp_path: Path) -> None:
    for name, rows in (("a", "id,x\nold,1\nkept,2\n"), ("b", "id,x\nkept,2\nnew,1\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "t.csv").write_text(rows, encoding="utf-8")
    before = Side("a", {"assumptions": {}, "results": {},
                        "data_files": {"t.csv": "1", "gone.csv": "1"}}, tmp_path / "a")
    after = Side("b", {"assumptions": {}, "results": {},
                       "data_files": {"t.csv": "2", "new.csv": "1"}}, tmp_path / "b")
    data = compare(before, after).data
    assert (data.changed, data.added, data.removed) == (["t.csv"], ["new.csv"], ["gone.csv"])
    assert [(row.row, row.what) for row in data.rows] == [("old", "removed"), ("new", "added")]


@pytest.fixture
def two_tables(tmp_path: Path) -> Callable[[str, str], list[str]]:
    """Compare two contents of one table; return the rows that differ as a terminal shows them."""

    def compared(before: str, after: str) -> list[str]:
        sides = []
        for name, content in (("a", before), ("b", after)):
            (tmp_path / name).mkdir()
            (tmp_path / name / "t.csv").write_text(content, encoding="utf-8")
            document = {"assumptions": {}, "results": {}, "data_files": {"t.csv": name}}
            sides.append(Side(name, document, tmp_path / name))
        lines = table(compare(*sides), 10).splitlines()
        start = lines.index("Rows that differ") + 1
        return [line.strip() for line in lines[start:lines.index("", start)]]

    return compared


def test_rows_are_compared_in_the_columns_that_both_tables_have(
    two_tables: Callable[[str, str], list[str]],
) -> None:
    # Once a column was added, the rows that changed with it were not told.
    assert two_tables("id,old,x\na,1,2\nb,1,3\n", "id,x,new\na,5,\nb,3,9\nc,4,\n") == [
        "t.csv: column old: removed", "t.csv: column new: added",
        "t.csv: a: x 2 → 5", "t.csv: c: added",
    ]


def test_tables_without_a_column_in_common_have_their_columns_named_alone(
    two_tables: Callable[[str, str], list[str]],
) -> None:
    assert two_tables("id\na\n", "key\na\n") == [
        "t.csv: column id: removed", "t.csv: column key: added"]


def test_a_row_that_is_short_is_compared_as_if_its_last_cells_were_empty(
    two_tables: Callable[[str, str], list[str]],
) -> None:
    assert two_tables("id,x\na\n", "id,x\na,1\n") == ["t.csv: a: x empty → 1"]


def test_the_tables_beside_a_result_file_explain_it_as_those_of_its_folder_do(
    tmp_path: Path,
) -> None:
    (tmp_path / "data").mkdir()
    document = json.dumps(side({}).document)
    for name in ("results.json", "kept.json"):
        (tmp_path / name).write_text(document, encoding="utf-8")
    assert load_side(str(tmp_path), DATA).data == tmp_path / "data"
    assert load_side(str(tmp_path / "results.json"), DATA).data == tmp_path / "data"
    # A file of another name may lie beside any tables.
    assert load_side(str(tmp_path / "kept.json"), DATA).data is None


def test_what_differs_reads_from_and_to() -> None:
    # "reproduced to within_factor" could be read as one verdict.
    a = side({}, claims={"x": "reproduced"})
    b = side({}, claims={"x": "within_factor"})
    assert "  x: reproduced → within_factor" in table(compare(a, b), 10).splitlines()


def test_a_difference_or_ratio_beyond_any_number_is_none() -> None:
    moved = Moved("x", "", {"value": -1e308}, {"value": 1e308})
    assert moved.difference is None
    assert Moved("x", "", {"value": 1e-300}, {"value": 1e300}).ratio is None


@pytest.mark.parametrize(("content", "place"), [
    ('{"assumptions": {}, "results": {"trend.x": {"value": NaN}}}', "result trend.x: value: got n"),
    ('{"assumptions": {}, "results": {"x": {"value": 1, "high": Infinity}}}', "result x: high: g"),
    ('{"assumptions": {}, "results": {"x": {"value": 1, "low": -1e999}}}', "result x: low: got -i"),
    ('{"assumptions": {}, "results": {"x": {"value": 1' + "0" * 400 + "}}}", "result x: value: g"),
    ('{"assumptions": {"seed": NaN}, "results": {}}', "assumption seed: got nan"),
])
def test_a_result_file_with_a_number_that_json_lacks_is_refused_by_its_name(
    tmp_path: Path, content: str, place: str
) -> None:
    path = tmp_path / "results.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CallError) as refused:
        load_side(str(path), DATA)
    assert str(refused.value).startswith(f"compare {path}: {place}")
    assert str(refused.value).endswith("; allowed: a number or null")


def test_markdown_shows_a_cell_of_the_tables_letter_by_letter(tmp_path: Path) -> None:
    hostile = "`|<img src=x>@everyone"
    for name, cell in (("a", "1"), ("b", hostile)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "t.csv").write_text(f"id,x\nkept,{cell}\n", encoding="utf-8")
    sides = [
        Side(name, {"assumptions": {}, "results": {}, "data_files": {"t.csv": name}},
             tmp_path / name) for name in ("a", "b")
    ]
    text = markdown(compare(*sides), 10)
    assert not set("`|<>@") & set(text.split("**Rows that differ**")[1])


def test_a_terminal_is_shown_the_commands_in_a_cell_and_obeys_none(tmp_path: Path) -> None:
    for name, cell in (("a", "1"), ("b", "\x1b[2J")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "t.csv").write_text(f"id,x\nkept,{cell}\n", encoding="utf-8")
    sides = [
        Side(name, {"assumptions": {}, "results": {}, "data_files": {"t.csv": name}},
             tmp_path / name) for name in ("a", "b")
    ]
    text = table(compare(*sides), 10)
    assert r"x 1 → \x1b[2J" in text
    assert text.replace("\n", "").isprintable()


def test_what_goes_beyond_the_limit_is_counted(altered: Comparison) -> None:
    more = len(altered.moved) - 3
    assert f"and {more} more numbers that moved" in table(altered, 3)


def test_json_holds_everything(altered: Comparison) -> None:
    document = json.loads(as_json(altered))
    assert len(document["moved"]) == len(altered.moved)
    assert set(document["moved"][0]) == {"name", "unit", "a", "b", "difference", "ratio"}


def test_nothing_moved_says_so() -> None:
    assert "Nothing moved." in markdown(compare(side({"x": 1.0}), side({"x": 1.0})), 10)


@pytest.mark.parametrize("form", ["table", "markdown", "json"])
def test_every_format_ends_with_0(form: str, tmp_path: Path) -> None:
    paths = []
    for value in (2.0, 3.0):
        paths.append(tmp_path / f"{value}.json")
        paths[-1].write_text(json.dumps(side({"trend.x": value}).document), encoding="utf-8")
    command = ["compare", *map(str, paths), "--format", form]
    assert CliRunner().invoke(main, command).exit_code == 0


@pytest.mark.slow
def test_a_scenario_file_can_be_compared(tmp_path: Path) -> None:
    path = tmp_path / "own.yml"
    path.write_text("title: a\nwhy: b\nassumptions: {moore_doubling_months: 24}\n", "utf-8")
    side = load_side(str(path), DATA)
    assert side.document["assumptions"]["moore_doubling_months"] == 24


@pytest.mark.parametrize("text", [
    "", "not json", "[]", "{}", "[" * 100_000, '{"assumptions": 1, "results": {}}',
    '{"assumptions": {}, "results": {"x": 3}}', '{"assumptions": {}, "results": {"x": {}}}',
    '{"assumptions": {}, "results": {"x": {"value": "3"}}}',
    '{"assumptions": {}, "results": {}, "claims": []}',
    '{"assumptions": {}, "results": {}, "systems": {}}',
    # What is no text ended in a traceback as Markdown; a terminal would obey the others.
    '{"assumptions": {}, "results": {}, "systems": [["a"]]}',
    '{"assumptions": {}, "results": {}, "systems": ["\\u001b[2J"]}',
    '{"assumptions": {}, "results": {}, "claims": {"a": {}}}',
    '{"assumptions": {}, "results": {}, "data_files": {"\\u001b[2J.csv": "0"}}',
    '{"assumptions": {"\\u001b[2J": 1}, "results": {}}',
    '{"assumptions": {"a": ["\\u001b[2J"]}, "results": {}}',
    '{"assumptions": {"a": {}}, "results": {}}',
    '{"assumptions": {}, "results": {"\\n| x |": {"value": 1}}}',
    '{"assumptions": {}, "results": {"x": {"value": 1, "unit": "\\u001b[2J"}}}',
])
def test_a_file_that_is_no_result_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CallError, match="not a result file"):
        load_side(str(path), DATA)


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="has no results.json; allowed: a folder that build or"):
        load_side(str(tmp_path), DATA)


def test_a_misspelt_side_is_refused_with_the_nearest() -> None:
    with pytest.raises(CallError, match="withoutalphabet: unknown; did you mean without-alphabet?"):
        load_side("withoutalphabet", DATA)


@pytest.mark.slow
def test_the_folder_of_a_built_book_has_the_numbers_of_its_assumptions_and_its_tables(
    book: Path,
) -> None:
    built = load_side(str(book), DATA)
    assert compare(built, load_side("baseline", DATA)).moved == []
    assert built.data is not None
    assert (built.data / "systems.csv").read_bytes() == (DATA / "systems.csv").read_bytes()
