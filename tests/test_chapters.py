"""The chapters: their numbers under several settings, and guards that each name their failure."""

import ast
import json
import math
import re
from collections.abc import Callable, Sequence
from functools import cache, wraps
from pathlib import Path
from typing import Any

import jupytext
import pytest
from conftest import ROOT, numbers_under, value

from aicompute import words
from aicompute.assumptions import Assumptions, as_json
from aicompute.prose import NUMBER, Filling
from aicompute.recording import Number
from aicompute.showing import Figure, figure

CHAPTERS = sorted((ROOT / "chapters").glob("*.md"))
FROZEN = Path(__file__).parent / "frozen"
LONGEST_CELL, WIDEST_LINE, LONGEST_CHAPTER, LEAST_CODE = 14, 68, 131, 1700
#: The settings that the first edition's numbers are kept of.
SETTINGS = ("baseline", "recounted", "without-alphabet", "boost")
#: What has moved since the first edition, and why.
MOVED = re.compile("|".join([
    # Ends of a resampled bend's range: of two dates that fit equally well the earlier one counts,
    # where the first edition took the one that rounding happened to favour (CHANGELOG, 2.0.0).
    r"(after_2018\.bend_(all|records)|before_2012\.bend)\.",
    # Rows up to 2025, revised values, six times parameters times tokens (CHANGELOG, 2.1.0).
    r"after_2018\.(deepseek_v3|gpt_4_5|grok_3|later|one_line|records|two_eras|until_2024)\.",
    r"after_2018\.(inside_band|reaching_line|systems)$",
    r"agreement\.(documented\.|recount\.(agree|systems))", r"ahead\.(cost\.since_2018|grok_3)\.",
    r"count\.sources|counting\.totals|rows\.(all|networks)$|utilization\.(rows|stated)",
    r"(uncertainty\.)?systems\.(deepseek_v3|gpt_4_5|grok_3|llama_\w+|palm)\.",
    r"uncertainty\.systems\.(chinchilla|gpt_3|megatron_lm|mt_nlg)\.", r"rows\.|count\.later",
    # Verdicts by new rules, no machine that never ran, self-play named (CHANGELOG, 2.1.0).
    r"claims\.", r"ledger\.", r"debate\.(chips|machines|slopes)\.", r"eras\.outside_chips",
]))
#: Ranges that hold the utilization they assume, where before they left it as it was; draws that
#: follow what a row says of its range, and what rests on them.
RANGES_MOVED = re.compile(
    r"systems\.\w+\.(method_2\.|replicated_|recounted_)|uncertainty\.(systems\.(alexnet|vgg|gpt_4|"
    r"openai_five)|((replicated|recounted)\.)?doubling_time_months\.(inputs|together))")
#: What no chapter may stumble over: other utilizations, few systems left, a wide interval.
FAR_OFF: list[dict[str, Any]] = [
    {"until": "2013-12-31"},
    {"gpu_utilization": 0.5, "tpu_utilization": 0.5, "values": "recounted", "confidence": 0.999,
     "record_setters_only": True, "method": "method_2", "utilization_from": "measured"},
]


def slowly(settings: Sequence[Any]) -> list[Any]:
    """Settings as parameters; to run all cells under one takes twelve seconds."""
    return [pytest.param(setting, marks=pytest.mark.slow) for setting in settings]


#: A sentence of an altered book that is marked as one that does not hold there.
FALLEN = re.compile(r"(?s):::\{div\} fails.*?\n:::|\[in the baseline:.*?not hold \([^)]*\)\]|"
                    r"\[基准情形下.*?不成立（[^）]*）\]")
every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


@cache
def kept(setting: str) -> dict[str, Any]:
    """What the first edition calculated under a setting, less what corrections have changed."""
    return dict(json.loads((FROZEN / f"{setting}.json").read_text(encoding="utf-8")))


def altered(setting: str) -> dict[str, Any]:
    """The assumptions of a setting that differ from the defaults."""
    given = Assumptions.model_validate(kept(setting)["assumptions"]).changed()
    return {name: as_json(value) for name, value in given.items()}


