"""The check of the tables: every problem is told where it stands, and sound tables have none."""

import csv
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import ROOT

from aicompute.assumptions import Assumptions
from aicompute.check import MOST, problems
from aicompute.check.cells import Problem, expanded_package, text_rule
from aicompute.layers import layer_of, weights
from aicompute.methods import counted_multiply_adds, estimates
from aicompute.places import DATA
from aicompute.tables import architecture

SIZE = "must be 0 or between 1e-30 and 1e+30 in size"
FORMULA = "must not begin, or go on after a ;, with = + - or @: a spreadsheet runs a formula"
INVISIBLE = "must be one line without control or invisible characters"


def told(folder: Path) -> list[str]:
    return [str(problem) for problem in problems(folder)]


def put(folder: Path, file: str, line: int, column: str, value: str) -> None:
    """Write one cell of a table."""
    with (folder / file).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    rows[line - 1][rows[0].index(column)] = value
    with (folder / file).open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows(rows)


def line_of(file: str, *cells: str) -> int:
    """The first line of a table that has these cells."""
    with (DATA / file).open(encoding="utf-8", newline="") as lines:
        return next(n for n, row in enumerate(csv.reader(lines), 1) if {*cells} <= {*row})


def test_the_reports_tables_are_sound() -> None:
    assert told(DATA) == []


