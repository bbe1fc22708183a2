"""The ledger: verdicts by rule, none unnoticed, none on a misspelt name; and corrected facts."""

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from conftest import ROOT, numbers_under, value

from aicompute import Assumptions, calculations, words
from aicompute.claims import LISTED, VERDICTS, judged, unexpected, verdict
from aicompute.recording import Number
from aicompute.tables import architecture, architectures, package, table

NAMED = re.compile(r"\{([a-z][a-z0-9_]*\.[a-z0-9_.-]+)(?::([a-z]+))?\}")


def claim(check: str, **stated: float) -> dict[str, Any]:
    unknown = dict.fromkeys(("stated", "stated_low", "stated_high"), math.nan)
    return {"check": check, **unknown, **stated}


@pytest.mark.parametrize(("row", "value", "expected"), [
    (claim("exact", stated=3.43), 3.4367, "reproduced"),  # 0.2 percent
    (claim("exact", stated=0.117), 0.1216, "not_reproduced"),  # 3.9 percent is no rounding
    (claim("rounded", stated=7.0), 6.46, "not_reproduced"),  # Moore's law is no estimate
    (claim("rounded", stated=100.0), -100.0, "not_reproduced"),
    (claim("about", stated=10.0), 11.25, "reproduced"),  # "roughly a factor of 10"
    (claim("about", stated=10.0), 12.6, "not_reproduced"),
    (claim("system", stated=100.0), 104.9, "reproduced"),
    (claim("system", stated=100.0), 34.0, "within_factor"),
    (claim("system", stated=100.0), 301.0, "not_reproduced"),
    (claim("less", stated=3.0), 0.001, "reproduced"),
    (claim("less", stated=0.05), 0.075, "not_reproduced"),  # a threshold is passed or not
    (claim("more", stated=300_000.0), 321_726.0, "reproduced"),
    (claim("more", stated=300_000.0), 299_999.0, "not_reproduced"),
    (claim("more", stated=0.0), 0.0, "not_reproduced"),  # more than none is at least one
    (claim("most"), 7 / 8, "reproduced"),
    (claim("most"), 3 / 6, "not_reproduced"),  # half is not most
    (claim("range", stated_low=4.0, stated_high=5.0), 5.13, "reproduced"),  # 5 is rounded
    (claim("range", stated_low=1.0, stated_high=10.0), 31.0, "not_reproduced"),
    (claim("none", stated=5.0), 5.0, "cannot_be_checked"),
    (claim("exact", stated=5.0), math.nan, "cannot_be_checked"),
    (claim("question"), math.nan, "not_scored"),
    (claim("judgement"), math.nan, "not_scored"),
])
def test_a_verdict_follows_the_rule(row: dict[str, Any], value: float, expected: str) -> None:
    assert verdict(row, value) == expected


def test_every_verdict_is_the_expected_one() -> None:
    # A changed input must not topple a claim in silence: change `expected` with it, and say why.
    assert unexpected(judged(numbers_under())) == []


def test_a_toppled_claim_is_named_with_its_line_and_both_verdicts() -> None:
    numbers = {"growth.published.factor": Number(1.0)}
    found = [line for line in unexpected(judged(numbers)) if "growth_factor" in line]
    assert found == ["claims.csv:5: expected: growth_factor: expected reproduced, got "
                     "not_reproduced (growth.published.factor = 1)"]


def test_a_claim_whose_number_no_page_records_cannot_be_checked() -> None:
    assert set(judged({}).verdict) == {"cannot_be_checked", "not_scored"}


def test_every_number_a_claim_names_is_recorded() -> None:
    numbers = numbers_under()
    named = table("claims").result.dropna()
    assert [name for name in named if name not in numbers or numbers[name].value is None] == []


def test_claims_are_held_against_what_their_check_says() -> None:
    # The factor of the article is given to single systems alone.
    rows = table("claims")
    assert list(rows.claim_id[rows.result.isna() != rows.check.isin(LISTED)]) == []
    names = rows.result[rows.check == "system"]
    assert names.str.fullmatch(r"systems\.\w+\.(method_\d\.)?recount(ed)?_pfs_days").all()


def test_the_ledgers_page_has_every_part() -> None:
    # That its rule is the library's, its own cells ask.
    page = (ROOT / "chapters" / "claims.md").read_text(encoding="utf-8")
    assert [part for part in set(table("claims").part) if f'ledger("{part}"' not in page] == []


