"""Guards over the chapters; each says which failure it exists for."""

from __future__ import annotations

import ast
import html
import re
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
import pytest
import yaml

from aicompute import open_report
from aicompute.assumptions import Assumptions, describe
from aicompute.dataset import DATA
from aicompute.dataset.references import load_sources
from aicompute.words.number_text import FORMS

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted((ROOT / "chapters").glob("*.md"))
LONGEST_CELL, MOST_CODE, WORDS_PER_LINE = 12, 60, 10
#: Pages whose words are made by the package, or that are lists by nature.
FEW_WORDS = {
    "system": "one template for all systems: its sentences come from aicompute.words.system_words",
    "bibliography": "a list of sources",
}
#: The stand-ins of the template, for one system that has both methods and both bases.
WORDS = {"{system_id}": "alexnet", "{system_name}": "AlexNet"}

every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


@cache
def cells(path: Path) -> tuple[Any, ...]:
    """The cells of a chapter."""
    return tuple(jupytext.reads(path.read_text(encoding="utf-8"), fmt="md:myst").cells)


def code(path: Path) -> list[Any]:
    """The code cells of a chapter."""
    return [cell for cell in cells(path) if cell.cell_type == "code"]


def lines(source: str) -> list[str]:
    """The lines of a cell that hold something."""
    return [line for line in source.splitlines() if line.strip()]


def prose(path: Path) -> str:
    """The text of a chapter without its code."""
    return "\n\n".join(cell.source for cell in cells(path) if cell.cell_type == "markdown")


@every_chapter
def test_the_first_code_cell_holds_parameters_and_nothing_but_literals(path: Path) -> None:
    # A parameter that is calculated is not replaced by the one papermill injects, and the page
    # shows the default under a banner that names another value.
    first = code(path)[0]
    assert "parameters" in first.metadata["tags"]
    for statement in ast.parse(first.source).body:
        assert isinstance(statement, ast.Assign)
        ast.literal_eval(statement.value)


@every_chapter
def test_a_cell_calls_the_report_and_calculates_nothing(path: Path) -> None:
    # Arithmetic in a chapter is tested by nobody, and its number has no name, page or interval.
    allowed = (ast.Module, ast.Expr, ast.Assign, ast.Call, ast.Attribute, ast.Name, ast.Constant,
               ast.keyword, ast.Load, ast.Store, ast.ImportFrom, ast.alias, ast.List, ast.Tuple,
               ast.UnaryOp, ast.USub)
    for cell in code(path):
        for node in ast.walk(ast.parse(cell.source)):
            assert isinstance(node, allowed), f"{path.stem}: {ast.unparse(node)}"
            if isinstance(node, ast.ImportFrom):
                assert node.module == "aicompute"


@every_chapter
def test_code_is_short(path: Path) -> None:
    # A cell that a reader cannot take in at a glance belongs into the package.
    assert all(len(lines(cell.source)) <= LONGEST_CELL for cell in code(path))
    assert sum(len(lines(cell.source)) for cell in code(path)) <= MOST_CODE


@every_chapter
def test_a_chapter_is_mostly_words(path: Path) -> None:
    # Figure after figure without a sentence on what to see in them.
    if path.stem in FEW_WORDS:
        return
    written = len(re.findall(r"\w+", prose(path)))
    assert written >= WORDS_PER_LINE * sum(len(lines(cell.source)) for cell in code(path))


@every_chapter
def test_a_chapter_has_one_title_and_it_comes_first(path: Path) -> None:
    # A second title makes a second page in the contents; text above the title is cut off by the
    # banner of a scenario, which stands right under it.
    text = re.sub(r"(?ms)^```.*?^```", "", prose(path))
    assert text.lstrip().startswith("# ")
    assert len(re.findall(r"^# ", text, flags=re.MULTILINE)) == 1


#: Names that keep their capitals in a heading; every other word but the first has none.
NAMES = {
    "Compute", "AI", "Adam", "BibTeX", "Alphabet", "AlexNet", "GPT-3", "ResNet", "VGG", "Moore's",
}


@every_chapter
def test_titles_and_headings_are_in_sentence_case(path: Path) -> None:
    # The contents once mixed "How Sure Is It?" with "Chip time".
    text = re.sub(r"(?ms)^```.*?^```", "", prose(path))
    for heading in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE):
        words = re.sub(r"\{\w+\}", "", heading).replace(",", "").split()
        capitals = {word for word in words[1:] if word[:1].isupper()} - NAMES
        assert capitals == set(), heading


