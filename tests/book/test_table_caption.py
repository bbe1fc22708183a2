"""Tables: each has a number and a caption, and a text anywhere in the book can cite it."""

from __future__ import annotations

import html
import posixpath
import re
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from tiny import REPORT, Nursery, Tiny

from aicompute.report import Report
from aicompute.study import Study, systems_with_pages

ROOT = Path(__file__).resolve().parents[2]
#: The rows folded under a chart belong to its figure, which has a number.
FOLDED = re.compile(r'<details class="chart-data">.*?</details>', re.DOTALL)
TABLE = re.compile(r"<table\b([^>]*)>(.*?)</table>", re.DOTALL)
CAPTION = re.compile(r'\s*<caption([^>]*)><span class="caption-number">Table (\d+) </span>'
                     r'<span class="caption-text">(.+?)</span>', re.DOTALL)
CITED = re.compile(r'<a class="reference internal" href="([^"#]*)#(tab-[\w-]+)">'
                   r'<span class="std std-numref">Table (\d+)</span></a>')
ID = re.compile(r'\bid="(tab-[\w-]+)"')
#: Pages must cite tables in at least so many places for a reader to be led by them.
CITATIONS = 12


def in_reading_order(study: Study) -> list[str]:
    """The pages as the contents list them, with those of the systems in their place."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    names = [toc["root"]]
    for part in toc["parts"]:
        for chapter in part["chapters"]:
            names.append(chapter["file"])
            if "sections" in chapter:
                names += [f"systems/{name}" for name in systems_with_pages(study)]
    return names


@pytest.fixture(scope="module")
def pages(book: Path, study: Study) -> dict[str, str]:
    """The article of every page in reading order, without what is folded under its charts."""
    found = {}
    for name in in_reading_order(study):
        page = (book / "html" / f"{name}.html").read_text(encoding="utf-8")
        found[name] = FOLDED.sub("", page)
    return found


@pytest.fixture(scope="module")
def numbers(pages: dict[str, str]) -> dict[tuple[str, str], int]:
    """The number of every table by its page and its name."""
    found = {}
    for page, text in pages.items():
        for attributes, inside in TABLE.findall(text):
            caption = CAPTION.match(inside)
            assert caption, f"{page}: a table without number and caption: {inside[:200]}"
            name = ID.search(attributes + caption[1])
            assert name, f"{page}: Table {caption[2]} has no name"
            assert (page, name[1]) not in found, f"{page}: {name[1]} twice"
            found[page, name[1]] = int(caption[2])
    return found


def test_tables_are_numbered_in_the_order_of_the_contents(
    numbers: dict[tuple[str, str], int]
) -> None:
    assert list(numbers.values()) == list(range(1, len(numbers) + 1))


def test_there_are_tables_of_the_package_of_the_text_and_of_the_template(
    numbers: dict[tuple[str, str], int]
) -> None:
    assert numbers["index", "tab-headline"] == 1
    assert numbers["index", "tab-two-versions"] == 2
    assert ("systems/dota_1v1", "tab-system-values-dota-1v1") in numbers
    assert ("systems/alexnet", "tab-system-layers-alexnet-alexnet") in numbers


def test_no_two_tables_of_the_book_have_one_name(numbers: dict[tuple[str, str], int]) -> None:
    names = [name for _, name in numbers]
    assert sorted({a for a, b in pairwise(sorted(names)) if a == b}) == []


def test_a_caption_says_more_than_a_label_and_ends_without_a_stop(pages: dict[str, str]) -> None:
    captions = {html.unescape(re.sub(r"<[^>]+>", "", caption))
                for text in pages.values() for _, _, caption in CAPTION.findall(text)}
    assert [c for c in captions if c.endswith(".") or len(c.split()) < 3] == []


def test_a_citation_leads_to_the_table_with_its_number(
    pages: dict[str, str], numbers: dict[tuple[str, str], int]
) -> None:
    cited = [(page, *found) for page, text in pages.items() for found in CITED.findall(text)]
    wrong = []
    for page, path, name, number in cited:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
        if numbers.get((target.removesuffix(".html"), name)) != int(number):
            wrong.append(f"{page}: Table {number}, {path}#{name}")
    assert wrong == []
    # Each page of a system cites by the template; what is counted here stands in the chapters.
    written = [c for c in cited if not c[0].startswith("systems/")]
    assert len(written) >= CITATIONS
    assert [c for c in written if c[1]], "no page cites a table of another"


def test_no_chapter_points_at_a_table_by_where_it_stands() -> None:
    # "The table below" is another one as soon as a page grows.
    vague = re.compile(r"\btable (?:above|below|further)|\b(?:last|next|following) table", re.I)
    found = {path.name: vague.findall(path.read_text(encoding="utf-8"))
             for path in sorted((ROOT / "chapters").glob("*.md"))}
    assert {name: words for name, words in found.items() if words} == {}


def test_a_table_is_named_by_what_a_chapter_calls_it(study: Study) -> None:
    report = Report(study)
    assert 'id="tab-era-fit"' in report.table("era_fit")._repr_html_()
    assert 'id="tab-layers-alexnet"' in report.table(
        "layers", architecture="alexnet")._repr_html_()
    parts = report.table("system_method", system_id="alexnet", number=2)._repr_html_()
    assert ID.findall(parts) == ["tab-system-method-alexnet-2-article",
                                 "tab-system-method-alexnet-2-recount"]


@pytest.mark.slow
def test_a_name_that_no_table_has_is_refused_in_one_line_and_the_nearest_named(
    tmp_path: Path, nursery: Nursery
) -> None:
    tiny = Tiny(tmp_path, nursery=nursery, report=REPORT)
    tiny.write("one", code='report.table("eras")')
    tiny.write("two", "See {numref}`tab-eras`.")
    assert tiny.build() == (0, "")
    assert CITED.findall((tiny.html / "two.html").read_text()) == [("one.html", "tab-eras", "1")]
    tiny.write("two", "See {numref}`tab-erras` and {numref}`fig-nothing`.")
    code, said = tiny.build()
    assert code == 1
    assert said.splitlines() == [
        "page two: reference tab-erras: no figure or table has this name; "
        "did you mean tab-eras?",
        "page two: reference fig-nothing: no figure or table has this name",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("pages", [("one", "two"), ("one", "one")])
def test_one_name_for_two_tables_is_refused(
    tmp_path: Path, nursery: Nursery, pages: tuple[str, str]
) -> None:
    tiny = Tiny(tmp_path, nursery=nursery, report=REPORT)
    for page in pages:
        tiny.write(page, code='report.table("eras")')
    if pages[0] == pages[1]:
        tiny.write("one", code='report.table("eras")\n```\n\n```{code-cell}\nreport.table("eras")')
    code, said = tiny.build()
    assert code == 1
    assert [line for line in said.splitlines()
            if not re.match(rf"page {pages[1]}: .*\btab-eras\b", line)] == []