def test_every_formula_that_the_article_prints_is_in_the_ledger() -> None:
    # 16 printed results with a method, of 11 systems; each is held against its own formula run.
    published = table("published")
    printed = published[(published.kind == "printed") & published.method.notna()]
    names = {f"systems.{row.system_id}.method_{int(row.method)}.article_pfs_days"
             for row in printed.itertuples()}
    assert len(names) == 16
    assert names <= set(table("claims").result)


def test_all_voices_of_the_debate_are_in_the_ledger() -> None:
    # Recht six times, with what he says of Howard; and those whom the report does not name.
    rows = table("claims").query("part == 'debate'")
    assert set(rows.source_key) == {"chinese_press_2018"}
    voices = [place.rpartition(": ")[2] for place in rows.source_place]
    assert set(voices) == {"Ben Recht", "Jason Taylor", "Jeremy Howard", "Jonathan Raiman",
                           "Smerity", "Will Knight", "unnamed", "the report"}
    assert voices.count("Ben Recht") == 6


@pytest.mark.parametrize(("file", "column"), [("claims", "why"), ("disagreements", "explanation")])
def test_every_number_that_an_explanation_names_is_recorded(file: str, column: str) -> None:
    # A misspelt name would stand on the page as it is written in the table.
    numbers = numbers_under()
    for text in table(file)[column].dropna():
        for name, form in NAMED.findall(text):
            assert name in numbers, name
            assert numbers[name].value is not None, name
            assert form in ("", *words.FORMS), f"{name}:{form}"
        assert "{" not in NAMED.sub("", text), text


#: Numbers that stand in an explanation as they are: stated or quoted, defined, or how it is read.
STATED_IN_WHY = {
    "doubling_body_text": ["3.4", "3.5", "two printed", "five percent"],
    "moore_factor_later": ["24"], "era_2014_chips": ["800"],
    "written_off_cost": ["tenth"], "some_years_left": ["two years", "ten billion"],
    "resnet_method_1": ["10,000", "11.4e9"], "pfs_day_operations": ["1e15", "86,400"],
    "accuracy": ["factor 3"], "vgg_method_2": ["15"], "seq2seq_method_1": ["7.5", "three"],
    "dota_1v1_plotted": ["256", "board of two"],
    "transformer_modest": ["8 chips", "3.5 days", "9.5 TFLOP/s", "one third"],
    "align_translate_modest": ["252 hours"], "word2vec_modest": ["30", "33 billion"],
    "vae_modest": ["100 million"], "two_eras": ["once in twenty"],
    "recht_alphabet": ["once in twenty", "two eras"], "recht_search_games": ["four largest"],
    "smerity_techniques": ["four largest"], "raiman_machines": ["eight that one machine"],
    "carey_years": ["trillion"], "sevilla_2010_2022": ["72"],
}
#: Names with digits, years, and words that count nothing calculated: one operation, two halves.
NOT_A_NUMBER = re.compile(
    r"GTX 580|GPT-3|Seq2Seq|DeepSpeech2|ResNet-152|VGG-16|top-5|pfs-days?|"
    r"\b(?:19|20)\d\d\b|\bone\b|a second (?:line|for)|second decimal|operations a second|"
    r"two (?:end points|halves|groups|results of the)|board of two chips")
NUMBER = re.compile(
    r"\d|percent|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|"
    r"thirty|hundred|thousand|million|billion|trillion|half|third|quarter|fifth|sixth|seventh|"
    r"eighth|ninth|tenth|twice|thrice|thirty-?\w+)s?\b|\w+fold\b", re.IGNORECASE)


def typed_numbers(why: str, claim_id: str = "") -> str:
    """What is left of an explanation without results, names and what it may state; "" if well."""
    left = NAMED.sub("", why)
    for stated in STATED_IN_WHY.get(claim_id, []):
        left = re.sub(rf"(?<![\w.]){re.escape(stated)}(?![\w]|\.\d)", "", left)
    left = NOT_A_NUMBER.sub("", left)
    return left if NUMBER.search(left) else ""


def test_no_explanation_holds_a_result_worked_by_hand() -> None:
    # A typed result goes stale when a table changes; it is to be named, as in {moore.factor}.
    # A number that is an input or a quotation is added to STATED_IN_WHY.
    rows = table("claims")
    assert [left for row in zip(rows.why, rows.claim_id, strict=True)
            if (left := typed_numbers(*row))] == []


