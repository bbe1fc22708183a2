"""Every figure of the book: its chart is valid, fits its room and says what it shows."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import combinations
from typing import Any

import altair as alt
import pandas as pd
import pytest
from jsonschema import Draft7Validator

from aicompute import charts, figures, palette, topics
from aicompute.charts import NARROW, WIDE, in_utc, over_time
from aicompute.figures import FIGURES, Figure, chart_points, trend_lines
from aicompute.study import Study
from aicompute.topics import article_figures

ONE_A_SYSTEM = {"system"}
REGISTERED = topics.__all__
Documents = dict[str, dict[str, Any]]
Specs = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def drawn(study: Study) -> dict[str, Figure]:
    """Every figure that needs no argument."""
    return {name: figures.figure(study, name) for name in FIGURES if name not in ONE_A_SYSTEM}


@pytest.fixture(scope="session")
def documents(drawn: dict[str, Figure]) -> Documents:
    """What every figure hands to its page: the making of it is what takes time."""
    return {name: figure.document() for name, figure in drawn.items()}


@pytest.fixture(scope="session")
def specs(documents: Documents) -> Specs:
    """The charts of every figure, one for each room."""
    return {name: [spec for spec in document.values() if isinstance(spec, dict)]
            for name, document in documents.items()}


def test_every_chart_is_valid_vega_lite(specs: Specs) -> None:
    schema = Draft7Validator(alt.load_schema())
    faults = {name: error.message[:200] for name, charts_of in specs.items()
              for spec in charts_of for error in schema.iter_errors(spec)}
    assert faults == {}


def test_every_chart_can_be_written_and_read_as_json(specs: Specs) -> None:
    for charts_of in specs.values():
        for spec in charts_of:
            assert json.loads(json.dumps(spec, allow_nan=False)) == spec


def test_every_caption_and_alternative_text_is_a_sentence(drawn: dict[str, Figure]) -> None:
    short = [name for name, figure in drawn.items()
             if not (figure.caption.endswith(".") and figure.alt.endswith(".")
                     and len(figure.alt.split()) > 4)]
    assert short == []


def test_every_alternative_text_is_its_own(drawn: dict[str, Figure]) -> None:
    said = [figure.alt for figure in drawn.values()]
    assert len(set(said)) == len(said)


def test_every_figure_has_rows_to_take_away(drawn: dict[str, Figure]) -> None:
    for name, figure in drawn.items():
        rows = list(csv.DictReader(io.StringIO(figure.csv())))
        assert len(rows) == len(figure.table) > 0, name


def test_no_number_is_born_inside_a_chart(specs: Specs) -> None:
    makers = {"regression", "loess", "density", "aggregate", "quantile", "calculate", "impute"}
    for name, charts_of in specs.items():
        text = json.dumps(charts_of)
        assert [maker for maker in makers if f'"{maker}":' in text] == [], name


def test_every_colour_of_a_chart_is_one_of_the_books(specs: Specs) -> None:
    strange = {}
    for name, charts_of in specs.items():
        text = palette.with_variables(json.dumps(charts_of))
        colours = {part[:7] for part in text.split('"') if part.startswith("#") and len(part) == 7}
        if colours:
            strange[name] = colours
    assert strange == {}


def test_the_labels_of_the_headline_chart_do_not_cover_each_other(study: Study) -> None:
    points = chart_points(study)
    frame = article_figures.frame_of(points, WIDE)
    lines = trend_lines(study)
    others = over_time.line_boxes(lines, ("pfs_days", "moore"), frame)
    placed = over_time.with_labels(points, frame, others).to_dict("records")
    boxes = [
        over_time.labels.text_box(
            frame.left(p["date"]) + p["dx"], frame.top(p["pfs_days"]) + p["dy"], p["label"],
            p["align"], WIDE.font)
        for p in placed
    ]
    assert [pair for pair in combinations(boxes, 2) if pair[0].overlap(pair[1]) > 0] == []


def test_a_date_is_the_same_day_in_every_time_zone() -> None:
    day = {"datasets": {"rows": [{"date": "2012-06-01T00:00:00"}]},
           "encoding": {"x": {"field": "date", "type": "temporal"}}}
    made = in_utc(day)
    assert made["datasets"]["rows"] == [{"date": "2012-06-01"}]
    assert made["encoding"]["x"]["scale"]["type"] == "utc"


def test_no_chart_holds_a_time_that_depends_on_the_readers_zone(
    documents: Documents,
) -> None:
    # Once the points of fitted lines did: five figures were drawn otherwise in another time zone.
    naive = re.compile(r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?"')
    found = {name: naive.search(json.dumps(document)) for name, document in documents.items()}
    assert {name for name, match in found.items() if match} == set()


def test_a_point_of_the_middle_year_lies_in_the_middle_of_the_chart() -> None:
    frame = over_time.Frame(WIDE, 400, pd.Timestamp(2012, 1, 1), pd.Timestamp(2014, 1, 1), 1, 100)
    assert frame.left(pd.Timestamp(2013, 1, 1)) == pytest.approx(320, abs=0.5)  # half of 640
    assert frame.top(10) == pytest.approx(200)  # 10 is half of the way from 1 to 100 in powers


def test_a_narrow_chart_fits_a_phone(documents: Documents) -> None:
    wide = [name for name, document in documents.items()
            if document["narrow"].get("width", 0) > NARROW.width]
    assert wide == []


def test_a_published_point_tells_the_articles_formula(study: Study) -> None:
    # Appendix of the article, example of method 2: 2 GTX 580, 5.5 days, 1.58 TFLOP/s, 0.33.
    alexnet = chart_points(study).set_index("system_id").loc["alexnet"]
    assert alexnet["calculation"] == (
        "2 GeForce GTX 580 × 5.5 days × 1.58 TFLOP/s × 33 % utilization"
    )


def test_the_axis_says_that_it_is_logarithmic() -> None:
    assert "log scale" in charts.COMPUTE


def test_an_interval_of_a_published_value_is_the_factor_the_article_claims(study: Study) -> None:
    # "a factor 2-3"; the middle, 2.5: AlexNet's 0.00578754 pfs-days lie within 0.00231 and 0.0145.
    table = figures.figure(study, "headline").table.set_index("system_id")
    alexnet = table.loc["alexnet"]
    assert (alexnet["low"], alexnet["high"]) == pytest.approx((0.002315, 0.01447), rel=1e-3)


def test_the_baseline_is_the_boldest_line_of_the_scenarios(drawn: dict[str, Figure]) -> None:
    # A scale of widths once drew the others at 2.2 pixels instead of their own.
    spec = json.loads(json.dumps(drawn["scenario_trends"].document()["wide"]))
    rows = next(iter(spec["datasets"].values()))
    widths = {row["kind"]: row["width"] for row in rows}
    assert spec["encoding"]["strokeWidth"]["scale"] is None
    assert widths["the baseline"] == 3.5
    assert widths["the other scenarios"] == 1.3
