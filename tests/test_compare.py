"""Two results side by side: what moved, in what order, what explains it, and what fell."""

import json
import re
import shlex
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, numbers_under, run

from aicompute.book.results import document
from aicompute.cells import run_pages
from aicompute.compare import Comparison, Side, compare, load_side
from aicompute.errors import CallError
from aicompute.places import DATA
from aicompute.results import conditional_sentences
from aicompute.what_moved import as_html, as_json, cut, markdown, table, what_moved

SENTENCE = {"file": "chapters/x.md", "line": 7, "condition": "trend.x < 3", "because": "5 < 3",
            "text": "Less than a\nquarter: {number}`trend.x` {cite:p}`a`, [so](y.md)."}


def side(results: dict[str, Any], name: str = "a", **parts: Any) -> Side:
    """A small result document; a bare number is a value without interval."""
    full = {n: r if isinstance(r, dict) else
            {"value": r, "unit": "months", "low": None, "high": None} for n, r in results.items()}
    return Side(name, {"assumptions": {}, "results": full, **parts})


NARROW = {"value": 3.0, "unit": "months", "low": 2.5, "high": 3.5}


@pytest.mark.parametrize(("a", "b", "shown"), [
    ({"x": 2.0, "y": 1.0}, {"x": 3.0, "y": 1.0}, "x       2  3     +1  1.500  months"),
    # The last bit of a float is no change.
    ({"x": 0.1 + 0.2}, {"x": 0.3}, "Nothing moved."), ({"x": 1.0}, {"x": 1.0}, "Nothing moved."),
    ({"x": NARROW}, {"x": {**NARROW, "high": 4.5}}, "interval only"),
    ({"x": 2.0}, {"x": None}, "x       2  unknown"), ({}, {"x": 2.0}, "x       absent  2"),
    ({"x": 0.0}, {"x": 2.0}, "x       0  2     +2"),
])
def test_a_number_that_moved_has_its_difference_and_its_ratio_where_there_is_one(
    a: dict[str, Any], b: dict[str, Any], shown: str
) -> None:
    assert shown in table(compare(side(a), side(b)), 10)


def test_a_difference_or_ratio_beyond_any_number_is_none() -> None:
    moved = compare(side({"x": -1e308, "y": 1e-300}), side({"x": 1e308, "y": 1e300})).moved
    assert {m.name: (m.difference is None, m.ratio is None) for m in moved} == {
        "x": (True, False), "y": (False, True)}


def test_the_headline_comes_first_and_then_what_moved_most() -> None:
    a = {"z.far": 1.0, "systems.x": 1.0, "systems.y": 1.0, "trend.published.x": 1.0,
         "headline.factor": 1.0, "headline.doubling_time_months": 1.0}
    b = {"z.far": 99.0, "systems.x": 1.1, "systems.y": 3.0, "trend.published.x": 1.2,
         "headline.factor": 9.0, "headline.doubling_time_months": 1.001}
    assert [m.name for m in compare(side(a), side(b)).moved] == [
        "headline.doubling_time_months", "headline.factor", "trend.published.x", "systems.y",
        "systems.x", "z.far"]


def test_a_sentence_that_ceased_to_hold_is_told_with_the_numbers_it_had() -> None:
    a = side({"trend.x": 2.0}, holds=[{**SENTENCE, "holds": True}])
    b = side({"trend.x": 5.0}, holds=[{**SENTENCE, "holds": False}])
    (fallen,) = compare(a, b).fallen
    assert fallen["text"] == "Less than a quarter: 2 months, so."
    assert compare(b, a).fallen == []
    assert "1 number moved and 1 sentence ceased to hold." in table(compare(a, b), 10)
    assert "Less than a quarter: 2 months, so. (chapters/x.md:7: 5 < 3)" in table(
        compare(a, b), 10)


@pytest.mark.slow
def test_a_scenario_is_told_by_its_assumptions_numbers_and_sentences() -> None:
    here, there = numbers_under(), numbers_under(without_alphabet=True)
    comparison = compare(*(Side("", {
        "assumptions": {"without_alphabet": numbers is there},
        "results": {n: vars(number) for n, number in numbers.items()},
        "holds": [vars(s) for s in conditional_sentences(numbers, here)],
    }) for numbers in (here, there)))
    assert comparison.assumptions == {"without_alphabet": (False, True)}
    assert comparison.moved[0].name == "headline.doubling_time_months"
    assert {"chapters/trend.md", "chapters/debate.md"} & {s["file"] for s in comparison.fallen}
    assert "{" not in "".join(s["text"] for s in comparison.fallen)