#: A cell, what is written there, and how the rule begins that it breaks, with column and value
#: where others are told. A row is named by some of its cells; without a name any will do.
FAULTS = [
    ("systems.csv", "", "published", "2015-02-30", "must be a date, year-month-day"),
    ("systems.csv", "", "domain", "vison",
     "must be one of vision, language, speech, games, general"),
    ("systems.csv", "", "name", "", "must not be empty"),
    ("systems.csv", "", "recount_method", "2.0", "must be a whole number, 2 and not 2.0"),
    ("systems.csv", "", "source_key", "nobody_2000", "is no key of references.bib"),
    ("systems.csv", "", "source_place", "n/a",
     "must say where in the source: section, table, figure, page"),
    ("systems.csv", "", "note", "=HYPERLINK(A1)", FORMULA),
    ("systems.csv", "", "note", "fine; +1+1", FORMULA),
    ("systems.csv", "", "note", "one\nand two", INVISIBLE),
    ("systems.csv", "", "name", "a\x1b[2J\u202eb", INVISIBLE),
    ("systems.csv", "", "name", "\u3164", "must hold a character that can be seen"),
    ("systems.csv", "", "name", " a", "must not begin or end with a space"),
    # A caption took it for a number of the report.
    ("systems.csv", "", "name", "{trend.published.points}", "must be of the form "),
    ("systems.csv", "", "note", "x" * 3000, "must have at most 2000 characters"),
    ("chips.csv", "", "base_tflop_per_second", "1,5",
     "must be a number, with a point and without thousands separators"),
    ("chips.csv", "", "base_tflop_per_second", "0", "must be above 0"),
    ("published.csv", "", "pfs_days", "1e40", SIZE),
    ("published.csv", "", "pfs_days", "inf", SIZE),
    ("published.csv", "", "system_id", "nobody", "is no system_id of systems.csv"),
    ("workloads.csv", "", "guessed", "nothing", "is no column of workloads.csv"),
    ("architectures/alexnet.csv", "", "repeat", "-1", "must be at least 1"),
    # Once only the first of the layer tables was held to its schema.
    ("architectures/zfnet.csv", "", "in_channels", "x", "must be a whole number, 2 and not 2.0"),
    ("architectures/vgg16.csv", "", "kernel_width", "1_0", "must be a whole number, 2 and not 2.0"),
    # Each was once taken without a word, and moved a trend.
    ("published.csv", "gpt_3", "pfs_days", "3.14e23",
     ("pfs_days", "3.14e+23", "must be at most 1000 times any other within two years; is it FLOP? "
      "That would be 3634 pfs-days")),
    ("published.csv", "vgg", "pfs_days", "980",
     "must be at most 1000 times any other within two years; is its point in the right place?"),
    ("systems.csv", "alexnet", "set", "later",
     "must be published from 2018-01-01 to "),
    ("systems.csv", "vgg", "name", "AlexNet", "stands already on line "),
    ("systems.csv", "gopher", "name", "gpt\u2011 3", "stands already on line "),  # it looks alike
    ("systems.csv", "vae", "article_method", "2", "chip_time.csv has no article row of vae"),
    ("workloads.csv", "alexnet recount", "architecture", "nonet",
     "there is no architectures/nonet.csv"),
    ("workloads.csv", "vgg recount", "architecture", "",
     ("parameters", "", "give one of architecture or multiply_adds or parameters")),
    ("workloads.csv", "zfnet", "parameters", "6e7",
     ("parameters", "architecture parameters",
      "give one of architecture or multiply_adds or parameters")),
    ("workloads.csv", "kimi_k2", "total_parameters", "3e10",
     ("parameters", "3.2e+10", "must be at most total_parameters, which is 3e+10")),
    ("chip_time.csv", "gpt_oss_120b", "chips", "8",
     ("chip_hours", "chips chip_hours", "give one of chips and days or chip_hours")),
    ("chip_time.csv", "alexnet recount", "chips", "",
     ("chip_hours", "days", "give one of chips and days or chip_hours")),
    ("chips.csv", "h100_bf16", "sparse_tflop_per_second", "989.4",
     "must be above the dense rating, which is 989.4"),
    ("systems.csv", "grok_4", "builds_on", "deepseek_v4", "must be a system published before"),
    ("systems.csv", "deepseek_r1", "builds_on", "deepseek_r1", "must be a system published before"),
    ("systems.csv", "deepseek_r1", "builds_on", "gpt_4",
     "chip_time.csv has no recount row of it to add to deepseek_r1"),
    ("workloads.csv", "alexnet recount", "epochs_low", "200",
     "must be at most epochs, which is 90"),
    ("chip_time.csv", "vgg recount", "days_high", "14.5",
     ("days", "17.5", "must be at most days_high, which is 14.5")),
    ("chip_time.csv", "alexnet recount", "chip_id", "v100",
     "was released on 2017-06-21, after alexnet was published"),
    ("chips.csv", "gtx_580", "boost_tflop_per_second", "0.5",
     ("base_tflop_per_second", "1.581", "must be at most boost_tflop_per_second, which is 0.5")),
    ("claims.csv", "range", "stated_low", "", "must not be empty where check is range"),
    ("chip_time.csv", "vgg recount", "range_means", "utilization:limits",
     "says what a range means, and utilization has none"),
    ("chip_time.csv", "dropout", "range_means", "limits",
     "says what a range means, and the row has none"),
    ("chip_time.csv", "alexnet", "range_means", "days:within_2x",
     "days needs a value, and no ends beside that; name the column, as days:within_2x"),
    ("chip_time.csv", "nas", "range_means", "within_2x",
     "the row needs a value, and no ends beside that; name the column, as days:within_2x"),
    ("workloads.csv", "word2vec", "range_means", "5_to_95",
     "the row needs a low end and a high end for that"),
    ("published.csv", "gpt_4", "range_means", "90_percent",
     "must be limits, 2.5_to_97.5, 5_to_95, 10_to_90, 16_to_84, 25_to_75 or within_3x, or such a "
     "word of one column, as days:limits"),
    ("chip_time.csv", "zfnet recount", "utilization_high", "0.5",
     ("utilization", "", "must not be empty beside a range of it")),
    ("workloads.csv", "vgg", "errors_of", "nobody", "is no system_id of systems.csv"),
    ("architectures/xception.csv", "entry_1_1_depthwise", "kind", "depthwise",
     "layer depthwise: unknown; did you mean depthwise_conv? valid: "),
    ("architectures/alexnet.csv", "conv2", "groups", "3", "must divide out_channels (256)"),
    ("architectures/dqn.csv", "conv2", "in_channels", "8", "must be 16, what conv1 hands on"),
]


@pytest.fixture(scope="module")
def told_of(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Problem]]:
    """What is told of the row of each of those faults, of many in one go."""
    found: dict[str, list[Problem]] = {}
    named = {(file, line_of(file, *row.split())) for file, row, *_ in FAULTS if row}
    left = list(FAULTS)
    # A row has one fault at a time, and what ties rows together is looked at once cells are sound.
    for _ in range(4):
        folder = tmp_path_factory.mktemp("faults") / "data"
        shutil.copytree(DATA, folder)
        at: dict[tuple[str, int], Any] = {}
        for fault in left:
            file, row, column, value, _ = fault
            line = line_of(file, *row.split()) if row else next(
                n for n in range(3, 60) if (file, n) not in {*named, *at})
            if at.setdefault((file, line), fault) is fault:
                put(folder, file, line, column, value)
        found |= {repr(fault): [] for fault in at.values()}
        for p in problems(folder):
            if fault := at.get((p.file, p.line)):
                found[repr(fault)].append(p)
        left = [fault for fault in left if not told_well(fault, found.get(repr(fault)))]
        left.sort(key=lambda fault: repr(fault) in found)
    return found


