"""`aicompute add`: the rows it writes, what it refuses, and where a new system then appears."""

import re
from pathlib import Path

import pytest
from click.testing import Result
from conftest import ROOT, edit, run

from aicompute.assumptions import Assumptions
from aicompute.book.contents import read_contents
from aicompute.cells import run_pages, systems_with_pages
from aicompute.tables import table

pytestmark = pytest.mark.slow

SOURCE = ["--source", "brown_2020", "--place", "table D.1"]
WHAT = ["--organization", "A laboratory", "--domain", "language", "--title", "A title",
        "--summary", "A model.", *SOURCE]


def add(data: Path, *facts: str, answers: str = "") -> Result:
    return run("add", "--data", str(data), *facts, columns=200, answers=answers)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_parameters_times_tokens_come_to_what_the_paper_prints(data: Path) -> None:
    # 6 x 174.6e9 x 300e9 = 3.143e23 FLOP, which are 3,637 pfs-days; table D.1 prints 3,640.
    done = add(data, "--name", "GPT-3 again", "--published", "2020-06", *WHAT,
               "--parameters", "174.6e9", "--tokens", "300e9", "--compute", "3.14e23 FLOP")
    assert done.exit_code == 0, done.stderr
    assert re.search(r"method 1, recounted +3,6[34]", done.stdout)
    row = table("systems").set_index("system_id").loc["gpt_3_again"]
    assert (f"{row['published']:%Y-%m-%d}", row["published_known_to"]) == ("2020-06-01", "month")
    assert table("systems")["published"].is_monotonic_increasing
    value = table("published", "gpt_3_again").iloc[0]
    assert value["pfs_days"] == pytest.approx(3.14e23 / 8.64e19)
    assert value["note"] == "3.14e23 FLOP."


def test_chip_hours_ranges_guesses_and_a_new_source_are_written(data: Path) -> None:
    # A thousand days of a P100 at a third of 10.6 TFLOP/s: 1000 x 10.6e12 x 0.33 / 1e15 = 3.5.
    given = [*WHAT[:-4], "--source", "doe_2020", "--place", "table 1", "--author", "Doe, Jane",
             "--year", "2020", "--url", "https://example.org/a"]
    done = add(data, "--name", "Hours", "--published", "2020-06-01", *given, "--chip", "p100",
               "--chip-hours", "20000..24000..30000? limits", "--utilization", "0.33 within_1.5x")
    assert done.exit_code == 0, done.stderr
    row = table("chip_time", "hours").iloc[0]
    assert row["guessed"] == "chip_hours_low chip_hours chip_hours_high"
    assert row["range_means"] == "chip_hours:limits utilization:within_1.5x"
    assert re.search(r"method 2, recounted +3\.\d", done.stdout)
    assert "@misc{doe_2020,\n  title = {A title}," in (data / "references.bib").read_text("utf-8")


@pytest.mark.parametrize(("facts", "said", "status"), [
    (["--domain", "langage", "--parameters", "1e9"], ["--domain: domain: got langage; allowed",
                                                      "--tokens: needed"], 2),
    (["--parameters", "1e9", "--tokens", "many"], ["--tokens: units: got many"], 2),
    (["--parameters", "1..2..3", "--tokens", "1e9"], ["parameters_low: got 1"], 2),
    (["--chip", "p100", "--chips", "8"], ["--days: needed"], 2),
    (["--parameters", "1e9", "--tokens", "1..2..3 within_3x"], ["range_means: got within_3x"], 2),
    (["--compute", "7 limits"], ["range_means: got limits; allowed: LOW..VALUE..HIGH limits, "], 2),
    (["--chip", "h100", "--chips", "8", "--days", "9"], ["was released on 2022"], 1),
    (["--source", "doe_2020"], ["--author: needed", "--url: needed"], 2),
    (["--name", "GPT-3"], ["system_id: 'gpt_3': stands already on line"], 1),
    (["--summary", "=1+1"], ["a spreadsheet runs a formula"], 1),
    (["--compute", "3.14e23"], ["is it FLOP? That would be 3634 pfs-days"], 1),
])
def test_what_is_refused_is_told_with_reasons_and_nothing_is_written(
    data: Path, facts: list[str], said: list[str], status: int
) -> None:
    before = content(data)
    kept = [part for pair in zip(WHAT[::2], WHAT[1::2], strict=True) if pair[0] not in facts
            for part in pair]
    named = [] if "--name" in facts else ["--name", "New"]
    done = add(data, *named, "--published", "2020-06-01", *kept, *facts)
    assert done.exit_code == status
    assert [words for words in said if words not in done.stderr] == []
    assert content(data) == before


