"""What a cell records and shows: names, values, intervals, and conflicts between pages."""

import math

import pandas as pd
import pytest

from aicompute import Interval, figure, record, record_rows, say, show
from aicompute.cells import merge
from aicompute.errors import CallError, PageError
from aicompute.recording import Number, filled, recorded, set_aside, take_recorded
from aicompute.showing import Cite, Link


def test_a_record_gives_its_value_back_and_keeps_twelve_digits() -> None:
    assert record("test.third", 1 / 3, "times") == 1 / 3
    assert recorded["test.third"] == Number(0.333333333333, "times")


def test_an_open_end_is_none_and_what_is_no_number_unknown() -> None:
    record("test.time", Interval(3.4, 2.6, math.inf), "months")
    assert recorded["test.time"] == Number(3.4, "months", 2.6, None)
    record("test.unknown", math.nan, "months", math.nan, math.nan)
    assert say("test.unknown") == "unknown"


@pytest.mark.parametrize("name", ["doubling", "Trend.x", "a b.c", "a..b", "a.b.", "a.é"])
def test_a_name_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(CallError, match="dotted lower-case words"):
        record(name, 1.0)


def test_rows_are_recorded_one_by_one_and_missing_ones_passed_over() -> None:
    rows = pd.DataFrame({"id": ["x", "y"], "v": [1.5, math.nan], "lo": [1.0, 1.0]})
    with set_aside():
        record_rows(rows, "test.{id}.v", "v", "days", low="lo", how="of {id}")
        assert take_recorded() == [("test.x.v", Number(1.5, "days", 1.0, None, "of x"))]
    assert "test.x.v" not in recorded


def test_two_records_of_one_name_must_agree() -> None:
    # A worked example is held to the library by this, and a page to another.
    numbers: dict[str, Number] = {}
    merge(numbers, "a.b", Number(1.0, page="trend", section="the-fit"))
    merge(numbers, "a.b", Number(1.0 + 1e-12, page="debate"))
    with pytest.raises(PageError, match=r"a\.b: recorded as 1\.0 on trend \(the-fit\).*debate"):
        merge(numbers, "a.b", Number(2.0, page="debate"))
    with pytest.raises(PageError, match=r"recorded as 1\.0 on.*1\.0 months"):
        merge(numbers, "a.b", Number(1.0, "months", page="debate"))


def test_a_table_knows_links_and_sources_from_plain_text() -> None:
    frame = pd.DataFrame({"System": [Link("AlexNet", "systems/alexnet")], "pfs-days": [0.0057875],
                          "Source": [Cite("krizhevsky_2012")], "Note": ["<b>"]})
    table = show(frame, "A table", "test")
    assert table.document()["rows"] == [[
        {"text": "AlexNet", "target": "systems/alexnet"}, {"text": "0.00579", "sort": 0.0057875},
        {"text": "Krizhevsky et al. 2012", "source": "krizhevsky_2012"}, {"text": "<b>"},
    ]]
    assert "&lt;b&gt;" in table._repr_mimebundle_()["text/html"]


def test_a_caption_is_filled_with_what_the_notebook_has_recorded() -> None:
    record("test.caption", 3.437, "months", 2.59, 5.09)
    assert filled("Every {test.caption}; {test.caption:interval}; {no.such}; {x}") == (
        "Every 3.4 months; 2.6 to 5.1; {no.such}; {x}")


def test_a_figure_without_rows_is_refused() -> None:
    with pytest.raises(CallError, match="say which rows it plots"):
        figure(lambda size: None, "c", "test", "a", rows="x")  # type: ignore[arg-type]