def same(one: float | None, other: float | None) -> bool:
    """Equal to 1e-9; two unknowns are equal."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-15)


@pytest.mark.parametrize("setting", [SETTINGS[0], *slowly(SETTINGS[1:])])
def test_every_number_that_people_use_is_there_with_the_first_editions_value(setting: str) -> None:
    # Others read results.json by these names. A number that moves belongs into CHANGELOG.
    needed = json.loads((FROZEN / "needed.json").read_text(encoding="utf-8"))
    before, now = kept(setting)["results"], numbers_under(**altered(setting))
    assert [name for name in needed if name in before and name not in now] == []
    as_before = [name for name in now if name in before and not MOVED.match(name)]
    assert len(as_before) > 300
    assert [name for name in as_before if not same(now[name].value, before[name]["value"])] == []
    ranged = [name for name in as_before if before[name]["low"] is not None
              and not RANGES_MOVED.match(name)]
    assert [n for n in ranged if not same(now[n].low, before[n]["low"])
            or not same(now[n].high, before[n]["high"])] == []


@pytest.mark.parametrize("setting", slowly(FAR_OFF), ids=lambda s: ",".join(map(str, s.values())))
def test_every_chapter_runs_under_a_far_off_setting(
    setting: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A figure is drawn once its page has run: the cells passed, and the build failed. Of few
    # systems every one is drawn here.
    drawn = []

    @wraps(figure)
    def drawing(*given: Any, **named: Any) -> Figure:
        made = figure(*given, **named)
        drawn.append("until" not in setting or made.document()["name"])
        return made

    monkeypatch.setattr("aicompute.library.figure", drawing)
    assert len(numbers_under(**setting)) > 300
    assert len(drawn) > 20


@pytest.mark.parametrize(
    "setting", [{}, *slowly(FAR_OFF)], ids=lambda s: ",".join(map(str, s.values())))
@every_chapter
def test_every_number_and_condition_of_a_text_can_be_filled(
    path: Path, setting: dict[str, Any]
) -> None:
    # A name that is gone would fail the build only once all pages have run.
    filling = Filling(numbers_under(**setting), numbers_under())
    told = filling.fill(prose(path), path.name)
    fallen = [s for s in filling.sentences if not s.holds]
    assert not fallen or setting
    assert all(s.because in told for s in fallen)
    # With few systems left the text read "compute doubled every unknown".
    assert not re.search("unknown(?!; did)", FALLEN.sub("", told))


def test_a_changed_number_in_a_cell_changes_what_it_records(
    changed: Callable[[str, str, str], dict[str, Number]]
) -> None:
    # The product shown is the product run: 2 cards become 4, and AlexNet's compute doubles.
    name = "systems.alexnet.method_2.article_pfs_days"
    inputs = '{"cards": cards, "days": days,'
    after = changed("chip_time", inputs, f"cards = 4\n{inputs}")[name].value
    assert after == pytest.approx(2 * value(name))


@cache
def cells(path: Path) -> tuple[Any, ...]:
    """The cells of a chapter; the template's words are those of one system."""
    text = path.read_text(encoding="utf-8")
    stand_ins = {"{system_id}": "alexnet", "{system_name}": "AlexNet", "{system_label}": "alexnet"}
    for stand_in, word in stand_ins.items():
        text = text.replace(stand_in, word)
    return tuple(jupytext.reads(text, fmt="md:myst").cells)


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
    # A parameter that is calculated is not replaced by the one papermill injects.
    if not code(path):
        return
    first = code(path)[0]
    assert "parameters" in first.metadata["tags"]
    for statement in ast.parse(first.source).body:
        assert isinstance(statement, ast.Assign)
        name = statement.targets[0].id  # type: ignore[attr-defined]
        value = ast.literal_eval(statement.value)
        assert name == "system_id" or value == as_json(Assumptions.model_fields[name].default)


@every_chapter
def test_a_cell_can_be_read_at_a_glance_and_a_chapter_at_one_sitting(path: Path) -> None:
    # Longer or wider, and it scrolls on a phone; removed from the page, nobody can check it.
    assert sum(len(lines(cell.source)) for cell in code(path)) <= LONGEST_CHAPTER
    for cell in code(path):
        assert len(lines(cell.source)) <= LONGEST_CELL, cell.source
        assert max(map(len, cell.source.splitlines())) <= WIDEST_LINE, cell.source
        removed = {"remove-input", "remove-cell"} & {*cell.metadata.get("tags", [])}
        assert not (removed and "record" in cell.source), cell.source


def test_the_chapters_calculate() -> None:
    # The first edition's chapters held 200 lines, each a call for a finished table or figure.
    written = sum(len(lines(cell.source)) for path in CHAPTERS for cell in code(path))
    assert written >= LEAST_CODE