def test_a_terminal_is_asked_and_sees_the_estimate_grow(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aicompute.commands.add.is_terminal", lambda: True)
    answers = ["", "langage", "language", "", "", "1e9", "1e12", "", "y"]
    given = [*WHAT[:2], *WHAT[4:]]
    done = add(data, "--name", "Asked", "--published", "2020-06-01", *given,
               answers="\n".join(answers) + "\n")
    # 6 x 1e9 x 1e12 = 6e21 FLOP, which are 69.4 pfs-days.
    assert "--domain: domain: got langage; allowed" in done.stderr
    assert "so far, by method 1: 69.4 pfs-days" in done.stderr
    assert (done.exit_code, "asked" in list(table("systems")["system_id"])) == (0, True)


def test_a_new_system_stands_in_every_list_whichever_value_it_has(data: Path) -> None:
    pages = ["data", "systems", "after_2018"]
    before = run_pages(pages, Assumptions())
    for name, *value in (
        ("Told", "--compute", "5000"),
        ("Counted", "--parameters", "7e9", "--tokens", "15e12"),
        ("Timed", "--chip", "a100_bf16", "--chips", "512", "--days", "30"),
    ):
        done = add(data, "--name", name, "--published", "2023-11-01", *WHAT, *value)
        assert done.exit_code == 0, done.stderr
    done = add(data, "--name", "Early", "--published", "2011-01-01", *WHAT, "--set",
               "before_2012", "--chip", "gtx_280", "--chips", "1", "--days", "9")
    assert done.exit_code == 0, done.stderr
    # The article's formulas are of its own systems, so a replicated value alone is one of theirs.
    add(data, "--name", "Repeated", "--published", "2016-05-01", *WHAT, "--set", "modest",
        "--chip", "k40", "--chips", "4", "--days", "9")
    for file, old, new in (("systems.csv", ",modest,,,2,A title", ",modest,,2,,A title"),
                           ("chip_time.csv", "repeated,recount", "repeated,article")):
        edit(data / file, old, new)
    assert run("check", "--data", str(data)).exit_code == 0
    own = [f"systems/{name}" for name in ("told", "counted", "timed", "repeated")]
    names = dict(zip(table("systems")["system_id"], table("systems")["name"], strict=True))
    paged = {name: names[name] for name in systems_with_pages()}
    assert set(own) <= {page.name for page in read_contents(ROOT, paged)[0]}
    after = run_pages([*pages, *own, "before_2012"], Assumptions())
    early = (table("systems")["set"] == "before_2012").sum()
    assert after["before_2012.all.points"].value == early
    moved = {name: after[name].value - before[name].value for name in (
        "count.later", "after_2018.systems", "count.modest", "rows.systems")}
    assert moved == {"count.later": 3, "after_2018.systems": 3, "count.modest": 1,
                     "rows.systems": 5}
    for number in ("systems.told.published", "systems.counted.recounted",
                   "systems.timed.recounted", "systems.repeated.replicated"):
        assert f"{number}_pfs_days" in after
    below = {name.split(".")[1] for name in after if name.endswith(".below_line")}
    assert {"told", "counted", "timed"} <= below
