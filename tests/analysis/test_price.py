"""What a dollar buys: which cards count, and a planted trend."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from aicompute.analysis import price
from aicompute.assumptions import Assumptions
from aicompute.results import Results
from aicompute.study import Study
from aicompute.trend import FitError


def _cards(doubling_years: float, gap: float = 4.0) -> pd.DataFrame:
    """Noise-free cards of two markets, the cards for games ``gap`` times cheaper."""
    dates = pd.Series(pd.to_datetime([f"{year}-01-01" for year in range(2010, 2022)]))
    years = (dates - dates[0]).dt.days / 365.25
    market = np.where(np.arange(len(dates)) % 2 == 0, "consumer", "data_centre")
    value = 1e9 * np.exp2(years / doubling_years) * np.where(market == "consumer", gap, 1.0)
    return pd.DataFrame({"date": dates, "market": market, "per_dollar": value})


def test_a_planted_growth_of_the_rating_of_a_dollar_is_recovered() -> None:
    found = price.price_trend(_cards(2.5), Assumptions())
    assert found.doubling_time_years == pytest.approx(2.5)


@pytest.mark.parametrize(("market", "per_dollar"), [("data_centre", 1e9), ("consumer", 4e9)])
def test_each_market_has_its_own_level(market: str, per_dollar: float) -> None:
    found = price.price_trend(_cards(2.5), Assumptions(price_market=market))
    assert found.at(pd.Timestamp("2010-01-01"))[0] == pytest.approx(per_dollar)


def test_the_interval_holds_the_planted_growth_about_as_often_as_it_says() -> None:
    random, inside = np.random.default_rng(7), 0
    table = _cards(2.5)
    for _ in range(200):
        noise = np.exp2(random.normal(scale=0.5, size=len(table)))
        found = price.price_trend(
            table.assign(per_dollar=table["per_dollar"] * noise), Assumptions())
        inside += found.slope_low <= 1 / (2.5 * 365.25) <= found.slope_high
    # 190 of 200 expected; four standard errors of a binomial are 12.
    assert 178 <= inside <= 200


def test_a_stated_pace_is_taken_as_it_is_and_the_cards_set_the_level() -> None:
    found = price.price_trend(_cards(2.5), Assumptions(price_doubling_years=4.0))
    assert found.doubling_time_years == pytest.approx(4.0)
    assert found.slope_low == found.slope == found.slope_high
    # The cards for data centres stand in years 1, 3 ... 11 at 2^(t/2.5) GFLOP/s a dollar; a line
    # of 2^(t/4) through them meets them at the mean of t, 6; both markets share a slope, so the
    # level is that of their own mean: 6 x (1/2.5 - 1/4) = 0.9 doublings above 1e9 at the start.
    start, _, _ = found.at(pd.Timestamp("2010-01-01"))
    assert start == pytest.approx(1e9 * 2**0.9, rel=1e-3)


def test_a_run_can_be_paid_for_longer_where_prices_fall_faster(study: Study) -> None:
    years = [Results(study.under(price_doubling_years=pace))["ahead.run_cost.years_after"].value
             for pace in (4.0, 2.0, 1.0)]
    assert years == sorted(years)
    assert len(set(years)) == 3


def test_a_card_with_two_number_formats_counts_once(study: Study) -> None:
    cards = price.priced_chips(study.dataset, study.assumptions)
    assert cards["chip_id"].str.startswith("v100").sum() == 1


def test_the_fastest_number_format_is_taken_unless_asked_otherwise(study: Study) -> None:
    chosen = [set(price.priced_chips(study.dataset, Assumptions(price_chips=chips))["chip_id"])
              for chips in ("fastest", "fp32")]
    assert [{"v100_fp16"} & ids or {"v100"} & ids for ids in chosen] == [{"v100_fp16"}, {"v100"}]


def test_a_guessed_price_is_left_out(study: Study) -> None:
    cards = price.priced_chips(study.dataset, study.assumptions)
    assert "gtx_680" not in set(cards["chip_id"])


def test_too_few_cards_make_no_trend() -> None:
    with pytest.raises(FitError, match="at least 4"):
        price.price_trend(_cards(2.5).head(3), Assumptions())


def test_the_rating_of_a_dollar_doubles_in_two_to_three_years(study: Study) -> None:
    # Published analyses of graphics cards find 2.1 to 2.5 years.
    cards = price.priced_chips(study.dataset, study.assumptions)
    found = price.price_trend(cards, study.assumptions)
    assert 2.0 < found.doubling_time_years < 3.0
