"""The build as a whole: what it leaves, what it runs again, and what survives when it fails."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from tiny import Tiny

from aicompute.book.build import build
from aicompute.book.order import Order
from aicompute.dataset import DATA
from aicompute.errors import BuildError, DataError, PageError

pytestmark = pytest.mark.slow

Change = Callable[[str, str, str], None]


def digest(folder: Path) -> dict[str, str]:
    """Checksum of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def text_of(book: Path, page: str) -> str:
    """HTML of one page."""
    return (book / "html" / f"{page}.html").read_text(encoding="utf-8")


def words_of(book: Path, page: str) -> str:
    """Words of one page, without the tags that numbers and units stand in."""
    return unescape(" ".join(re.sub(r"<[^>]+>", "", text_of(book, page)).split()))


def results(book: Path) -> dict[str, dict[str, float]]:
    """The numbers of a book."""
    found: dict[str, dict[str, float]] = json.loads((book / "results.json").read_text())["results"]
    return found


def test_the_book_has_its_first_page_and_its_numbers(book: Path) -> None:
    assert (book / "html" / "index.html").is_file()
    assert results(book)["trend.published.points"]["value"] == 15


def test_every_system_of_the_article_has_its_page(book: Path) -> None:
    with (Path(__file__).parents[2] / "data" / "systems.csv").open(encoding="utf-8") as file:
        systems = [r["system_id"] for r in csv.DictReader(file) if r["set"] in ("chart", "modest")]
    assert len(systems) == 21
    assert all((book / "html" / "systems" / f"{system}.html").is_file() for system in systems)


def test_no_page_shows_a_role_or_link_that_was_not_resolved(book: Path) -> None:
    for path in (book / "html").rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        assert "{number}" not in html, path.name
        assert 'href="page:' not in html, path.name


def test_nothing_changed_runs_nothing(rebuilt: Path) -> None:
    before = digest(rebuilt / "html")
    outcome = build(Order(output=rebuilt))
    assert (outcome.ran, outcome.changed) == ((), False)
    assert digest(rebuilt / "html") == before


def test_a_chapters_prose_runs_that_page_alone(rebuilt: Path, root: Path) -> None:
    chapter = root / "chapters" / "colophon.md"
    chapter.write_text(chapter.read_text(encoding="utf-8") + "\nA last word.\n", encoding="utf-8")
    outcome = build(Order(output=rebuilt, root=root))
    assert outcome.ran == ("colophon",)
    assert "A last word." in text_of(rebuilt, "colophon")


@pytest.fixture(scope="module")
def altered(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book built again after changes of the tables: cells of three, and a new system's rows."""
    folder = tmp_path_factory.mktemp("altered")
    data = shutil.copytree(DATA, folder / "data")
    for file, before, after in (
        ("published.csv", "alexnet,plotted,,0.00578754", "alexnet,plotted,,0.00678754"),
        ("chips.csv", "k40,Tesla K40,gpu,fp32,2013-11-22,4.29,5.04,4.2,",
         "k40,Tesla K40,gpu,fp32,2013-11-22,4.29,5.04,4.4,"),
        ("workloads.csv", "dqn,recount,training,dqn,,,,sample,80000000,160000000,320000000",
         "dqn,recount,training,dqn,,,,sample,80000000,240000000,320000000"),
    ):
        text = (data / file).read_text(encoding="utf-8")
        assert text.count(before) == 1
        (data / file).write_text(text.replace(before, after), encoding="utf-8")
    for file, row in (
        ("published.csv", "toynet,plotted,,1.5,=,openai_2018,appendix,"),
        ("systems.csv", "toynet,ToyNet,2016-03-01,Nobody,false,vision,chart,,,A toy,A toy.,"
                        "openai_2018,appendix,"),
    ):
        with (data / file).open("a", encoding="utf-8") as table:
            table.write(f"{row}\n")
    output = Path(shutil.copytree(book, folder / "_build", symlinks=True))
    build(Order(output=output, data=data))
    return output


def test_one_changed_cell_changes_the_number_on_every_page_that_shows_it(
    book: Path, altered: Path
) -> None:
    shown = pages_showing(book, "0.00579")
    assert {"index", "systems", "systems/alexnet"} <= shown
    assert results(altered)["systems.alexnet.published_pfs_days"]["value"] == 0.00678754
    assert pages_showing(altered, "0.00579") & shown == set()
    assert shown <= pages_showing(altered, "0.00679")


def test_a_changed_rating_changes_the_system_that_ran_on_the_chip(
    book: Path, altered: Path
) -> None:
    # 800 x 28 days x 0.33 x 4.2e-3 PFLOP/s = 31.0464 pfs-days; at 4.4e-3 32.5248.
    assert results(altered)["systems.nas.method_2.article_pfs_days"]["value"] == pytest.approx(
        32.5248)
    assert "multiplied out, its own factors give 31 pfs-days" in words_of(book, "systems/nas")
    assert "multiplied out, its own factors give 32.5 pfs-days" in words_of(altered, "systems/nas")
    assert "at boost clock, the article has 4.20 TFLOP/s." in words_of(book, "chip_time")
    assert "at boost clock, the article has 4.40 TFLOP/s." in words_of(altered, "chip_time")


def test_a_changed_number_of_examples_changes_the_count(book: Path, altered: Path) -> None:
    # DQN's samples, 160 to 240 million, with the same layers and passes: half as much again.
    name = "systems.dqn.method_1.recount_pfs_days"
    ratio = results(altered)[name]["value"] / results(book)[name]["value"]
    assert ratio == pytest.approx(1.5)
    assert text_of(book, "systems/dqn") != text_of(altered, "systems/dqn")


def test_a_printed_result_is_held_to_its_own_formula_on_the_systems_page(book: Path) -> None:
    # Seq2Seq by counting, 0.129 over the printed 0.085; VGG by chip time, 0.101 over 0.12.
    for page, words in (("seq2seq", "give 0.129 pfs-days, half as much again."),
                        ("vgg", "give 0.101 pfs-days, a sixth less.")):
        assert f"multiplied out, its own factors {words}" in words_of(book, f"systems/{page}")


def pages_showing(book: Path, number: str) -> set[str]:
    """Pages on which AlexNet's plotted value stands: alone, with its unit, or with its range."""
    folder = book / "html"
    unit = r' (<span class="unit">)?pfs-days(</span>)?'
    stands = re.compile(rf">{re.escape(number)}({unit})?( \(|<)")
    return {
        path.relative_to(folder).with_suffix("").as_posix()
        for path in folder.rglob("*.html") if stands.search(path.read_text(encoding="utf-8"))
    }


def test_a_table_that_pages_do_not_read_runs_none_of_them(
    rebuilt: Path, data: Path, change: Change
) -> None:
    change("eras.csv", "Graphics cards were rarely", "Graphics cards were seldom")
    outcome = build(Order(output=rebuilt, data=data))
    assert "eras" in outcome.ran
    assert not [page for page in outcome.ran if page.startswith("systems/")]


def test_a_new_systems_rows_add_its_page_its_point_and_its_line(altered: Path) -> None:
    assert "ToyNet" in text_of(altered, "systems/toynet")
    line = '<li class="toctree-l2"><a class="reference internal" href="systems/toynet.html">ToyNet'
    assert line in text_of(altered, "systems")
    points = (altered / "html" / "_downloads" / "figures" / "headline.csv").read_text()
    assert "toynet" in points
    assert results(altered)["trend.published.points"]["value"] == 16


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("1 / 0", "page one: cell 3: ZeroDivisionError: division by zero"),
        ("import os; os.kill(os.getpid(), 9)", "page one: its kernel died"),
    ],
    ids=["an error", "a kernel that dies"],
)
def test_a_chapter_that_fails_is_named_and_the_book_before_stays_whole(
    built: Tiny, cell: str, message: str
) -> None:
    before = built.state()
    built.write("one", code=cell)
    code, said = built.build()
    assert (code, said[: len(message)]) == (1, message)
    assert built.state() == before