#: What may stand in the text by hand: not results, but names, quotations, dates and definitions.
#: Taken away in this order; what is left must hold no digit.
BY_HAND = [
    r"(?s)^```.*?^```",  # commands and what they print
    r"(?s)\$\$.*?\$\$|\$[^$\n]+\$",  # formulas: definitions in symbols
    r"\{[\w:]+\}`[^`]*`",  # roles: numbers of the report, citations, references to figures
    r"`[^`\n]*`",  # code: names, files, commands
    r'"[^"]*"',  # quotations
    r"10<sup>\d+</sup>|\b(between|above) 0 and 1\b",  # a power of ten and a share, as definitions
    r"\]\([^)]*\)|<[^>]*>|^:::.*$|^\([\w-]+\)=$",  # targets of links, directives, labels
    r"\b\d{1,2} (?=(January|February|March|April|May|June|July|August|September|October|November"
    r"|December)\b)",  # days
    r"\b(19|20)\d\d\b",  # years
    r"\b[Mm]ethods? [12]\b( and 2\b)?",  # the two methods by their names
    r"\b(GTX|Titan|RTX|BY|Attribution|GPT|Llama)[ -]\d[\d.]*(-\w+)?",  # cards, models, a licence
    r"(18|24)[ -]months?|over 18\b",  # the doubling times that Moore's law is given
    r"\b(factor of|than|beyond) (2 to )?3\b",  # the accuracy the article aims at, by definition
    r"\b\d+-bit\b",  # number formats
    r"\b\w*[A-Za-z_]\w*([-.]\d[\w.]*)?",  # words, and names that hold a digit: K80, ResNet-152
    r"\d[\d.,]*( × \d[\d.,]*)+",  # a product to work by hand, of sizes that a source gives
]
SENTENCE_END = r"\n\s*\n|(?<=[.?!])\s+(?=[A-Z({*\[])|(?<=[:;])\s+(?=[A-Z*])"


def typed_numbers(path: Path) -> list[str]:
    """Sentences with a number that was typed, that no citation covers and nothing else allows."""
    found = []
    text = re.sub(BY_HAND[0], "", prose(path), flags=re.MULTILINE)
    text = re.sub(r"^\s*\d+\. ", "", text, flags=re.MULTILINE)  # numbers of a list's items
    for sentence in re.split(SENTENCE_END, text):
        # A number quoted from a source stands in the same sentence as its citation.
        bare = "" if "{cite:" in sentence else sentence
        for pattern in BY_HAND[1:]:
            bare = re.sub(pattern, " ", bare, flags=re.MULTILINE)
        if re.search(r"\d", bare):
            numbers = " ".join(re.findall(r"\S*\d\S*", bare))
            found.append(f"{numbers} in: {sentence[:80]}")
    return found


@every_chapter
def test_no_result_is_typed_by_hand(path: Path) -> None:
    # The text of a book said "169 countries" under a cell that counted them: the cell changes with
    # the data, the word does not. A result stands as {number}`name`; what may be typed is above.
    assert typed_numbers(path) == []


#: Number words from three on and parts of a whole. One and two count methods, chips and versions
#: on every page, and an ordinal is a place in a list.
NUMBER_WORD = re.compile(
    r"\b(?:three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"twenty|thirty|forty|fifty|(?:dozen|hundred|thousand|million|billion|trillion)s?|tens|twice|"
    r"thrice|half|halves|\w+fold|"
    r"(?:an?|one|two|three) (?:third|quarter|fifth|sixth|seventh|eighth|ninth|tenth)s?)\b",
    re.IGNORECASE)