def told_well(fault: Any, told: list[Problem] | None) -> bool:
    """Whether that of a row is told which should be, and nothing else."""
    *_, column, value, said = fault
    column, value, rule = said if isinstance(said, tuple) else (column, value, said)
    return [(p.column, p.value, p.rule[:len(rule)]) for p in told or ()] == [(column, value, rule)]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: " ".join(fault[:4])[:60])
def test_a_fault_is_told_once_with_column_value_and_rule(
    told_of: dict[str, list[Problem]], fault: Any
) -> None:
    assert told_well(fault, told_of[repr(fault)]), told_of[repr(fault)]
    assert str(told_of[repr(fault)][0]).isprintable()


def swapped(before: str, after: str) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(before.encode(), after.encode(), 1)


@pytest.mark.slow
@pytest.mark.parametrize(("damage", "expected"), [
    (lambda content: b"", "1: : '': the line with the names of the columns is missing"),
    (lambda content: content.decode().replace("a", "é").encode("latin-1"),
     "1: : \"b'\\\\xe9'\": must be UTF-8 text"),
    (lambda content: b"\xef\xbb\xbf" + content,
     "1: : '': must not begin with a byte order mark: save it as plain UTF-8"),
    (lambda content: content.replace(b",", b";"),
     "1: : '': cells must be divided by commas: export the table as CSV with commas"),
    (swapped(",what,", ",why,"), "1: what: '': the column is missing"),
    (swapped(",start,end,", ",end,start,"), "1: : '': columns must stand in the order era_id,"),
    (lambda content: b"\x1b[2J" + content, "1: \\x1b[2Jera_id: "),
    (lambda content: content + b"\n", "6: : '': the row is empty"),
    (lambda content: content.rstrip() + b",x\n",
     "5: : 'x': the row has a cell too many; a text with a comma stands in quotes, and a number "
     "has a point, 0.5 and not 0,5"),
    (lambda content: content + content.splitlines()[1] + b"\n",
     "6: era_id: 'before_2012': stands already on line 2"),
    (lambda content: content + b"\0\0", "6: era_id: '\\x00\\x00': "),
    (lambda content: content + b"x" * 6_000_000, "1: : '': must have at most 5,000,000 bytes"),
])
def test_a_file_at_fault_is_told_in_lines(
    data: Path, damage: Callable[[bytes], bytes], expected: str
) -> None:
    path = data / "eras.csv"
    path.write_bytes(damage(path.read_bytes()))
    found = told(data)
    assert any(line.startswith(f"eras.csv:{expected}") for line in found), found
    assert all(line.isprintable() and line.startswith("eras.csv:") for line in found)


def test_whole_numbers_that_pandas_wrote_with_a_point_are_one_line_a_column(data: Path) -> None:
    for path in (data / "systems.csv", data / "published.csv"):
        pd.read_csv(path).to_csv(path, index=False)
    lines = told(data)
    assert len(lines) == 3
    assert all("pandas writes it thus unless it reads the column as Int64" in x for x in lines)


def test_line_ends_and_quotes_of_other_programs_and_meanings_that_fit_are_taken(
    data: Path
) -> None:
    path = data / "eras.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    chips = pd.read_csv(data / "chips.csv", dtype=str, keep_default_na=False)
    chips.to_csv(data / "chips.csv", index=False, quoting=csv.QUOTE_ALL)
    for file, system, means in (("chip_time.csv", "nas", "chips:within_2x"),
                                ("chip_time.csv", "gnmt", "5_to_95 factor:limits"),
                                ("published.csv", "gpt_3", "within_3x")):
        put(data, file, line_of(file, system), "range_means", means)
    assert told(data) == []


