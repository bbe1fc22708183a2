"""The bibliography: labels, addresses, and every fault with its line."""

import re
from pathlib import Path

import pytest
from conftest import ROOT

from aicompute.check import problems
from aicompute.errors import DataError
from aicompute.references import source_problems, sources
from aicompute.tables import DATA, package, table


def entry(
    key: str = "a_2018", title: str = "A", author: str = "Ada, B.", more: str = "year = {2018},"
) -> str:
    return (f"@misc{{{key},\n  title = {{{title}}},\n  author = {{{author}}},\n"
            f"  {more}\n}}\n")


@pytest.fixture
def bibliography(data: Path) -> Path:
    """A bibliography that a test may damage."""
    return data / "references.bib"


def test_every_entry_is_cited_and_every_key_of_a_table_exists() -> None:
    # An entry that nothing cites is a source that the book does not use.
    assert list(source_problems(DATA / "references.bib")) == []
    tables = [path.read_text(encoding="utf-8") for path in DATA.rglob("*.csv")]
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "chapters").glob("*.md")]
    used = set(re.findall(r"[a-z][a-z0-9_]*", "\n".join(tables + texts)))
    assert set(sources()) - used == set()
    named = {key for r in package()["resources"] if "*" not in r["path"] for column, keys in
             table(r["name"]).items() if str(column).endswith("_key") for key in keys.dropna()}
    assert named - set(sources()) == set()


def test_a_label_names_authors_and_year(bibliography: Path) -> None:
    bibliography.write_text(
        entry("one_2018") + entry("two_2018", author="Ada, B. and van der Dee, C.")
        + entry("many_2018", author="Ada, B. and Cee, D. and Ede, F.")
        + entry("group_2018", author="{A Group}").replace("Group", "Group, Inc."))
    assert {key: source.label for key, source in sources().items()} == {
        "one_2018": "Ada 2018", "two_2018": "Ada and van der Dee 2018",
        "many_2018": "Ada et al. 2018", "group_2018": "A Group, Inc. 2018"}


@pytest.mark.parametrize(("more", "address"), [
    ("year = {2018}, doi = {10.1000/182}, url = {https://a.org},", "https://doi.org/10.1000/182"),
    ("year = {2018}, eprint = {1512.03385},", "https://arxiv.org/abs/1512.03385"),
    ("year = {2018}, url = {https://a.org/b},", "https://a.org/b"),
    ("year = {2018},", ""),
])
def test_an_address_is_the_most_lasting_one(bibliography: Path, more: str, address: str) -> None:
    bibliography.write_text(entry(more=more))
    assert sources()["a_2018"].url == address


def test_a_changed_bibliography_is_read_again(bibliography: Path) -> None:
    for title in ("Before", "After that"):
        bibliography.write_text(entry(title=title))
        assert sources()["a_2018"].title == title


def test_a_file_that_is_no_text_is_refused(bibliography: Path) -> None:
    bibliography.write_bytes(entry().encode() + b"\xff")
    assert [str(p) for p in problems(bibliography.parent)] == [
        "references.bib:6: : \"b'\\\\xff'\": must be UTF-8 text"]
    with pytest.raises(DataError, match=r"references\.bib: cannot be read: 'utf-8'"):
        sources()


@pytest.mark.parametrize(("text", "line", "rule"), [
    (entry(key="A_2018"), 1, "a key must be of the form"),
    (entry(more=""), 1, "the field is missing"),
    (entry(more="year = {18},"), 4, "must be a year of four digits"),
    (entry(more="year = {2018}, url = {javascript:alert(1)},"), 4, "must be an address"),
    (entry(more="year = {2018}, eprint = {x},"), 4, "must be an arXiv number"),
    (entry(title=r"\input{x}"), 2, "must be plain text"),
    (entry() + entry(), 1, "not BibTeX: repeated"),
    (entry() + "@misc{b_2018, title = {", 6, "not BibTeX"),
    (entry() + '\n@string{a = "b"}', 7, "abbreviations are not allowed"),
])
def test_a_fault_is_named_with_its_line(
    bibliography: Path, text: str, line: int, rule: str
) -> None:
    bibliography.write_text(text)
    found = list(source_problems(bibliography))
    assert found
    assert rule in found[0][3]
    assert abs(found[0][0] - line) <= 1  # BibTeX's reader counts its own way


def test_abbreviations_that_double_each_other_take_no_memory(bibliography: Path) -> None:
    # Thirty-three such lines took memory without end.
    lines = ['@string{a0 = "xxxxxxxx"}'] + [
        f"@string{{a{n} = a{n - 1} # a{n - 1}}}" for n in range(1, 34)]
    bibliography.write_text("\n".join(lines) + entry().replace("{A}", "a33"))
    assert [rule for *_, rule in source_problems(bibliography)] == [
        "abbreviations are not allowed: write words out"]
    with pytest.raises(DataError, match=r"references\.bib:1: .*abbreviations"):
        sources()


def test_a_rule_for_every_text_is_held_here_too(bibliography: Path) -> None:
    bibliography.write_text(entry(title="=HYPERLINK(1)"))
    found = source_problems(bibliography, lambda text: "a formula" * text.startswith("="))
    assert list(found) == [(2, "a_2018 title", "=HYPERLINK(1)", "a formula")]