#: Number words that are no results, on any page: rules, definitions, and kinds of things.
WORDED = [
    r"\b(?:with)?in (?:five|half a) percent", r"\bwithin a (?:tenth|twentieth)",
    r"\bfactor of (?:two or )?three", r"\b[Tt]hree values\b", r"\bpowers of ten\b",
    r"\bmonths of thirty and a half days", r"\bOpenAI Five\b", r"\btab-[\w-]+",
]
#: The same on one page.
WORDED_ON_PAGE = {
    "agreement": ["in three parts", "twice the published value or less than half of it"],
    "ahead": ["ten million dollars"],
    "assumptions": ["one of three places", "the same three entries"],
    "before_2012": ["shows eleven systems", "where ten already count as very strong",
                    "the two halves"],
    "chip_time": ["The first three", "sixty boards or thirty"],
    "claims": ["by far less than five percent"],
    "counting": ["The three is one forward pass", "half of the channels", "twice that count",
                 "a third of a training pass", "hundreds or thousands", "makes it four"],
    "debate": ["one in twenty", "the product of four growths",
               "the eight chips that one machine holds",
               "on ten cuts", "ten times the", "four largest"],
    "eras": ["large ones used tens", "Four eras", "three steps", "the four eras"],
    "glossary": ["twice as large"],
    "index": ["The three doubling times"],
    "modest": ["a tenth of a pfs-day"],
    "overview": ["of the three things", "Of the three it is", "counting operations halves",
                 "half of what it is", "Three factors",
                 "a million", "a thousand"],
    "scenarios": ["nine in ten"],
    "systems": ["The last three columns"],
    "trend": ["Each takes four numbers", "three fits", "The three doubling times"],
    "uncertainty": ["two halves", "half of", "half as each", "three findings",
                    "three steps", "some twice"],
}


def worded_numbers(path: Path) -> list[str]:
    """Sentences with a number in words that no citation covers and nothing else allows."""
    found = []
    text = re.sub(BY_HAND[0], "", prose(path), flags=re.MULTILINE)
    for sentence in re.split(SENTENCE_END, text):
        bare = "" if "{cite:" in sentence else " ".join(sentence.split())
        for pattern in (*BY_HAND[1:5], *WORDED, *map(re.escape, WORDED_ON_PAGE.get(path.stem, []))):
            bare = re.sub(pattern, " ", bare)
        found += [f"{word} in: {sentence[:80]}" for word in NUMBER_WORD.findall(bare)]
    return found


@every_chapter
def test_no_result_is_typed_in_words(path: Path) -> None:
    # "Fifteen systems were chosen" stood under every scenario that leaves some of them out.
    assert worded_numbers(path) == []


@every_chapter
def test_what_a_page_may_say_in_words_still_stands_on_it(path: Path) -> None:
    text = " ".join(prose(path).split())
    assert [words for words in WORDED_ON_PAGE.get(path.stem, []) if words not in text] == []


@pytest.mark.parametrize("sentence", [
    "Fifteen systems were chosen by hand.",
    "Four public estimates lie a factor of five hundred apart.",
    "The interval comes from the scatter of fifteen points.",
    "It holds: the error fell by more than a third.",
    "Compute kept growing, nearer to a doubling every half year.",
    "The share there is an eighth lower.",
])
def test_a_result_typed_in_words_is_found(tmp_path: Path, sentence: str) -> None:
    # Such as once stood there.
    page = tmp_path / "page.md"
    head = CHAPTERS[0].read_text(encoding="utf-8").split("\n---\n", 1)[0]
    page.write_text(f"{head}\n---\n\n# Title\n\n{sentence}\n", "utf-8")
    assert worded_numbers(page)


def test_a_typed_result_is_found(tmp_path: Path) -> None:
    # The guard above would pass on anything if its allow-list grew too wide.
    page = tmp_path / "page.md"
    head = CHAPTERS[0].read_text(encoding="utf-8").split("\n---\n", 1)[0]
    page.write_text(f"{head}\n---\n\n# Title\n\nCompute doubled every 3.44 months.\n", "utf-8")
    assert len(typed_numbers(page)) == 1


@every_chapter
def test_what_the_article_assumes_is_not_read_off_our_assumptions(path: Path) -> None:
    # "The article assumes 50 %" stood in a book that was built with --set gpu_utilization=0.5.
    ascribed = r"article (?:assumes|takes|uses)\s+\{number\}`(?:assumptions|utilization)\.|" \
               r"\{number\}`(?:assumptions|utilization)\.[^`]+`\s+in the article"
    assert re.findall(ascribed, prose(path)) == []


@cache
def report() -> Any:
    """The baseline's report, opened once."""
    return open_report({})


