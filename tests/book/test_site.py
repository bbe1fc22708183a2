"""The whole book, built once: what it holds, and what is committed of it."""

import filecmp
import json
import re
from html import unescape
from pathlib import Path

import pytest
from conftest import ROOT, numbers_under

from aicompute.claims import VERDICTS
from aicompute.recording import NAMED

pytestmark = pytest.mark.slow


def test_the_committed_figures_are_those_of_the_book(book: Path) -> None:
    built, kept = book / "html" / "_downloads" / "figures", ROOT / "figures"
    names = sorted({path.name for folder in (built, kept) for path in folder.iterdir()})
    assert filecmp.cmpfiles(built, kept, names, shallow=False)[1:] == ([], [])


def test_the_books_results_are_those_of_its_cells_run_without_it(book: Path) -> None:
    # Pages run side by side, each in a process of its own; the commands run them one by one.
    results = json.loads((book / "results.json").read_text(encoding="utf-8"))["results"]
    numbers = numbers_under()
    assert results.keys() == numbers.keys()
    assert [name for name, number in numbers.items()
            if results[name]["value"] != vars(number)["value"]] == []


def test_no_table_shows_the_name_of_a_number_in_its_place(book: Path) -> None:
    # A chapter has to say which columns of a table name numbers; text of the data stays as it is.
    shown = {name for page in (book / "html").rglob("*.html")
             for cells in re.findall("(?s)<table.*?</table>", page.read_text(encoding="utf-8"))
             for name in NAMED.findall(unescape(cells))}
    assert not {name for name, _ in shown} & set(numbers_under())


def test_every_verdict_is_in_the_results(book: Path) -> None:
    claims = json.loads((book / "results.json").read_text(encoding="utf-8"))["claims"]
    assert set(claims.values()) <= set(VERDICTS)
    assert len(claims) > 50


def test_no_title_that_the_search_offers_holds_markup(book: Path) -> None:
    # The page puts a found title in as HTML; that of a section with a number once showed its tags.
    index = (book / "html" / "searchindex.js").read_text(encoding="utf-8")
    titles = json.loads(index.removeprefix("Search.setIndex(").removesuffix(")"))["alltitles"]
    assert [title for title in titles if "<" in title or ">" in title] == []
    assert len(titles) > 100