@every_chapter
def test_a_chapter_has_one_title_and_it_comes_first(path: Path) -> None:
    # A second title makes a second page in the contents.
    text = re.sub(r"(?ms)^```.*?^```", "", prose(path))
    assert text.lstrip().startswith("# ")
    assert len(re.findall(r"^# ", text, flags=re.MULTILINE)) == 1


#: What may stand in the text by hand: not results, but names, quotations, dates and definitions.
#: Taken away in this order; what is left must hold no digit.
BY_HAND = [
    r"(?s)^```.*?^```",  # commands and what they print
    r"(?s)\$\$.*?\$\$|\$[^$\n]+\$",  # formulas: definitions in symbols
    r"^:::.*$|\{holds\}`[^|`]*\|",  # conditions and directives
    r"\{[\w:]+\}`[^`]*`",  # roles: numbers of the report, citations, references to figures
    r"`[^`\n]*`",  # code: names, files, commands
    r'"[^"]*"',  # quotations
    r"10<sup>\d+</sup>|\b(between|above) 0 and 1\b",  # a power of ten and a share, as definitions
    r"\]\([^)]*\)|<[^>]*>|^\([\w-]+\)=$",  # targets of links, labels
    r"\b\d{1,2} (?=(January|February|March|April|May|June|July|August|September|October|November"
    r"|December)\b)",  # days
    r"\b(19|20)\d\d\b",  # years
    r"\b[Mm]ethods? [12]\b( and 2\b)?",  # the two methods by their names
    r"\b(GTX|Titan|RTX|BY|Attribution|GPT|Grok|Llama)[ -]\d[\d.]*(-\w+)?",  # cards, models
    r"(18|24)[ -]months?|over 18\b",  # the doubling times that Moore's law is given
    r"\b(factor of|than|beyond) (2 to )?3\b",  # the accuracy the article aims at, by definition
    r"\b\d+-bit\b",  # number formats
    r"\b\w*[A-Za-z_]\w*([-.]\d[\w.]*)?",  # words, and names that hold a digit: K80, ResNet-152
    r"\d[\d.,]*( × \d[\d.,]*)+",  # a product to work by hand, of sizes that a source gives
]
SENTENCE_END = r"\n\s*\n|(?<=[.?!])\s+(?=[A-Z({*\[])|(?<=[:;])\s+(?=[A-Z*])"


def typed_numbers(text: str) -> list[str]:
    """Sentences with a number that was typed, that no citation covers and nothing else allows."""
    found = []
    text = re.sub(BY_HAND[0], "", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*\d+\. ", "", text, flags=re.MULTILINE)  # numbers of a list's items
    for sentence in re.split(SENTENCE_END, text):
        # A number quoted from a source stands in the same sentence as its citation.
        bare = "" if "{cite:" in sentence else sentence
        for pattern in BY_HAND[1:]:
            bare = re.sub(pattern, " ", bare, flags=re.MULTILINE)
        if re.search(r"\d", bare):
            typed = " ".join(re.findall(r"\S*\d\S*", bare))
            found.append(f"{typed} in: {sentence[:80]}")
    return found


@every_chapter
def test_no_result_is_typed_by_hand(path: Path) -> None:
    # The text of a book said "169 countries" under a cell that counted them: the cell changes with
    # the data, the word does not. A result stands as {number}`name`; what may be typed is above.
    assert typed_numbers(prose(path)) == []


def test_a_typed_result_is_found() -> None:
    # The guard above would pass on anything if its allow-list grew too wide.
    assert len(typed_numbers("# Title\n\nCompute doubled every 3.44 months.")) == 1


#: Phrases of the first edition, which would not conclude.
EVASIONS = ("the interval says", "comes out again", "stands in", "is told", "of theirs",
            "how large a one")


@every_chapter
def test_the_prose_concludes(path: Path) -> None:
    text = " ".join(prose(path).split())
    assert [phrase for phrase in EVASIONS if phrase in text] == []


@every_chapter
def test_an_interval_is_shown_only_where_there_is_one(path: Path) -> None:
    # Without it the text reads "– to –".
    for name, form in NUMBER.findall(prose(path)):
        assert form in ("", *words.FORMS), name
        if form in ("range", "interval"):
            number = numbers_under()[name]
            assert number.low is not None or number.high is not None, name