#: Words that lead to a result: in a note it goes stale when a cell changes, beside a computed one.
RESULT = re.compile(
    r"\b(?:factors? gives?|would give|comes? to|come to|amounts? to|agrees? with|which is [\d.]+|"
    r"nearly meet|than (?:the|their|its) (?:full )?peak|factor of (?:a )?\w+|"
    r"(?:times|fold) (?:below|above|less|more|the|its|higher|lower|too|as)|"
    r"(?:half|third|quarter|fifth|sixth|seventh|eighth|ninth|tenth|hundredth|percent|%) "
    r"(?:less|more|as much|of (?:that|this|their)|above|below|higher|lower))\b", re.IGNORECASE)
#: Arithmetic on what a source says, by which a cell is defined or a bracket is set.
ON_THE_SOURCE = (
    "what 6,300 words a second come to in ten days",
    "140 at 1.5e9 multiply-adds is what the plotted point amounts to",
    "100 to 1,000 times the data", "10 to 100 times the work",
    "a source that counts chips may mean half of this",
)


def worked_by_hand(text: str) -> list[str]:
    """The words of a note that lead to a result, without what it may work from its source."""
    for allowed in ON_THE_SOURCE:
        text = text.replace(allowed, "")
    return [found.group() for found in RESULT.finditer(NAMED.sub("", text))]


def test_no_note_holds_a_result_worked_by_hand() -> None:
    # VGG's note said 17.5 days where the ledger calculates 17.8.
    names = [r["name"] for r in package()["resources"] if r["name"] != "architectures"]
    tables = [*map(table, names), *map(architecture, architectures())]
    notes = [note for rows in tables for column in ("note", "explanation") if column in rows
             for note in rows[column].dropna()]
    assert len(notes) > 100
    assert [(note, found) for note in notes if (found := worked_by_hand(note))] == []


@pytest.mark.parametrize(("text", "found"), [
    ("The 66 months to AlphaZero give 6.8 times.", typed_numbers),
    ("The others lie between 250 times lower and twice as high.", typed_numbers),
    ("One third instead of 0.33 gives 0.0887.", typed_numbers),
    ("DQN took a thirty-seventh of the least.", typed_numbers),
    ("The bound holds with a hundredfold to spare.", typed_numbers),
    ("Printed as 10,000 PF; its own factors give 8,725 PF, or 0.101 pfs-days.", worked_by_hand),
    ("The paper says two to three weeks; 17.5 days would give the printed 0.12.", worked_by_hand),
    ("Agrees with the plotted value to one percent.", worked_by_hand),
    ("Between our low end and the best lies more than a factor of thirty.", worked_by_hand),
])
def test_a_result_worked_by_hand_would_be_found(
    text: str, found: Callable[[str], object]
) -> None:
    # Such as they once stood in an explanation, and in a note.
    assert found(text)


def test_a_verdict_does_not_rest_on_colour_alone() -> None:
    assert len({shown[0] for shown in VERDICTS.values()}) == len(VERDICTS)


# What a hostile reading found wrong in the data, each held to its source.


def test_the_growth_of_cost_has_the_current_versions_interval() -> None:
    # Cottier et al., abstract: 2.4x a year, 90 % from 2.0 to 2.9; 2.0 to 3.1 at 95 % was the first.
    row = table("forecasts").set_index("forecast_id").loc["cottier_cost"]
    assert tuple(row[["stated_low", "stated", "stated_high"]]) == (2.0, 2.4, 2.9)


@pytest.mark.parametrize(("name", "key"), [("forecasts", "forecast_id"), ("claims", "claim_id")])
def test_the_price_of_compute_is_careys_and_crox_relays_it(name: str, key: str) -> None:
    row = table(name).set_index(key).loc["crox_price"]
    assert row["source_key"] == "carey_2018"
    assert "crox_2019" in row["source_place"]


def test_alphazeros_range_holds_its_utilization() -> None:
    # 350.1 pfs-days at 33 %: at 20 % of the peak 212, at 50 % 530; it stood at 348 to 350.
    row = calculations(Assumptions(), "alphazero").set_index("method").loc[2]
    assert (row["low"], row["high"]) == (pytest.approx(212, abs=1), pytest.approx(530, abs=1))


def test_alexnets_date_is_the_charts_and_says_so() -> None:
    row = table("systems").set_index("system_id").loc["alexnet"]
    assert f"{row['published']:%Y-%m-%d}" == "2012-06-01"
    assert "2012-09-30" in row["note"]


def test_a_point_is_held_against_a_count_of_the_same_run() -> None:
    # GNMT as plotted is an extrapolation to production, 49 times our count of the paper's run. What
    # is left lies 3.68 times apart at most: Seq2Seq, 0.09324 as plotted over 0.02537.
    assert value("ledger.largest_difference") == pytest.approx(3.68, abs=0.01)
