"""Damaged tables: each means the same as the clean ones, or is refused where the damage stands."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import damage
import pytest
from damage import KINDS, Damage
from hypothesis import HealthCheck, Phase, given, settings

from aicompute.book.build import Order, build
from aicompute.dataset import ARCHITECTURES, DATA, Dataset, check
from aicompute.dataset.csv_table import Problem
from aicompute.errors import DataError

#: Of so many damaged datasets one is built as well: what refuses it is the check judged before.
BUILT = 20
#: At least this share of the draws of a kind must differ from each other.
NEW = 0.95
BOOK = ("html/index.html", "results.json")


def typed(directory: Path) -> dict[str, Any]:
    """Everything a folder says, as the report reads it."""
    dataset = Dataset(directory)
    names = [*damage.TABLES, *(f"{ARCHITECTURES}/{name}" for name in dataset.architectures())]
    return {**{name: dataset.rows(name) for name in names}, "sources": dataset.sources}


CLEAN = typed(DATA)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy of the tables, damaged and mended again."""
    directory = tmp_path_factory.mktemp("damaged")
    (directory / ARCHITECTURES).mkdir()
    damage.mend(dict.fromkeys(damage.CLEAN), directory)
    return directory


def names_the_place(problem: Problem, planted: Damage) -> bool:
    """Whether a problem names what was planted: file, line, column and value, and a rule."""
    return (
        problem.file == planted.file
        and planted.line in (None, problem.line)
        and planted.column in (None, problem.column)
        and planted.value in (None, problem.value)
        and problem.rule != ""
    )


def judge(planted: Damage, folder: Path) -> None:
    """Hold the check of one damaged folder to what was planted in it."""
    problems = check(folder)
    for problem in problems:
        line = str(problem)
        assert line.isprintable(), ascii(line)
        assert len(line) < 3_000
    if not planted.file:
        assert problems == []
        assert typed(folder) == CLEAN
        return
    assert any(names_the_place(problem, planted) for problem in problems), [
        str(problem)[:300] for problem in problems[:5]
    ]


