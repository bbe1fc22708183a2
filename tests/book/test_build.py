"""A small book is built: its pages, what is run again, what fails, and what stays whole."""

import filecmp
import json
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from conftest import edit, git
from frictionless import validate
from tiny import tiny_book

from aicompute.assumptions import parse_assumptions
from aicompute.book.build import _alone, build, publish, put_back
from aicompute.book.order import Order, _commit, scenario_folder
from aicompute.errors import BuildError, CallError, DataError, PageError

pytestmark = pytest.mark.slow


def text(order: Order, page: str = "index") -> str:
    """The text of a page without its tags."""
    source = (order.output / "html" / f"{page}.html").read_text(encoding="utf-8")
    return " ".join(unescape(re.sub(r"<[^>]+>", "", source[source.index("<main"):])).split())


def different(one: Path, other: Path) -> list[list[str]]:
    """The files that two folders do not share to the byte."""
    names = {p.relative_to(f).as_posix() for f in (one, other) for p in f.rglob("*") if p.is_file()}
    _, unequal, missing = filecmp.cmpfiles(one, other, sorted(names), shallow=False)
    return [unequal, missing]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Order:
    """A book of two pages, which tests only read."""
    order = tiny_book(tmp_path_factory.mktemp("tiny"))
    build(order)
    return order


@pytest.fixture
def order(built: Order, tmp_path: Path) -> Order:
    """That book as it stands, to change."""
    folder = tmp_path / "book"
    shutil.copytree(built.root.parent, folder)
    return Order(data=folder / "data", root=folder / "root", output=folder / "out")


def test_a_number_is_its_cells_on_every_page_in_the_results_and_leads_to_its_section(
    built: Order
) -> None:
    assert "Half of it is 0.165, and" in text(built)
    assert "shown, not_run" in text(built)  # a cell with the tag skip-execution
    assert "Here it is 0.66, and half is 0.165." in text(built, "other")
    page = (built.output / "html" / "other.html").read_text(encoding="utf-8")
    assert 'href="index.html#the-calculation"' in page
    results = json.loads((built.output / "results.json").read_text(encoding="utf-8"))
    twice = results["results"]["tiny.twice"]
    assert (twice["value"], twice["page"]) == (0.66, "other")


def test_everything_to_take_away_lies_at_its_address(built: Order, tmp_path: Path) -> None:
    downloads = built.output / "html" / "_downloads"
    for name in ("notebooks/index.ipynb", "source/index.md", "data/systems.csv", "site.zip",
                 "figures/line.svg"):
        assert (downloads / name).is_file(), name
    assert not list(downloads.parent.glob("_static/*macros.html"))  # templates of the themes
    values = pd.read_csv(downloads / "estimates.csv").set_index(["system_id", "value", "kind"])
    # The article's own 0.0057 for AlexNet by chip time: 2 x 5.5 days x 1.58e12 x 0.33 / 1e15.
    own = values.loc[("alexnet", "replicated", "calculated")]
    assert own["pfs_days"].tolist()[-1] == pytest.approx(0.00574, rel=1e-3)
    assert set(own["source_key"]) == {"openai_2018"}
    assert values["used"].any()
    results = pd.read_csv(downloads / "results.csv").set_index("name")
    assert results.loc["tiny.half", ["value", "page"]].tolist() == [0.165, "index"]
    with zipfile.ZipFile(downloads / "figures.zip") as rows:
        assert rows.namelist() == ["line.csv"]
    with zipfile.ZipFile(downloads / "datapackage.zip") as package:
        package.extractall(tmp_path)
    assert validate(str(tmp_path / "datapackage.json")).valid


def test_every_page_and_the_results_say_of_which_code_and_tables_they_are(built: Order) -> None:
    version = json.loads((built.output / "results.json").read_text("utf-8"))["version"]
    for page in ("index", "other"):
        source = (built.output / "html" / f"{page}.html").read_text(encoding="utf-8")
        assert f"code: {version['code']}; data: {version['data']}" in source


def test_a_version_is_the_commit_unless_something_differs_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "_toc.yml").write_text("root: index\n")
    for command in ("init -q", "add .", "commit -qm x"):
        git(tmp_path, *command.split())
    monkeypatch.setattr("aicompute.book.order.HOME", tmp_path)
    head = git(tmp_path, "rev-parse", "HEAD")
    assert _commit.__wrapped__() == head[:12]
    (tmp_path / "notes.txt").write_text("of no book")
    assert _commit.__wrapped__() == head[:12]
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "new.md").write_text("# New")
    assert _commit.__wrapped__() == ""


