"""Assumptions as they are typed: parsed by their type, refused with what is allowed."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from aicompute.assumptions import (
    Assumptions,
    as_json,
    as_text,
    describe,
    load_scenario,
    parse_assumptions,
    parse_setting,
)
from aicompute.dataset import DATA, Dataset
from aicompute.errors import CallError
from aicompute.study import Study


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("gpu_utilization", "0.5", 0.5),
        ("gpu_utilization", "5e-1", 0.5),
        ("samples", "500", 500),
        ("record_setters_only", "true", True),
        ("record_setters_only", "False", False),
        ("record_setters_only", "no", False),
        ("without", "dqn", ("dqn",)),
        ("without", "dqn, gnmt,", ("dqn", "gnmt")),
        ("without", "dqn,gnmt,dqn", ("dqn", "gnmt")),
        ("without", "", ()),
        ("since", "2014-06-01", datetime.date(2014, 6, 1)),
        ("values", "recounted", "recounted"),
    ],
)
def test_a_typed_value_is_parsed_by_its_type(name: str, typed: str, value: object) -> None:
    assert getattr(parse_assumptions({name: typed}), name) == value


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("gpu_utilization", "33", "got 33; allowed: number from 0.001 to 1"),
        ("gpu_utilization", "0", "got 0; allowed: number from 0.001 to 1"),
        ("price_doubling_years", "0.05", "got 0.05; allowed: number from 0.1 to 100, or 0"),
        ("gpu_utilization", "a third", "got a third; allowed: number from 0.001 to 1"),
        ("gpu_utilization", "nan", "got nan; allowed: number from 0.001 to 1"),
        # pydantic by itself takes true for 1, and 2012 for a second of the year 1970.
        ("gpu_utilization", True, "got True; allowed: number from 0.001 to 1"),
        ("since", "2012", "got 2012; allowed: date YYYY-MM-DD"),
        ("since", "2012-13-01", "got 2012-13-01; allowed: date YYYY-MM-DD"),
        ("record_setters_only", "perhaps", "got perhaps; allowed: true or false"),
        ("record_setters_only", 1, "got 1; allowed: true or false"),
        ("seed", "-1", "got -1; allowed: whole number from 0 to 4294967295"),
        ("values", "copied", "got copied; allowed: one of published, replicated, recounted"),
        ("samples", "1.5", "got 1.5; allowed: whole number from 100 to 100000"),
        ("without", [1], "got [1]; allowed: list of names"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_one_line(
    name: str, value: object, line: str
) -> None:
    with pytest.raises(CallError) as refused:
        parse_assumptions({name: value})
    assert str(refused.value) == f"assumption {name}: {line}"


def test_every_value_that_does_not_fit_is_named() -> None:
    with pytest.raises(CallError) as refused:
        parse_assumptions({"gpu_utilization": "2", "since": "2012", "confidence": "0.1"})
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == [
        "assumption gpu_utilization", "assumption since", "assumption confidence",
    ]


def test_a_misspelt_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(CallError, match="unknown; did you mean gpu_utilization?"):
        parse_assumptions({"gpu_utilisation": "0.5"})


def test_a_name_as_near_to_several_is_refused_with_all_of_them() -> None:
    with pytest.raises(CallError, match="mean gpu_utilization, cpu_utilization or tpu_utilization"):
        parse_assumptions({"utilization": "0.5"})


def test_a_name_with_other_capitals_and_hyphens_finds_its_own() -> None:
    with pytest.raises(CallError, match="did you mean gpu_utilization?"):
        parse_assumptions({"GPU-Utilization": "0.5"})


def test_a_name_like_no_other_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(CallError, match="^assumption zzz: unknown; valid: gpu_utilization, "):
        parse_assumptions({"zzz": "1"})


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(CallError, match="since: got 2018-01-01; allowed: a date not after until"):
        parse_assumptions({"since": "2018-01-01", "until": "2017-12-31"})


def test_a_misspelt_system_to_leave_out_is_refused_with_the_nearest() -> None:
    study = Study(Dataset(DATA), parse_assumptions({"without": "alexnt"}))
    with pytest.raises(CallError, match="^assumption without: system alexnt: .*mean alexnet?"):
        _ = study.estimates


@pytest.mark.parametrize("text", ["gpu_utilization", "=0.5", ""])
def test_a_setting_without_name_or_value_is_refused(text: str) -> None:
    with pytest.raises(CallError, match="expected NAME=VALUE"):
        parse_setting(text)


def test_a_value_may_hold_an_equals_sign() -> None:
    assert parse_setting("without=a=b") == ("without", "a=b")


@pytest.mark.parametrize("name", Assumptions.model_fields)
def test_a_default_written_as_text_is_read_back_as_itself(name: str) -> None:
    default = getattr(Assumptions(), name)
    assert getattr(parse_assumptions({name: as_text(default)}), name) == default


@pytest.mark.parametrize("name", Assumptions.model_fields)
def test_a_default_written_as_json_is_read_back_as_itself(name: str) -> None:
    default = getattr(Assumptions(), name)
    assert getattr(parse_assumptions({name: as_json(default)}), name) == default


@pytest.mark.parametrize("name", Assumptions.model_fields)
def test_every_assumption_says_its_type_its_meaning_and_its_source(name: str) -> None:
    facts = describe(name)
    assert all(facts[part] for part in ("type", "meaning", "source"))


@pytest.mark.parametrize("name", Assumptions.model_fields)
def test_the_source_of_an_assumption_is_in_the_bibliography(name: str) -> None:
    assert describe(name)["source"] in {*Dataset(DATA).sources, "assumed"}


def test_only_what_differs_from_the_defaults_counts_as_changed() -> None:
    assumptions = parse_assumptions({"gpu_utilization": "0.33", "values": "recounted"})
    assert assumptions.changed() == {"values": "recounted"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- a list\n", "expected exactly assumptions, title, why"),
        ("title: a\nwhy: b\n", "expected exactly assumptions, title, why"),
        ("title: a\nwhy: b\nassumptions: 3\n", "expected name: value lines"),
        ("title: a\nwhy: b\nassumptions: {}\n", "expected name: value lines"),
        ("title: [\n", "own.yml:2: no valid YAML"),
        ("title: a\nwhy: b\nassumptions:\n  seed: 1\n  seed: 2\n", "own.yml:5: no valid YAML: "
         "seed stands twice"),
        ("title: a\nwhy:\nassumptions: {seed: 1}\n", "why: got None; allowed: text"),
        ("title: [a]\nwhy: b\nassumptions: {seed: 1}\n", "title: got ['a']; allowed: text"),
        ("title: a\nwhy: b\nassumptions: {1: 2}\n", "assumption 1: unknown"),
        ("title: a\nwhy: b\nassumptions: {gpu_utilisation: 1}\n", "did you mean gpu_utilization?"),
        ("title: a\nwhy: b\nassumptions: {gpu_utilization: 5}\n", "from 0.001 to 1"),
    ],
)
def test_a_faulty_scenario_file_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "own.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CallError) as refused:
        load_scenario(str(path))
    assert reason in str(refused.value)
    assert str(refused.value).startswith(f"scenario {path}")


def test_a_scenario_file_of_other_letters_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_bytes(b"\xff\xfe")
    with pytest.raises(CallError, match="own.yml: no valid YAML"):
        load_scenario(str(tmp_path / "own.yml"))


def test_an_unknown_scenario_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(CallError, match="^scenario nobody: unknown; valid: .*recounted.* a file$"):
        load_scenario("nobody")


def test_a_misspelt_scenario_is_refused_with_the_nearest() -> None:
    with pytest.raises(CallError, match="did you mean without-alphabet?"):
        load_scenario("Without_Alphabet")