def named_numbers(path: Path) -> list[str]:
    """The numbers a chapter's text names, with the template's stand-ins filled in."""
    text = prose(path)
    for stand_in, word in WORDS.items():
        text = text.replace(stand_in, word)
    return re.findall(r"\{number\}`([^`]+)`", text)


@every_chapter
def test_every_number_of_the_text_is_a_result(path: Path) -> None:
    # A name that is gone fails the build only when that page is run, and names one at a time.
    for key in named_numbers(path):
        name, _, form = key.partition(":")
        assert form in ("", *FORMS), key
        report().number(name)


@cache
def reduced_report() -> Any:
    """A scenario that leaves out the first and the largest system, and one of each extreme."""
    return open_report({"without": ["alexnet", "alphago_zero", "dqn"], "values": "recounted"})


@every_chapter
def test_a_chapter_stands_when_systems_are_left_out(path: Path) -> None:
    # A page that named a result of a fitted system failed as soon as a scenario left it out.
    for key in named_numbers(path):
        reduced_report().number(key.partition(":")[0])


@every_chapter
def test_an_interval_is_shown_only_where_there_is_one(path: Path) -> None:
    # Without it the text reads "– to –".
    for key in named_numbers(path):
        name, _, form = key.partition(":")
        if form in ("range", "interval"):
            result = report().number(name)
            assert result.low is not None or result.high is not None, key


@every_chapter
def test_every_citation_is_in_the_bibliography(path: Path) -> None:
    # An unknown key is a warning that names the page, but not the line.
    keys = re.findall(r"\{cite:\w+\}`([^`]+)`", prose(path))
    cited = {key.strip() for group in keys for key in group.split(",")}
    assert cited <= set(load_sources(DATA / "references.bib"))


def listed_chapters() -> list[str]:
    """Every chapter that the contents name."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    sections = [section for chapter in chapters for section in chapter.get("sections", [])]
    return [toc["root"], *(entry["file"] for entry in [*chapters, *sections])]


def test_the_contents_name_every_chapter_once() -> None:
    # A chapter that is not listed is never built, and nothing says so.
    assert sorted(listed_chapters()) == [path.stem for path in CHAPTERS]


def test_every_source_of_the_bibliography_is_used() -> None:
    # Four entries stood there that neither a page cited nor a table named.
    cited = {key.strip() for path in CHAPTERS
             for group in re.findall(r"\{cite:\w+\}`([^`]+)`", prose(path))
             for key in group.split(",")}
    tables = "\n".join(path.read_text(encoding="utf-8") for path in DATA.rglob("*.csv"))
    named = set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)*\b", tables))
    assumed = {describe(name)["source"] for name in Assumptions.model_fields}
    assert set(load_sources(DATA / "references.bib")) - cited - named - assumed == set()


@pytest.mark.slow
def test_every_link_of_the_book_leads_to_a_page_and_a_place_on_it(book: Path) -> None:
    # Sphinx does not check links in tables and numbers: those to sources once led to the top of
    # the bibliography, because its anchors have hyphens where the keys have underscores.
    site = book / "html"
    places: dict[Path, set[str]] = {}
    broken = set()
    for page in site.rglob("*.html"):
        if "_static" in page.parts:
            continue
        for link in set(re.findall(r'<a [^>]*href="([^"]+)"', page.read_text(encoding="utf-8"))):
            target, _, place = html.unescape(link).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            file = (page.parent / target).resolve() if target else page
            if not file.is_file():
                broken.add(link)
            elif place and file.suffix == ".html":
                if file not in places:
                    text = file.read_text(encoding="utf-8")
                    places[file] = set(re.findall(r'\bid="([^"]+)"', text))
                broken |= {link} - ({link} if place in places[file] else set())
    assert broken == set()


def test_every_item_of_the_debate_is_a_question_a_calculation_and_a_verdict() -> None:
    # In that order, the question with the one source it is known from.
    page = next(path for path in CHAPTERS if path.stem == "debate")
    items = re.split(r"(?m)^## ", prose(page))[1:]
    assert len(items) == 8
    for item in items:
        assert re.findall(r"(?m)^\*\*(\w+)\.\*\*", item) == ["Question", "Calculation", "Verdict"]
        question = item[item.index("**Question.**"):item.index("**Calculation.**")]
        assert "{cite:p}`chinese_press_2018`" in question
        assert "?" in question
        assert "{number}`" in item[item.index("**Calculation.**"):]