def test_an_ordinary_kernel_gives_the_same_book(built: Order, tmp_path: Path) -> None:
    again = replace(built, output=tmp_path / "kernel", kernel=True)
    build(again)
    assert different(built.output / "html", again.output / "html") == [[], []]


def test_where_nothing_has_changed_nothing_is_done(order: Order) -> None:
    assert not build(order).changed


def test_a_build_leaves_the_home_as_it_is(
    order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # IPython kept files there, and warned where it could not.
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    assert build(replace(order, force=True)).ran
    assert list(home.iterdir()) == []


def test_a_changed_sentence_runs_no_page_and_the_book_is_as_if_made_anew(order: Order) -> None:
    # The heading shows on the other page too, the sentence on its own page alone; the word that
    # goes with it is not found by the search any more. A book has the same bytes wherever it is
    # built.
    for before, after in (("# Halves", "# Two parts"), ("Half of it is", "Its half is")):
        edit(order.root / "chapters" / "index.md", before, after)
        outcome = build(order)
        assert (outcome.changed, outcome.ran) == (True, ())
        assert after.strip("# ") in text(order)
    anew = replace(order, output=order.output.parent / "anew")
    build(anew)
    assert different(order.output / "html", anew.output / "html") == [[], []]


@pytest.mark.parametrize(("file", "before", "after", "ran"), [
    ("root/chapters/other.md", "2 * gpu_utilization", "4 * gpu_utilization / 2", "other"),
    # The first page reads the chips, the other one the rows of AlexNet in another table.
    ("data/chips.csv", "GTX 580,", "GTX 580 card,", "index"),
], ids=["cell", "row"])
def test_a_change_runs_the_page_that_has_or_reads_it(
    order: Order, file: str, before: str, after: str, ran: str
) -> None:
    edit(order.root.parent / file, before, after)
    assert build(order).ran == (ran,)


def test_an_altered_book_says_so_on_every_page_and_which_sentences_do_not_hold(
    order: Order
) -> None:
    # A figure that it cannot draw is spoken of in words.
    drawn = '"It rises to {tiny.chips}.")'
    edit(order.root / "chapters" / "index.md", drawn, f"{drawn} if gpu_utilization < 0.4 else None")
    altered = replace(order, assumptions=parse_assumptions({"gpu_utilization": 0.5}))
    build(altered)
    assert "Here it does not hold (0.25 < 0.2)" in text(altered)
    assert "a figure not drawn here" in text(altered)
    for page in ("index", "other"):
        assert "gpu_utilization = 0.5 (baseline 0.33)" in text(altered, page)
    assert "Half of it is 0.25, and" in text(altered)
    # Its first page says what moved, and what ceased to hold, before anything else.
    opening = text(altered).split("In 2018")[0]
    assert "2 numbers moved and 1 sentence ceased to hold." in opening
    assert "Half is little, 0.165. (chapters/index.md:" in opening
    assert "ceased to hold" not in text(altered, "other")


def test_a_fault_is_named_by_its_line_and_leaves_the_last_book_whole(order: Order) -> None:
    before, chapter = text(order), order.root / "chapters" / "index.md"
    edit(chapter, 'print("printed")', "1 / 0")
    line = chapter.read_text(encoding="utf-8").splitlines().index("1 / 0") + 1
    with pytest.raises(PageError, match=rf"chapters/index\.md:{line}: .*ZeroDivisionError"):
        build(order)
    edit(order.data / "chips.csv", "GTX 580,", "GTX 580 ,")
    with pytest.raises(DataError, match=r"chips\.csv:\d+: name: "):
        build(order)
    assert text(order) == before


def test_a_page_that_never_ends_is_named(order: Order) -> None:
    edit(order.root / "chapters" / "index.md", 'print("printed")', "while True: pass")
    with pytest.raises(PageError, match="page index: a cell ran too long"):
        build(replace(order, cell_seconds=2))


#: Builds a book where no file may grow beyond so many bytes: refused as by a full disk.
CRAMPED = """import resource, sys
from pathlib import Path
from aicompute.book.build import build
from aicompute.book.order import Order
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
book = Path(sys.argv[1])
build(Order(data=book / "data", root=book / "root", output=book / "out"))"""


@pytest.mark.parametrize("most", [2_000, 20_000, 1_000_000], ids=["a page", "the site", "a script"])
def test_a_full_disk_is_told_as_such_and_leaves_the_last_book_whole(
    order: Order, most: int
) -> None:
    shutil.copytree(order.output / "html", before := order.output.parent / "before")
    edit(order.root / "chapters" / "other.md", "2 * gpu_utilization", "4 * gpu_utilization / 2")
    command = [sys.executable, "-c", CRAMPED, order.root.parent, str(most)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert re.fullmatch(r"aicompute\.errors\.BuildError: /.*: File too large",
                        done.stderr.splitlines()[-1])
    assert different(before, order.output / "html") == [[], []]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("{number}`tiny.chips` are", "{number}`tiny.chip` are", "did you mean tiny.chips"),
        ("other.md#twice", "otter.md", "did you mean other"),
        ("gpu_utilization = 0.33  #", "gpu_utilization = 0.34  #", "must stand at its default"),
        ("gpu_utilization = 0.33  #", "gpu_utilisation = 0.33  #", "did you mean"),
        ('"tiny.chips", len', '"tiny.half", len', "half: recorded as 0.165 on index .* as \\d+"),
        ('print("printed")', "import os; os._exit(3)", "page index: its process died"),
        ("tiny.half < 0.2", "tiny.half < 0.1",
         r"index\.md:\d+: holds: tiny\.half < 0\.1: does not hold"),
    ],
    ids=["number", "page", "default", "parameter", "two records", "dead process", "sentence"],
)
def test_what_is_wrong_is_told_with_what_is_right(
    order: Order, before: str, after: str, message: str
) -> None:
    edit(order.root / "chapters" / "index.md", before, after)
    with pytest.raises(PageError, match=message):
        build(order)


