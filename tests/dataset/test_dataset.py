"""The tables: what is refused, where the message points, and what is let through."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import frictionless
import pytest

from aicompute.assumptions import Assumptions
from aicompute.dataset import DATA, Dataset, check, open_dataset
from aicompute.dataset.schema import expanded_package
from aicompute.errors import DataError
from aicompute.study import Study

Change = Callable[[str, str, str], None]


def lines(directory: Path) -> list[str]:
    """Every problem of a folder, as it is printed."""
    return [str(problem) for problem in check(directory)]


def line_of(directory: Path, file: str, start: str) -> int:
    """Line on which the one row that begins so stands."""
    rows = (directory / file).read_text(encoding="utf-8").splitlines()
    found = [number for number, row in enumerate(rows, 1) if row.startswith(start)]
    assert len(found) == 1
    return found[0]


def test_the_reports_own_tables_are_sound() -> None:
    assert lines(DATA) == []


def test_a_missing_column_is_named(data: Path) -> None:
    path = data / "eras.csv"
    rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([rows[0].replace("name,", "", 1), *rows[1:]]), encoding="utf-8")
    assert "eras.csv:1: name: '': the column is missing" in lines(data)


def test_an_unknown_chip_is_refused_with_file_and_line(data: Path, change: Change) -> None:
    line = line_of(data, "chip_time.csv", "dropout,article")
    change("chip_time.csv", "dropout,article,training,gtx_580", "dropout,article,training,gtx_999")
    assert f"chip_time.csv:{line}: chip_id: 'gtx_999': is no chip_id of chips.csv" in lines(data)


def test_a_date_that_is_none_is_refused_with_file_and_line(data: Path, change: Change) -> None:
    line = line_of(data, "systems.csv", "resnet,")
    change("systems.csv", "resnet,ResNets,2015-12-10", "resnet,ResNets,2015-02-30")
    expected = f"systems.csv:{line}: published: '2015-02-30': must be a date YYYY-MM-DD"
    assert expected in lines(data)


def test_a_negative_number_is_refused_with_file_and_line(data: Path, change: Change) -> None:
    row = "dropout,article,training,gtx_580,,"
    change("chip_time.csv", f"{row}1,", f"{row}-1,")
    line = line_of(data, "chip_time.csv", "dropout,article")
    assert f"chip_time.csv:{line}: chips: '-1': must be above 0" in lines(data)


@pytest.mark.parametrize(
    "cell", ["1,5e6", "1e400", "nan", "inf", "1 000", "0x10", "１", "1e-400", "1_000"]
)
def test_what_is_no_finite_plain_number_is_refused(data: Path, change: Change, cell: str) -> None:
    change("published.csv", "dqn,plotted,,2.7e-5", f'dqn,plotted,,"{cell}"')
    assert any("published.csv" in line and "pfs_days" in line for line in lines(data))


@pytest.mark.parametrize("place", ["none", "None", "unknown", "n/a", "N.A.", "..", "?!", "TBD"])
def test_a_place_in_a_source_that_is_none_is_refused(
    data: Path, change: Change, place: str
) -> None:
    line = line_of(data, "published.csv", "dropout,printed")
    change("published.csv", 'dropout,printed,2,0.0021,=,openai_2018,"appendix, Selected Additional '
           'Calculations"', f"dropout,printed,2,0.0021,=,openai_2018,{place}")
    rule = "must say where in the source: section, table, figure, page"
    assert lines(data) == [f"published.csv:{line}: source_place: '{place}': {rule}"]


@pytest.mark.parametrize("place", ["-", "."])
def test_a_place_in_a_source_of_one_sign_is_refused(
    data: Path, change: Change, place: str
) -> None:
    change("published.csv", 'dropout,printed,2,0.0021,=,openai_2018,"appendix, Selected Additional '
           'Calculations"', f"dropout,printed,2,0.0021,=,openai_2018,{place}")
    assert any("source_place" in line for line in lines(data))


@pytest.mark.parametrize("place", ["p. 1", "notes", "table 2", "unknown rows of table 2"])
def test_a_place_in_a_source_that_is_one_passes(data: Path, change: Change, place: str) -> None:
    change("published.csv", 'dropout,printed,2,0.0021,=,openai_2018,"appendix, Selected Additional '
           'Calculations"', f"dropout,printed,2,0.0021,=,openai_2018,{place}")
    assert lines(data) == []


def test_every_problem_is_listed_at_once(data: Path, change: Change) -> None:
    change("systems.csv", "resnet,ResNets,2015-12-10", "resnet,ResNets,yesterday")
    change("published.csv", "dqn,plotted,,2.7e-5", "dqn,plotted,,-2")
    (data / "eras.csv").unlink()
    files = {line.split(":")[0] for line in lines(data)}
    assert {"systems.csv", "published.csv", "eras.csv"} <= files


def test_a_key_that_stands_twice_is_refused_with_both_lines(data: Path) -> None:
    path = data / "chips.csv"
    rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*rows, rows[1]]) + "\n", encoding="utf-8")
    chip = rows[1].split(",")[0]
    assert f"chips.csv:{len(rows) + 1}: chip_id: {chip!r}: stands already on line 2" in lines(data)


def test_a_range_whose_low_end_lies_above_its_value_is_refused(data: Path, change: Change) -> None:
    row = "alexnet,article,training,gtx_580,,2,,"
    change("chip_time.csv", f"{row}5,5.5,6", f"{row}7,5.5,6")
    assert any("days_low: '7" in line and "at most days" in line for line in lines(data))


def test_a_source_that_is_not_in_the_bibliography_is_refused(data: Path, change: Change) -> None:
    change("eras.csv", "out of easy reach.\",openai_2018", "out of easy reach.\",nobody_1900")
    assert any("source_key: 'nobody_1900': is no key" in line for line in lines(data))


def test_a_guess_must_name_a_column_that_is_filled(data: Path) -> None:
    path = data / "chip_time.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["guessed"] = "weather"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    assert any("guessed: 'weather': is no column of chip_time.csv" in line for line in lines(data))


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "the column is missing"),
        (b"\xef\xbb\xbfera_id", "must not begin with a byte order mark"),
        ("name\né".encode("latin-1"), "must be UTF-8 text"),
        (b'era_id,"na', "not CSV"),
    ],
)
def test_a_file_that_is_no_clean_csv_is_refused(data: Path, content: bytes, rule: str) -> None:
    (data / "eras.csv").write_bytes(content)
    assert any(line.startswith("eras.csv:") and rule in line for line in lines(data))


def test_windows_line_ends_mean_the_same(data: Path) -> None:
    path = data / "chips.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert Dataset(data).rows("chips") == Dataset(DATA).rows("chips")
    assert lines(data) == []


def test_a_workload_needs_a_layer_table_or_a_count(data: Path, change: Change) -> None:
    text = (data / "workloads.csv").read_text(encoding="utf-8")
    row = next(row for row in text.splitlines() if row.startswith("alexnet,recount"))
    change("workloads.csv", row, row.replace(",alexnet,", ",,", 1))
    assert any("give either architecture or multiply_adds" in line for line in lines(data))


def test_a_range_that_does_not_hold_what_its_layer_table_counts_is_refused(
    data: Path, change: Change
) -> None:
    # The layer table of Adam's network counts 46,294,800.
    line = line_of(data, "workloads.csv", "adam,recount")
    change("workloads.csv", "adam_cifar,14346000,,,", "adam_cifar,47000000,,,")
    expected = (f"workloads.csv:{line}: multiply_adds_low: '47000000.0': must be at most 46294800, "
                "which architectures/adam_cifar.csv counts")
    assert expected in lines(data)


def test_a_system_whose_method_has_no_row_is_refused(data: Path, change: Change) -> None:
    text = (data / "chip_time.csv").read_text(encoding="utf-8")
    row = next(row for row in text.splitlines() if row.startswith("dropout,article"))
    change("chip_time.csv", row + "\n", "")
    expected = "article_method: '2': chip_time.csv has no article row of dropout"
    assert any(expected in line for line in lines(data))


def test_opening_a_damaged_folder_raises_every_problem(data: Path) -> None:
    (data / "eras.csv").write_text("x\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"eras\.csv:1: x: 'x': unknown column"):
        open_dataset(data)


def test_a_data_package_that_is_no_json_is_refused_in_one_line(data: Path) -> None:
    (data / "datapackage.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match=r"^datapackage\.json:1: character 2: '': not JSON: .*$"):
        open_dataset(data)


def test_the_checksum_follows_every_file(data: Path) -> None:
    before = Dataset(data).sha256()
    with (data / "references.bib").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert Dataset(data).sha256() != before


def test_a_dataset_remembers_what_was_read() -> None:
    dataset = Dataset(DATA)
    dataset.rows("eras")
    assert dataset.files_read == {"datapackage.json", "eras.csv"}


def test_a_new_system_needs_rows_alone(data: Path) -> None:
    systems = data / "systems.csv"
    published = data / "published.csv"
    with systems.open("a", encoding="utf-8") as file:
        row = "toy,Toy,2016-01-01,Nobody,false,vision,chart,,,A toy,A toy.,openai_2018,appendix,"
        file.write(f"{row}\n")
    with published.open("a", encoding="utf-8") as file:
        file.write("toy,plotted,,1.0,=,openai_2018,appendix,\n")
    assert lines(data) == []
    assert "toy" in list(Study(Dataset(data), Assumptions()).fitted["system_id"])


def dictionary_columns(name: str, text: str) -> list[str]:
    """Columns that the data dictionary lists for one table."""
    section = text.split(f"## {name}", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return [row.split("`")[1] for row in rows]


@pytest.mark.parametrize("name", json.loads((DATA / "datapackage.json").read_text())["resources"],
                         ids=lambda resource: resource["name"])
def test_the_dictionary_lists_the_columns_of_the_schema(name: dict[str, object]) -> None:
    text = (DATA / "README.md").read_text(encoding="utf-8")
    schema = Dataset(DATA).schemas[str(name["name"])]
    assert dictionary_columns(str(name["path"]), text) == [c.name for c in schema.columns]


def test_frictionless_finds_the_data_package_and_every_table_valid(data: Path) -> None:
    # A second reader of the same descriptor: what it refuses, other people's tools refuse.
    path = data / "datapackage.json"
    path.write_text(json.dumps(expanded_package(data)), encoding="utf-8")
    report = frictionless.validate(str(path))
    assert report.flatten(["name", "rowNumber", "fieldNumber", "message"]) == []


def test_reading_tables_leaves_others_in_the_process_their_long_cells() -> None:
    # The limit of csv is global: set to the size of a small table, it made `compare` lose the rows
    # of one with longer cells.
    long = "x" * 100_000
    check(DATA)
    assert next(csv.reader([long])) == [long]


@pytest.mark.parametrize(("column", "check_of_row"), [("stated", "equal"), ("result", "more"),
                                                      ("stated_low", "range")])
def test_a_claim_without_what_it_is_held_against_is_refused(
    data: Path, column: str, check_of_row: str
) -> None:
    # Without the stated value every result would have reproduced it.
    path = data / "claims.csv"
    head, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    place = next(i for i, row in enumerate(rows) if row[head.index("check")] == check_of_row)
    rows[place][head.index(column)] = ""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    assert lines(data) == [f"claims.csv:{place + 2}: {column}: '': must not be empty where check "
                           f"is {check_of_row}"]
