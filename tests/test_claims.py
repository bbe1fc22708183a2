"""The ledger: verdicts by rule, none changes unnoticed, none rests on a misspelt name."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aicompute import claims, listings
from aicompute.assumptions import Assumptions
from aicompute.claims import verdict
from aicompute.dataset import Dataset
from aicompute.dataset.csv_table import Row
from aicompute.report import Report
from aicompute.results import Results, results_document
from aicompute.study import Study
from aicompute.words.number_text import FORMS, NAMED, fill


def claim(check: str, **stated: float) -> dict[str, Any]:
    return {"check": check, "stated": None, "stated_low": None, "stated_high": None, **stated}


@pytest.mark.parametrize(("row", "value", "expected"), [
    (claim("equal", stated=100.0), 105.0, "reproduced"),
    (claim("equal", stated=100.0), 95.3, "reproduced"),
    (claim("equal", stated=100.0), 106.0, "within_factor"),
    (claim("equal", stated=100.0), 34.0, "within_factor"),
    (claim("equal", stated=100.0), 301.0, "not_reproduced"),
    (claim("equal", stated=100.0), 33.0, "not_reproduced"),
    (claim("equal", stated=100.0), -100.0, "not_reproduced"),
    (claim("less", stated=3.0), 0.001, "reproduced"),
    (claim("less", stated=3.0), 3.1, "reproduced"),  # 3 percent above: rounding
    (claim("less", stated=3.0), 8.0, "within_factor"),
    (claim("less", stated=3.0), 49.0, "not_reproduced"),
    (claim("more", stated=300_000.0), 321_726.0, "reproduced"),
    (claim("more", stated=300_000.0), 1_299.0, "not_reproduced"),
    (claim("more", stated=0.0), 0.0, "not_reproduced"),  # more than none is at least one
    (claim("range", stated_low=1.0, stated_high=10.0), 5.9, "reproduced"),
    (claim("range", stated_low=1.0, stated_high=10.0), 0.5, "within_factor"),
    (claim("range", stated_low=1.0, stated_high=10.0), 31.0, "not_reproduced"),
    (claim("none", stated=5.0), 5.0, "cannot_be_checked"),
    (claim("equal", stated=5.0), None, "cannot_be_checked"),
])
def test_a_verdict_follows_the_rule(
    row: dict[str, Any], value: float | None, expected: str
) -> None:
    assert verdict(row, value) == expected


def test_every_verdict_is_the_expected_one(study: Study) -> None:
    # A changed input must not topple a claim in silence: change `expected` with it, and say why.
    assert claims.unexpected_verdicts(study) == []


def test_a_toppled_claim_is_named_with_both_verdicts(
    data: Path, change: Callable[[str, str, str], None]
) -> None:
    change("published.csv", "alphago_zero,plotted,,1862", "alphago_zero,plotted,,18.62")
    found = claims.unexpected_verdicts(Study(Dataset(data), Assumptions()))
    assert any("growth_factor: expected reproduced, got not_reproduced" in line for line in found)


def test_every_result_a_claim_names_exists(study: Study) -> None:
    results = Results(study)
    missing = []
    for row in study.dataset.rows("claims"):
        if row["result"] and results[str(row["result"])].value is None:
            missing.append(row["result"])
    assert missing == []


def test_only_claims_that_cannot_be_checked_name_no_result(study: Study) -> None:
    rows = study.dataset.rows("claims")
    assert [r["claim_id"] for r in rows if (r["result"] is None) != (r["check"] == "none")] == []


def test_every_check_has_the_numbers_it_needs(study: Study) -> None:
    needed = {"equal": ("stated",), "less": ("stated",), "more": ("stated",),
              "range": ("stated_low", "stated_high"), "none": ()}
    rows = study.dataset.rows("claims")
    assert [r["claim_id"] for r in rows if any(r[n] is None for n in needed[str(r["check"])])] == []


def test_the_ledger_holds_at_least_forty_statements_of_the_article(study: Study) -> None:
    own = [r for r in study.dataset.rows("claims") if r["part"] not in claims.OF_OTHERS]
    assert len(own) >= 40
    its_texts = {"openai_2018", "openai_2019_addendum", "skaltman_2020"}
    assert {r["source_key"] for r in own} <= its_texts


def test_every_formula_that_the_article_prints_is_in_the_ledger(study: Study) -> None:
    # 16 printed results with a method, of 11 systems; each is held against its own formula run.
    printed = {
        f"systems.{r['system_id']}.method_{r['method']}.article_pfs_days"
        for r in study.dataset.rows("published")
        if r["kind"] == "printed" and r["method"] is not None
    }
    held = {r["result"] for r in study.dataset.rows("claims")}
    assert len(printed) == 16
    assert printed <= held


def test_all_voices_of_the_debate_are_in_the_ledger(study: Study) -> None:
    # Recht four times; Howard, Taylor, Raiman, Knight and Smerity, all from one press report.
    rows = [r for r in study.dataset.rows("claims") if r["part"] == "debate"]
    assert {r["source_key"] for r in rows} == {"chinese_press_2018"}
    voices = [str(r["source_place"]).rpartition(": ")[2] for r in rows]
    assert sorted(set(voices)) == ["Ben Recht", "Jason Taylor", "Jeremy Howard", "Jonathan Raiman",
                                   "Smerity", "Will Knight"]
    assert voices.count("Ben Recht") == 4


def test_the_page_of_the_debate_counts_its_statements_by_the_rule(study: Study) -> None:
    # Nine: the verdicts were typed there, and "holds" would have stood whatever the tables say.
    results = Results(study)
    page = (Path(__file__).parent.parent / "chapters" / "debate.md").read_text(encoding="utf-8")
    assert results["claims.debate.total"].value == 9
    assert "{number}`claims.debate.reproduced:value`" in page
    assert re.search(r"(?i)it holds|\| holds", page) is None


def test_every_number_that_an_explanation_names_exists(study: Study) -> None:
    # A misspelt name would read "unknown" on the page.
    results = Results(study)
    for row in study.dataset.rows("claims"):
        for name, form in NAMED.findall(str(row["why"])):
            assert results[name].value is not None, name
            assert form in ("", *FORMS), f"{row['claim_id']}: {name}:{form}"
        assert "{" not in NAMED.sub("", str(row["why"])), row["claim_id"]


#: Numbers that stand in an explanation as they are: none of them is a result of ours.
STATED_IN_WHY = {
    "doubling_best_fit": {"30.5": "days in the other month the result is named after"},
    "doubling_body_text": {"3.4": "quoted", "3.5": "quoted", "five percent": "the rule"},
    "moore_factor_later": {"24": "the doubling time the claim states"},
    "era_2014_chips": {"800": "chips, as the article prints"},
    "written_off_cost": {"tenth": "how the claim is read"},
    "some_years_left": {"two years": "how the claim is read", "ten billion": "name of the sum"},
    "resnet_method_1": {"10,000": "as the article prints"},
    "pfs_day_operations": {"1e15": "definition", "86,400": "definition"},
    "accuracy": {"factor 3": "the claim"},
    "vgg_method_2": {"15": "days, as the article prints"},
    "seq2seq_method_1": {"7.5": "epochs, as the article prints", "three": "passes, the same"},
    "dota_1v1_plotted": {"256": "chips, in the source", "board of two": "the card"},
    "transformer_modest": {
        "8 chips": "the paper", "3.5 days": "the paper", "9.5 TFLOP/s": "the paper",
        "one third": "the other utilization the result is named after"},
    "align_translate_modest": {"252 hours": "the paper"},
    "word2vec_modest": {"30": "the paper", "33 billion": "the paper"},
    "vae_modest": {"100 million": "samples, off the paper's figure"},
    "two_eras": {"once in twenty": "how the claim is read"},
    "recht_alphabet": {"once in twenty": "how the claim is read", "two eras": "the other claim"},
    "recht_search_games": {"four largest": "how the claim is read"},
    "smerity_techniques": {"four largest": "how the claim is read"},
    "raiman_machines": {"eight that one machine": "how the claim is read"},
    "carey_years": {"trillion": "the sum the article names"},
    "sevilla_2010_2022": {"72": "systems, as the source states"},
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


def typed_numbers(row: Row) -> str:
    """What is left of an explanation without results, names and what it may state; "" if well."""
    left = NAMED.sub("", str(row["why"]))
    for stated in STATED_IN_WHY.get(str(row["claim_id"]), {}):
        left = re.sub(rf"(?<![\w.]){re.escape(stated)}(?![\w]|\.\d)", "", left)
    left = NOT_A_NUMBER.sub("", left)
    return left if NUMBER.search(left) else ""


def test_no_explanation_holds_a_result_worked_by_hand(study: Study) -> None:
    # A typed result goes stale when a table changes; it is to be named, as in {moore.factor}.
    # A number that is an input or a quotation is added to STATED_IN_WHY, with what it is.
    assert [left for row in study.dataset.rows("claims") if (left := typed_numbers(row))] == []


def test_what_an_explanation_may_state_is_still_in_it(study: Study) -> None:
    why = {str(row["claim_id"]): str(row["why"]) for row in study.dataset.rows("claims")}
    gone = [(claim_id, text) for claim_id, texts in STATED_IN_WHY.items() for text in texts
            if text not in NAMED.sub("", why[claim_id])]
    assert gone == []


@pytest.mark.parametrize("why", [
    "The 66 months to AlphaZero give 6.8 times.",
    "It rests on one point whose other estimates lie between 250 times lower and twice as high.",
    "One third instead of 0.33 gives 0.0887.",
    "The factors give four percent more than is printed.",
    "DQN took a thirty-seventh of the least.",
    "The bound holds with a hundredfold to spare.",
])
def test_a_result_typed_into_an_explanation_would_be_found(why: str) -> None:
    # Such as they once stood there.
    assert typed_numbers({"claim_id": "new", "why": why})


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


def notes(study: Study) -> list[tuple[str, str]]:
    """Every note and explanation of the tables, with the file it stands in."""
    dataset = study.dataset
    files = [f for f in (*dataset.schemas, *(f"architectures/{a}" for a in dataset.architectures()))
             if f != "architectures"]
    return [(file, str(row[column])) for file in files for row in dataset.rows(file)
            for column in ("note", "explanation") if row.get(column)]


def test_no_note_holds_a_result_worked_by_hand(study: Study) -> None:
    # VGG's note said 17.5 days where the ledger calculates 17.8.
    assert [(file, note) for file, note in notes(study) if worked_by_hand(note)] == []


@pytest.mark.parametrize("note", [
    "Printed as 10,000 PF; its own factors give 8,725 PF, or 0.101 pfs-days.",
    "The paper says two to three weeks; 17.5 days would give the printed 0.12.",
    "The printed result is 0.085, the formula gives half as much again.",
    "252 hours. The boost clock gives the printed 0.018, the base clock an eighth less.",
    "Five hundred times below its own value of 2025.",
    "Agrees with the plotted value to one percent.",
    "Printed as 8 x 30 days x 12 TFLOP/s x 0.33, which is 0.95.",
    "The 19-layer one needs 27 percent more.",
    "Between our low end and the best network lies more than a factor of thirty.",
    "Taken for the best one, they would need more than the card's peak: half of this is enough.",
])
def test_a_result_worked_into_a_note_would_be_found(note: str) -> None:
    # Such as they once stood there.
    assert worked_by_hand(note)


def test_what_a_note_may_work_from_its_source_is_still_in_one(study: Study) -> None:
    everything = " ".join(note for _, note in notes(study))
    assert [text for text in ON_THE_SOURCE if text not in everything] == []


def test_every_number_that_a_disagreement_names_exists_and_is_shown(study: Study) -> None:
    shown = listings.listing(study, "disagreements")._repr_html_()
    named = [found for row in study.dataset.rows("disagreements")
             for found in NAMED.findall(str(row["explanation"]))]
    assert named
    results = Results(study)
    for name, form in named:
        assert results[name].value is not None, name
        assert form in ("", *FORMS), name
    assert shown.count('class="number"') == len(named)
    assert "{" not in shown


def test_an_explanation_shows_the_result_it_names_as_a_link(study: Study) -> None:
    shown = fill(Results(study), "between {trend.published.doubling_time_months:interval} months")
    assert 'href="page:trend#the-fit"' in shown
    assert ">2.59 to 5.09</a> months" in shown


def test_an_explanation_survives_a_result_that_a_scenario_leaves_out(study: Study) -> None:
    assert fill(Results(study), "after {nothing.at_all} years") == "after unknown years"


def test_a_claim_shows_the_result_with_its_interval_and_its_link(study: Study) -> None:
    shown = listings.listing(study, "claims", part="headline")._repr_html_()
    assert ">3.44 months</a><br><small>2.59 to 5.09</small>" in shown
    every = listings.listing(study, "claims")._repr_html_()
    checked = [r for r in study.dataset.rows("claims") if r["result"]]
    assert every.count('<br><a href="page:') >= len(checked)


def test_a_share_is_shown_in_percent_on_both_sides(study: Study) -> None:
    # Six of seven systems of 2012 to 2014 lie in the era's range: 85.7 percent.
    shown = listings.listing(study, "claims", part="eras")._repr_html_()
    assert "more than 50 %<br>" in shown
    assert ">85.7 %</a>" in shown


def test_the_tally_stands_on_the_introduction(study: Study) -> None:
    page = (Path(__file__).parent.parent / "chapters" / "index.md").read_text(encoding="utf-8")
    shown = {name for name in claims.VERDICTS if f"`claims.article.{name}:value`" in page}
    assert shown == set(claims.VERDICTS)
    own = [j for j in claims.judge(study) if j.claim["part"] not in claims.OF_OTHERS]
    results = Results(study)
    counted = [results[f"claims.article.{name}"].value for name in claims.VERDICTS]
    assert sum(v for v in counted if v is not None) == len(own)


def test_the_tally_counts_every_claim_once(study: Study) -> None:
    assert sum(claims.tally(claims.judge(study)).values()) == len(study.dataset.rows("claims"))


def test_every_part_is_on_the_page(study: Study) -> None:
    page = (Path(__file__).parent.parent / "chapters" / "claims.md").read_text(encoding="utf-8")
    parts = {str(row["part"]) for row in study.dataset.rows("claims")}
    assert [part for part in parts if f'part="{part}"' not in page] == []


def test_a_verdict_is_told_by_a_word_and_not_by_colour_alone(study: Study) -> None:
    shown = listings.listing(study, "claims", part="headline")._repr_html_()
    assert "✓</span> reproduced" in shown


def test_results_json_holds_every_verdict(study: Study) -> None:
    assert results_document(study)["claims"]["growth_factor"] == "reproduced"


def test_a_scenario_shows_the_verdict_of_the_baseline_beside_its_own(study: Study) -> None:
    altered = study.under(alphago_zero_estimate="epoch_2026")
    shown = Report(altered).table("claims", part="headline")._repr_html_()
    assert "not reproduced (baseline: reproduced)" in shown