def test_a_folder_with_somebody_elses_site_is_left_alone(order: Order) -> None:
    shutil.rmtree(order.output)
    theirs = order.output / "html" / "index.html"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")
    with pytest.raises(CallError, match="is of no book of ours"):
        build(order)
    assert theirs.read_text() == "theirs"


def test_a_book_with_an_address_lists_its_pages_for_search_engines(order: Order) -> None:
    assert not (order.output / "html" / "sitemap.xml").exists()
    edit(order.root / "_config.yml", 'baseurl: ""', 'baseurl: "https://example.org/a&b/"')
    build(order)
    listed = (order.output / "html" / "sitemap.xml").read_text(encoding="utf-8")
    assert re.findall("<loc>(.*?)</loc>", listed) == [
        f"https://example.org/a&amp;b/{page}.html" for page in ("index", "other")]


def test_a_text_of_the_data_is_shown_as_text(order: Order) -> None:
    payload = "</table><script>x=1</script> {number}`tiny.half` {tiny.half} [a](b) $x$ | *c*"
    edit(order.data / "chips.csv", "240 cores x 2 x 1.296 GHz shader clock.", payload)
    build(order)
    assert payload in text(order)
    # In a column that names numbers it is one.
    edit(order.root / "chapters" / "index.md", 'half}.", "chips")',
         'half}.", "chips", numbers=["note"])')
    build(order)
    assert "{number}`tiny.half` 0.165 [a](b)" in text(order)


def test_two_builds_do_not_work_in_one_folder(order: Order) -> None:
    with _alone(order.output), pytest.raises(BuildError, match="another build works there"):
        build(order)


def test_a_killed_build_gives_the_last_book_back(tmp_path: Path) -> None:
    # Killed between taking the old book away and putting the new one in its place.
    site, fresh = tmp_path / "html", tmp_path / "fresh"
    for folder, word in ((site, "old"), (fresh, "new")):
        folder.mkdir()
        (folder / "index.html").write_text(word)
    site.rename(tmp_path / ".html.before")
    put_back(site)
    assert (site / "index.html").read_text() == "old"
    publish(fresh, site)
    assert (site / "index.html").read_text() == "new"


def test_a_long_setting_has_a_folder_with_a_name_of_allowed_length() -> None:
    settings = {"without": [f"system_{number}" for number in range(60)]}
    assert len(scenario_folder(settings).name) <= 120