@pytest.mark.parametrize(
    ("added", "message"),
    [
        ("{number}`moore.facto`", "result moore.facto: unknown; nearest: moore.factor"),
        ("```{code-cell} ipython3\nreport.figure('no')\n```",
         r"page colophon: cell \d+: CallError: figure no: unknown"),
    ],
    ids=["a number", "a figure"],
)
def test_what_the_report_does_not_have_is_named_and_the_book_before_stays_whole(
    rebuilt: Path, root: Path, added: str, message: str
) -> None:
    before = digest(rebuilt / "html")
    chapter = root / "chapters" / "colophon.md"
    chapter.write_text(f"{chapter.read_text(encoding='utf-8')}\n{added}\n", encoding="utf-8")
    with pytest.raises(PageError, match=message):
        build(Order(output=rebuilt, root=root))
    assert digest(rebuilt / "html") == before


def test_a_warning_of_sphinx_fails_the_build_and_the_book_before_stays_whole(built: Tiny) -> None:
    before = built.state()
    built.write("one", "{cite:p}`nobody_1900`")
    code, said = built.build()
    assert (code, "nobody_1900" in said) == (1, True)
    assert built.state() == before


@pytest.mark.parametrize(
    ("file", "before", "after", "message"),
    [
        ("published.csv", "dqn,plotted,,2.7e-5", "dqn,plotted,,-1",
         r"published\.csv:\d+: pfs_days: '-1': must be above 0"),
        ("eras.csv", "era_id,name,", "era_id,", r"eras\.csv:1: name: '': the column is missing"),
        ("chip_time.csv", "dropout,article,training,gtx_580", "dropout,article,training,gtx_999",
         r"chip_time\.csv:\d+: chip_id: 'gtx_999': is no chip_id of chips\.csv"),
        ("systems.csv", "resnet,ResNets,2015-12-10", "resnet,ResNets,2015-02-30",
         r"systems\.csv:\d+: published: '2015-02-30': must be a date"),
    ],
    ids=["a negative number", "a missing column", "an unknown chip", "a bad date"],
)
def test_damaged_data_are_refused_and_the_book_before_stays_whole(
    rebuilt: Path, data: Path, change: Change, file: str, before: str, after: str, message: str
) -> None:
    whole = digest(rebuilt / "html")
    change(file, before, after)
    with pytest.raises(DataError, match=message):
        build(Order(output=rebuilt, data=data))
    assert digest(rebuilt / "html") == whole


def test_two_builds_in_one_folder_do_not_meet(rebuilt: Path) -> None:
    import fcntl

    with (rebuilt / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BuildError, match="another build works there"):
            build(Order(output=rebuilt))


def test_the_figures_in_the_repository_are_those_of_the_book(book: Path) -> None:
    committed = Path(__file__).parents[2] / "figures"
    assert digest(committed) == digest(book / "html" / "_downloads" / "figures")


def test_a_removed_page_leaves_the_site(built: Tiny) -> None:
    toc = built.root / "_toc.yml"
    toc.write_text(toc.read_text().replace("      - file: two\n", ""))
    assert (built.html / "two.html").exists()
    assert built.build() == (0, "")
    assert not list(built.html.rglob("two.*"))