def test_what_goes_beyond_the_limit_is_counted_and_json_holds_everything() -> None:
    comparison = compare(side({f"x{n}": 1.0 for n in range(9)}), side({}))
    assert "and 6 more numbers that moved" in table(comparison, 3)
    assert "and 6 more numbers that moved" in markdown(comparison, 3)
    assert len(json.loads(as_json(comparison, 3))["moved"]) == 9


def fits(recounted: float, headline: float = 3.0, **given: Any) -> Side:
    """A document with the headline and the fits, and the counts of two systems."""
    counts = {f"systems.{name}.recounted_pfs_days": recounted * size
              for name, size in (("x", 1.0), ("y", 2.0))}
    counts["systems.z.recounted_pfs_days"] = {"value": 1.0, "low": -recounted}
    return side({"headline.doubling_time_months": headline,
                 "trend.published.doubling_time_months": 3.0,
                 "trend.recounted.doubling_time_months": recounted, **counts},
                **{"assumptions": given, "claims": {"c": "reproduced"}})


def test_what_did_not_move_is_said_with_its_reason_and_what_did_beside_it() -> None:
    comparison = compare(fits(4.0, gpu_utilization=0.33), fits(5.0, gpu_utilization=0.5))
    assert cut(what_moved(comparison), 10) == [
        ("", ["4 numbers moved."]),
        ("The headline", [
            "It did not move: it rests on published values, the points of the article's chart, "
            "untouched by gpu_utilization.",
            "The fit through published values: doubling every 3 months, as before",
            "The fit through recounted values: doubling every 4 → 5 months"]),
        ("Systems that moved most", ["recounted 1.25×: x 4 → 5 months and y 8 → 10 months"]),
        ("What did not move", ["1 of 1 verdicts stand as before."]),
    ]


def test_terminal_pull_request_and_book_say_the_same() -> None:
    comparison = compare(fits(4.0), fits(4.0, headline=3.5))
    parts = cut(what_moved(comparison), 10)
    said = [text for title, items in parts for text in (title, *items)]
    assert "Doubling time: 3 → 3.500 months" in said
    shown = table(comparison, 10), unescape(markdown(comparison, 10)), unescape(as_html(parts))
    assert [text for text in said for form in shown if text not in form] == []


def test_the_first_example_of_the_readme_shows_something_moving(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aicompute.compare.results_document", lambda assumptions, data: document(
        assumptions, data, run_pages(["index", "trend"], assumptions), [], [], {}))
    code = (ROOT / "README.md").read_text("utf-8").split("## Alter an assumption")[1]
    (command,) = re.findall(r"^\. \.venv.*\naicompute ([^#]+)", code, re.MULTILINE)
    done = run(*shlex.split(command), columns=200)
    assert re.search(r"through recounted values: doubling every [\d.]+ → [\d.]+ m", done.stdout)
    assert "It did not move: it rests on published values" in done.stdout


# --- what explains it --------------------------------------------------------------------------


def tables(folder: Path, before: str, after: str) -> Comparison:
    """Two results whose one table has changed."""
    sides = []
    for name, content in (("a", before), ("b", after)):
        (folder / name).mkdir()
        (folder / name / "t.csv").write_text(content, encoding="utf-8")
        document = {"assumptions": {}, "results": {}, "data_files": {"t.csv": name, name: "1"}}
        sides.append(Side(name, document, folder / name))
    return compare(*sides)


def test_a_changed_number_is_told_before_notes_and_a_new_id_is_a_rename(tmp_path: Path) -> None:
    def system(system_id: str, note: str) -> str:
        return f"{system_id},{system_id.replace('_', '').upper()},{note}\n"

    sides = []
    for name, note, last, value in (("a", "old", "gpt_x", "1"), ("b", "new", "gptx", "2")):
        (tmp_path / name).mkdir()
        ids = [*(f"s{i}" for i in range(99)), last]
        (tmp_path / name / "systems.csv").write_text(
            "system_id,name,note\n" + "".join(system(i, note) for i in ids))
        (tmp_path / name / "published.csv").write_text(
            f"system_id,kind,pfs_days\n{last},plotted,{value}\n")
        files = {file: name for file in ("systems.csv", "published.csv")}
        sides.append(side({f"systems.{last}.published_pfs_days": float(value)}, name,
                          data_files=files, systems=ids))
    comparison = compare(*(Side(s.name, s.document, tmp_path / s.name) for s in sides))
    text = markdown(comparison, 15)
    assert "- gpt_x → gptx\n" in text
    assert "**Rows that changed**\n- published.csv: gptx: pfs_days 1 → 2\n\n" in text
    assert "| `systems.gptx.published_pfs_days` | 1 | 2 |" in text
    assert "and 85 more" in text.split("<summary>Rows whose texts alone changed</summary>")[1]


