"""Labels clear of each other and of lines, the label's own dot the nearest, ticks, and the look."""

import json
import math

import altair as alt
import pandas as pd
import pytest

from aicompute import charts
from aicompute.charts import labels, palette
from aicompute.charts.look import specification

LINE = [labels.Box(x, 96, x + 10, 104) for x in range(100, 400, 10)]


def placed(*points: labels.Point, others: list[labels.Box] | None = None) -> list[labels.Box]:
    """The room that every label takes; none where its text is left out."""
    found = labels.place(points, width=600, height=300, others=others or [])
    return [labels.text_box(x + dx, y + dy, text, align)
            for (x, y, _), (align, dx, dy, text) in zip(points, found, strict=True)]


def clear(box: labels.Box, *others: labels.Box) -> bool:
    return all(box.left >= other.right or box.right <= other.left or box.top >= other.bottom
               or box.bottom <= other.top for other in others)


def test_labels_cover_neither_each_other_nor_the_points_nor_a_line() -> None:
    assert clear(placed((100.0, 100.0, "Name"), others=LINE)[0], *LINE)
    points = [(100.0, 100.0, "Seq2Seq"), (96.0, 98.0, "VGG"), (102.0, 150.0, "GoogLeNet")]
    boxes = placed(*points)
    marks = [labels.Box(x - 5, y - 5, x + 5, y + 5) for x, y, _ in points]
    for index, box in enumerate(boxes):
        assert clear(box, *boxes[index + 1:], *marks)


def test_a_labels_own_dot_is_the_nearest() -> None:
    # "Llama 3.1-405B" stood nearer to Gemini's dot than to its own.
    points = [(100.0, 100.0, "A long name of it"), (190.0, 108.0, "B"), (100.0, 128.0, "C")]
    for box, own in zip(placed(*points), points, strict=True):
        gaps = {(x, y): math.hypot(max(box.left - x, x - box.right, 0),
                                   max(box.top - y, y - box.bottom, 0)) for x, y, _ in points}
        assert gaps[own[:2]] == min(gaps.values()), own


def test_a_label_without_room_is_left_out_and_the_others_stay() -> None:
    # A contributor's system with a name like a sentence must break nobody's build.
    points = [(100.0, 100.0, "AlexNet"), (104.0, 102.0, "A name " * 20), (300.0, 40.0, "VGG")]
    found = labels.place(points, width=600, height=300)
    assert [text for *_, text in found] == ["AlexNet", "", "VGG"]


def test_words_along_a_line_keep_clear_of_it_and_of_what_is_there() -> None:
    dots = [labels.mark(380, 90), labels.mark(340, 112)]
    x, y, align = labels.along(LINE, "the line", width=500, height=200, others=dots)
    assert clear(labels.text_box(x, y, "the line", align), *LINE, *dots)


ROWS = pd.DataFrame({
    "date": pd.to_datetime(["2012-06-01", "2017-10-19"]), "pfs_days": [0.0058, 1862.0],
    "low": [0.003, 1000.0], "high": [0.01, 4000.0], "label": ["AlexNet", "AlphaGo Zero"],
    "name": ["AlexNet", "AlphaGo Zero"], "shown": ["0.0058", "1,862"],
    "domain": ["vision", "games"], "kind": ["published", "method 1"],
})


def valid(chart: alt.LayerChart) -> str:
    """The specification of a chart, held to Vega-Lite's schema."""
    text = json.dumps(specification(chart, "alt"), default=str)
    alt.Chart.from_dict(json.loads(text))
    return text


@pytest.mark.parametrize("size", [charts.WIDE, charts.NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("log", [True, False], ids=["log", "linear"])
def test_a_plane_has_room_for_every_row_and_is_valid(size: charts.Size, log: bool) -> None:
    plane = charts.Plane(ROWS, size, log=log)
    assert plane.low < 0.003
    assert plane.high > 4000
    x, y = plane.at(ROWS["date"], ROWS["pfs_days"])
    assert x.between(0, size.width).all()
    assert y.between(0, plane.height).all()
    text = valid(plane.chart(plane.band(ROWS, "low", "high"), plane.line(ROWS, text="a line"),
                             plane.points(ROWS)))
    # It does not depend on the time zone of who draws it.
    assert '"type": "utc"' in text
    assert "2012-06-01T00:00:00" not in text


def test_of_two_dots_in_one_place_the_lower_is_a_ring() -> None:
    # VGG lay hidden under Seq2Seq, six days and five percent away.
    same = pd.concat([ROWS, ROWS[:1].assign(name="Same", label="Same")])
    _, rings, dots = charts.Plane(same, charts.WIDE).points(same).charts
    assert [layer.mark.filled for layer in (rings, dots)] == [False, True]
    assert dots.data["under"].tolist() == [True, False, False]


def test_a_fitted_line_is_solid_over_the_span_of_its_points_alone() -> None:
    dates = pd.to_datetime(["2010-01-01", "2012-01-01", "2014-01-01", "2016-01-01"])
    rows = pd.DataFrame({"date": dates, "pfs_days": [1.0, 2.0, 4.0, 8.0]})
    drawn = charts.Plane(ROWS, charts.WIDE, lines=rows).line(rows, over=(dates[1], dates[2])).charts
    assert [chart.to_dict()["mark"].get("strokeDash") for chart in drawn] == [[5, 4], None, [5, 4]]
    assert list(drawn[1].data["date"]) == [*dates[1:3]]


def test_ranges_draw_a_row_without_range_as_a_bare_mark() -> None:
    valid(charts.ranges(ROWS.assign(low=[0.003, None]), charts.WIDE))


def test_no_two_colours_are_one() -> None:
    # A drawing's colour finds the style sheet's variable by its value.
    assert len(set(palette.COLOURS.values())) == len(palette.COLOURS)