def hold_back(planted: Damage, folder: Path, book: Path) -> None:
    """Build of a damaged folder: refused, each problem a line, and the book there untouched."""
    for name in BOOK:
        (book / name).parent.mkdir(exist_ok=True)
        (book / name).write_text("the book before")
    with pytest.raises(DataError) as caught:
        build(Order(data=folder, output=book))
    assert str(caught.value).splitlines() == [str(problem) for problem in check(folder)]
    assert {(book / name).read_text() for name in BOOK} == {"the book before"}
    assert {path.name for path in (book / "html").iterdir()} == {"index.html"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_dataset_means_the_same_or_is_refused_where_the_damage_is(
    kind: str, folder: Path, tmp_path: Path
) -> None:
    strategy, count = KINDS[kind]
    seen: set[int] = set()

    @settings(max_examples=count, derandomize=True, deadline=None, database=None,
              phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def hold(planted: Damage) -> None:
        damage.put(planted.content, folder)
        try:
            judge(planted, folder)
            if planted.file and len(seen) % BUILT == 0:
                hold_back(planted, folder, tmp_path)
        finally:
            damage.mend(planted.content, folder)
        seen.add(hash(frozenset(planted.content.items())))

    hold()
    assert len(seen) >= NEW * count


def test_a_run_makes_five_hundred_damaged_datasets_at_least() -> None:
    assert NEW * sum(count for _, count in KINDS.values()) >= 500


def test_every_column_of_every_table_refuses_every_text_it_must(folder: Path) -> None:
    # Many cells of a copy are damaged at once, each in a row of its own where there are enough.
    missed: list[str] = []
    for batch in batches():
        content = {file: damage.with_cells(file, cells) for file, cells in batch.items()}
        damage.put(content, folder)
        found = {(p.file, p.line, p.column) for p in check(folder)}
        damage.mend(content, folder)
        for file, cells in batch.items():
            names = damage.ROWS[file][0]
            missed += [f"{file}:{row + 1}: {names[place]}: {text[:40]!r}"
                       for (row, place), text in cells.items()
                       if (file, row + 1, names[place]) not in found]
    assert missed == []


def batches() -> list[dict[str, dict[tuple[int, int], str]]]:
    """For every text a column must refuse, a cell of that column; at most one cell a row."""
    made: list[dict[str, dict[tuple[int, int], str]]] = []
    for table, schema in damage.SCHEMAS.items():
        file = next(f for f in damage.FILES if damage.table_of(f) == table)
        size = len(damage.ROWS[file]) - 1
        cells = [(place, text) for place, column in enumerate(schema.columns)
                 for text in damage.wrong_cells(table, column)
                 # What moves the lines below, or is as large as that, is planted one by one.
                 if len(text) < damage.MILLION and not {"\n", "\r"} & set(text)]
        for number, (place, text) in enumerate(cells):
            batch, row = divmod(number, size)
            made += [{} for _ in range(batch + 1 - len(made))]
            made[batch].setdefault(file, {})[row + 1, place] = text
    return made


def test_three_damages_in_three_tables_are_seen_in_one_go(data: Path) -> None:
    planted = {
        "systems.csv": {(3, 2): "2015-02-30"}, "chips.csv": {(2, 5): "1,5"},
        "architectures/alexnet.csv": {(1, 2): "-1"},
    }
    damage.put({f: damage.with_cells(f, cells) for f, cells in planted.items()}, data)
    found = {(p.file, p.line, p.column, p.value) for p in check(data)}
    assert found == {
        ("systems.csv", 4, "published", "2015-02-30"),
        ("chips.csv", 3, "base_tflop_per_second", "1,5"),
        ("architectures/alexnet.csv", 2, "repeat", "-1"),
    }


def test_a_header_a_mark_or_a_quote_at_fault_hides_nothing_else_of_its_file(data: Path) -> None:
    rows = [list(row) for row in damage.ROWS["chips.csv"]]
    rows[0][1] = "title"
    rows[3][4] = "2015-02-30"
    text = damage.written(rows).decode().splitlines()
    # Two quotes astray: one within a cell, and one that is never closed.
    text[4] = text[4].replace(",", 'a"b,', 1)
    text[6] = text[6].replace(",", ',"', 1)
    damage.put({"chips.csv": ("\ufeff" + "\n".join(text) + "\n").encode()}, data)
    first, second = rows[4][0], rows[6][1]
    found = {(p.line, p.column, p.value) for p in check(data) if p.file == "chips.csv"}
    assert found == {
        (1, "", "\ufeff"), (1, "title", "title"), (1, "name", ""), (4, "released", "2015-02-30"),
        (5, "chip_id", f'{first}a"b'), (7, "", f'"{second}'),
    }


def test_columns_that_stand_in_another_order_are_read_by_their_names(data: Path) -> None:
    rows = [[row[1], row[0], *row[2:]] for row in damage.ROWS["chips.csv"]]
    rows[2][4] = "soon"
    damage.put({"chips.csv": damage.written(rows)}, data)
    assert {(p.file, p.line, p.column) for p in check(data)} == {
        ("chips.csv", 1, ""), ("chips.csv", 3, "released")}


def test_a_descriptor_at_fault_does_not_hide_what_is_wrong_in_the_tables(data: Path) -> None:
    damage.put({"datapackage.json": b"{", "eras.csv": None,
                "references.bib": damage.CLEAN["references.bib"] + b"@misc{"}, data)
    files = {problem.file for problem in check(data)}
    assert {"datapackage.json", "eras.csv", "references.bib"} <= files


def test_a_table_that_cannot_be_read_is_one_problem_and_not_one_a_reference(data: Path) -> None:
    (data / "systems.csv").unlink()
    assert [str(problem) for problem in check(data)] == [
        "systems.csv:1: : '': the file is missing"
    ]


def test_every_fault_of_the_bibliography_is_named_by_its_line(data: Path) -> None:
    path = data / "references.bib"
    lines = len(path.read_text(encoding="utf-8").splitlines())
    with path.open("a", encoding="utf-8") as file:
        file.write("@misc{Bad,\n  title = {One},\n  year = {soon},\n"
                   "  url = {javascript:alert(1)},\n}\n")
    assert [(p.line, p.column, p.value) for p in check(data)] == [
        (lines + 1, "Bad", "Bad"),
        (lines + 3, "Bad year", "soon"),
        (lines + 4, "Bad url", "javascript:alert(1)"),
    ]


def test_a_folder_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    ended = command("check", "--data", str(tmp_path / "nowhere"))
    assert ended.returncode == 2
    assert ended.stderr == (
        f"aicompute check: invalid value for '--data': Directory '{tmp_path / 'nowhere'}' does not "
        "exist; see aicompute check --help\n")


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "aicompute", *arguments], capture_output=True, text=True,
        check=False,
    )


HANDFUL: dict[str, Callable[[bytes], bytes | None]] = {
    "latin-1": lambda content: content.decode().replace("a", "é").encode("latin-1"),
    "empty": lambda content: b"",
    "a million characters": lambda content: content + b"x" * damage.MILLION,
    "zero bytes": lambda content: content + b"\0\0",
    "a terminal's commands": lambda content: b"\x1b[2J" + content,
}


@pytest.mark.parametrize("what", HANDFUL)
def test_the_command_line_refuses_with_lines_and_no_traceback(data: Path, what: str) -> None:
    damage.put({"eras.csv": HANDFUL[what](damage.CLEAN["eras.csv"])}, data)
    ended = command("check", "--data", str(data))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Traceback" not in ended.stderr
    assert all(line.startswith("eras.csv:") for line in ended.stderr.splitlines())
    assert ended.stderr.replace("\n", "").isprintable()
