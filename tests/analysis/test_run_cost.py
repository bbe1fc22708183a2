"""What a run costs, worked by hand, and when the trend reaches a sum."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from aicompute import trend
from aicompute.analysis import price, run_cost
from aicompute.analysis.price import PriceTrend
from aicompute.assumptions import Assumptions
from aicompute.results import Results
from aicompute.study import Study
from aicompute.trend import Fit


@pytest.fixture(scope="module")
def prices(study: Study) -> PriceTrend:
    """The price trend of the report's own cards."""
    return price.price_trend(price.priced_chips(study.dataset, study.assumptions),
                             study.assumptions)


def test_the_cards_of_alexnet_cost_998_dollars(study: Study) -> None:
    # 2 x 499
    assert Results(study)["ahead.alexnet.purchase_usd"].value == 998


def test_the_run_of_alexnet_bears_five_dollars_of_them() -> None:
    # 998 x 5.5 days / (3 x 365.25 days) = 5.009
    assert run_cost.written_off(998, days=5.5, years_of_use=3) == pytest.approx(5.009, abs=5e-4)


def test_half_the_days_need_twice_the_rating() -> None:
    needed = [run_cost.peak_needed(1.0, days=d, utilization=0.33) for d in (40, 20)]
    assert needed[1] == pytest.approx(2 * needed[0])


def test_the_chips_of_a_run_cost_its_rating_over_the_rating_of_a_dollar(
    study: Study, prices: PriceTrend
) -> None:
    # 1,862 pfs-days in 40 days at 0.33 of the peak: 1,862e15 / 40 / 0.33 = 1.4106e17 FLOP/s.
    day = pd.Timestamp("2017-10-19")
    cost = run_cost.purchase(1862, day, prices, study.assumptions)[0]
    assert cost * prices.at(day)[0] == pytest.approx(1.4106e17, rel=1e-4)


def _noise_free(months: float) -> Fit:
    dates = pd.Series(pd.date_range("2012-01-01", "2018-01-01", periods=13).normalize())
    days = (dates - dates[0]).dt.days
    return trend.fit(dates, pd.Series(np.exp2(days / (30.4375 * months))))


def test_a_sum_is_reached_when_the_cost_line_says_so(prices: PriceTrend) -> None:
    fit, assumptions = _noise_free(4.0), Assumptions()
    day, _, _ = run_cost.date_of_cost(1e9, fit, prices, assumptions)
    line = run_cost.cost_line(pd.Series([day]), fit, prices, assumptions)
    assert line["usd"][0] == pytest.approx(1e9, rel=1e-6)


def test_a_larger_sum_is_reached_later(prices: PriceTrend) -> None:
    days = [run_cost.date_of_cost(usd, _noise_free(4.0), prices, Assumptions())[0]
            for usd in (1e7, 1e9, 1e12)]
    assert days == sorted(days)


def test_a_trend_slower_than_prices_never_reaches_a_sum(prices: PriceTrend) -> None:
    # Compute doubles every ten years, what a dollar buys every two to three: the cost falls.
    assert run_cost.date_of_cost(1e12, _noise_free(120.0), prices, Assumptions())[0] is None


def test_the_date_lies_inside_its_interval(study: Study, prices: PriceTrend) -> None:
    day, low, high = run_cost.date_of_cost(1e12, study.fit, prices, study.assumptions)
    assert low < day < high


def test_a_run_on_the_line_cost_single_digit_millions_when_the_article_appeared(
    study: Study,
) -> None:
    assert 1 <= Results(study)["ahead.at_article.purchase_million_usd"].value < 10


def test_a_sum_of_ones_own_moves_the_date(study: Study) -> None:
    own = Results(study.under(run_cost_usd=1e10))["ahead.run_cost.years_after"]
    assert own.value == Results(study)["ahead.ten_billion.years_after"].value