def test_a_table_without_end_is_refused_and_not_read(data: Path) -> None:
    # A FIFO that nobody writes to was once waited for.
    (data / "systems.csv").unlink()
    os.mkfifo(data / "systems.csv")
    (data / "chips.csv").unlink()
    (data / "chips.csv").symlink_to("/dev/zero")
    (data / "eras.csv").unlink()
    assert told(data) == [
        "chips.csv:1: : '': must be an ordinary file",
        "eras.csv:1: : '': the file is missing",
        "systems.csv:1: : '': must be an ordinary file",
    ]


def test_a_file_of_nothing_but_faults_is_told_within_bounds(data: Path) -> None:
    with (data / "eras.csv").open("a") as file:
        file.write('"a\n' * 20_000)
    assert len(told(data)) == MOST


@pytest.mark.parametrize(("damage", "expected"), [
    (lambda content: b"{", "not a data package: Expecting property name"),
    (lambda content: b"[]", "not a data package: list indices"),
    (lambda content: b"[" * 100_000, "not a data package: "),
    (swapped('"path": "chips.csv"', '"path": "/etc/passwd"'), "must be as in the report's own"),
    (swapped('"type": "date"', '"type": "string"'), "must be as in the report's own"),
])
def test_a_descriptor_at_fault_is_told_in_one_line(
    data: Path, damage: Callable[[bytes], bytes], expected: str
) -> None:
    path = data / "datapackage.json"
    path.write_bytes(damage(path.read_bytes()))
    (line,) = told(data)
    assert line.startswith("datapackage.json:1:")
    assert expected in line


def test_a_cell_that_only_looks_odd_is_taken() -> None:
    texts = ["<b>5 % & more</b>", "−0.5", "-0.5", "-", "A–B", "模型", "Ünïcode", "T __x__", "a; b"]
    assert [text_rule(text) for text in texts] == [""] * len(texts)


def test_a_readers_tools_are_given_every_layer_table_by_its_name() -> None:
    paths = {resource["path"] for resource in expanded_package(DATA)["resources"]}
    assert {"systems.csv", "architectures/alexnet.csv"} <= paths
    assert len(paths) == len(list(DATA.rglob("*.csv")))


def test_the_dictionary_describes_every_column_as_the_schema_does() -> None:
    text = (DATA / "README.md").read_text(encoding="utf-8")
    for resource in expanded_package(DATA)["resources"]:
        table = Path(resource["path"]).parts[0].removesuffix(".csv")
        section = re.search(rf"^## {table}[^\n]*\n(.*?)(?=^## |\Z)", text, re.M | re.S)
        assert section, table
        columns = re.findall(r"^\| `(\w+)` \| (\w+) \|", section[1], re.M)
        fields = [(f["name"], f["type"]) for f in resource["schema"]["fields"]]
        assert columns == fields


def test_the_worked_examples_are_sound_and_count_what_their_papers_say(data: Path) -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:csv|bibtex) data/(\S+)\n(.*?)^```$", guide, re.M | re.S)
    assert len(blocks) == 9
    for name, text in blocks:
        with (data / name).open("a", encoding="utf-8") as file:
            file.write(text)
    assert told(data) == []
    # howard_2017, Table 4: 569 million multiply-adds and 4.2 million weights, without biases.
    assert counted_multiply_adds("mobilenet") == pytest.approx(569e6, rel=0.005)
    layers = map(layer_of, architecture("mobilenet").to_dict("records"))
    assert sum(map(weights, layers)) == pytest.approx(4.2e6, rel=0.012)
    # 569e6 x 2 x 3 x 1.28e6 x 100 / 8.64e19 = 0.00506 pfs-days; half and twice as many epochs.
    rows = estimates(Assumptions()).set_index("system_id")
    row = rows.loc["mobilenet"]
    assert row["recounted_pfs_days"] == pytest.approx(0.00506, rel=0.005)
    assert row["recounted_low"] == pytest.approx(row["recounted_pfs_days"] / 2)
    assert row["recounted_high"] == pytest.approx(row["recounted_pfs_days"] * 2)
    # 6 x 72e9 x 18e12 = 7.776e24 FLOP; 1,082,990 h x 3,600 x 312e12 x 0.33 = 4.014e23 FLOP.
    found = rows["recounted_pfs_days"] * 8.64e19
    assert found["qwen2_5_72b"] == pytest.approx(7.776e24)
    assert found["bloom"] == pytest.approx(4.014e23, rel=0.001)