@pytest.mark.parametrize(("before", "after", "rows"), [
    # Once a column was added, the rows that changed with it were not told.
    ("id,old,x\na,1,2\nb,1,3\n", "id,x,new\na,5,\nb,3,9\nc,4,\n",
     ["t.csv: column old: removed", "t.csv: column new: added", "t.csv: a: x 2 → 5",
      "t.csv: c: added"]),
    ("id\na\n", "key\na\n", ["t.csv: column id: removed", "t.csv: column key: added"]),
    ("id,x\na\n", "id,x\na,1\n", ["t.csv: a: x empty → 1"]),
    ("id,x\na,1\na,2\n", "id,x\na,1\na,3\n", ["t.csv: a: x 2 → 3"]),
])
def test_rows_that_changed_are_named_cell_by_cell(
    tmp_path: Path, before: str, after: str, rows: list[str]
) -> None:
    lines = table(tables(tmp_path, before, after), 10).splitlines()
    start = lines.index("Rows that changed") + 1
    assert [line.strip() for line in lines[start:start + len(rows)]] == rows


def test_files_systems_and_verdicts_that_changed_are_named(tmp_path: Path) -> None:
    text = table(tables(tmp_path, "id\na\n", "id\nb\n"), 10)
    assert all(f"  {file}" in text for file in ("t.csv: a: removed", "b (added)", "a (removed)"))
    a = side({}, systems=["x", "y"], claims={"c": "reproduced"})
    b = side({}, systems=["y", "z"], claims={"c": "within_factor"})
    text = table(compare(a, b), 10)
    assert "Systems added\n  z: z\n" in text
    assert "Systems removed\n  x" in text
    assert "  c: reproduced → within_factor" in text


def test_a_cell_of_the_tables_is_shown_letter_by_letter_and_obeyed_nowhere(tmp_path: Path) -> None:
    comparison = tables(tmp_path, "id,x\nkept,1\n", "id,x\nkept,`|<img src=x>@everyone\x1b[2J\n")
    rows = markdown(comparison, 10).split("**Rows that changed**")[1].split("<details>")[0]
    assert not set("`|<>@\x1b") & set(rows)
    assert table(comparison, 10).replace("\n", "").isprintable()


def test_the_tables_beside_a_result_file_explain_it_as_those_of_its_folder_do(
    tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    for name in ("results.json", "kept.json"):
        (tmp_path / name).write_text(json.dumps(side({}).document), encoding="utf-8")
    assert load_side(str(tmp_path), DATA).data == tmp_path / "data"
    assert load_side(str(tmp_path / "results.json"), DATA).data == tmp_path / "data"
    # A file of another name may lie beside any tables.
    assert load_side(str(tmp_path / "kept.json"), DATA).data is None


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize("text", [
    "", "[]", "{}", '{"assumptions": {}}', '{"assumptions": {}, "results": []}',
    '{"assumptions": {}, "results": {"x": 1}}', '{"assumptions": {}, "results": {"x": {}}}',
    '{"assumptions": {}, "results": {"x": {"value": "1"}}}', "[" * 100_000,
    # Once taken as 1.
    '{"assumptions": {}, "results": {"x": {"value": true}}}',
    '{"assumptions": {}, "results": {}, "claims": []}',
    '{"assumptions": {}, "results": {}, "holds": [{"file": "x"}]}',
    # A terminal would obey it.
    '{"assumptions": {}, "results": {"\\u001b[2J": {"value": 1}}}',
    # JSON has neither NaN nor Infinity, and what lies beyond a float is no number either.
    '{"assumptions": {}, "results": {"t.x": {"value": NaN}}}',
    '{"assumptions": {}, "results": {"x": {"value": 1, "high": Infinity}}}',
    '{"assumptions": {}, "results": {"x": {"value": 1' + "0" * 400 + "}}}",
    '{"assumptions": {"seed": NaN}, "results": {}}',
])
def test_a_file_that_is_no_result_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CallError, match="not a result file") as refused:
        load_side(str(path), DATA)
    assert '"results": {"t.x"' not in text or "results.t.x.value" in str(refused.value)


def test_a_folder_without_results_and_a_misspelt_scenario_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CallError, match=r"has no results\.json"):
        load_side(str(tmp_path), DATA)
    with pytest.raises(CallError, match="did you mean without-alphabet"):
        load_side("without-alphabeth", DATA)
