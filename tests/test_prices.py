"""What a dollar buys and what a run costs: planted trends, and sums worked by hand."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from aicompute.assumptions import Assumptions
from aicompute.cells import run_cells
from aicompute.methods import estimates
from aicompute.prices import PriceTrend, cost_line, fit_prices, priced_cards
from aicompute.recording import Number
from aicompute.trend import Trend, fit, fit_trend, fitted_systems

BASELINE = Assumptions()
FIRST = pd.Series([pd.Timestamp("2010-01-01")])


def planted_cards(doubling_years: float = 2.5, gap: float = 4.0) -> pd.DataFrame:
    """Noise-free cards of two markets in turn, the cards for games ``gap`` times cheaper."""
    dates = pd.Series(pd.to_datetime([f"{year}-01-01" for year in range(2010, 2022)]))
    years = (dates - dates[0]).dt.days / 365.25
    market = np.where(np.arange(len(dates)) % 2 == 0, "consumer", "data_centre")
    value = 1e9 * np.exp2(years / doubling_years) * np.where(market == "consumer", gap, 1.0)
    return pd.DataFrame({"date": dates, "market": market, "per_dollar": value})


def planted_trend(months: float) -> Trend:
    """A noise-free trend of compute, one pfs-day on its first day."""
    dates = pd.Series(pd.date_range("2012-01-01", "2018-01-01", periods=13).normalize())
    days = (dates - dates[0]).dt.days
    return fit_trend(dates, pd.Series(np.exp2(days / (30.4375 * months))))


@pytest.fixture(scope="module")
def prices() -> PriceTrend:
    """The line of the report's own cards."""
    return fit_prices(priced_cards(BASELINE), BASELINE)


@cache
def ahead(**altered: object) -> dict[str, Number]:
    """The numbers of the page looking ahead, and of the page on prices behind it."""
    return run_cells("ahead", altered) | run_cells("prices", altered)


def value(name: str, **altered: object) -> float:
    """One number of the page looking ahead."""
    found = ahead(**altered)[f"ahead.{name}"].value
    assert found is not None
    return found


def test_a_planted_growth_of_the_rating_of_a_dollar_is_recovered() -> None:
    found = fit_prices(planted_cards(2.5), BASELINE).doubling_time_years
    assert found == pytest.approx((2.5, 2.5, 2.5))


@pytest.mark.parametrize(("market", "per_dollar"), [("data_centre", 1e9), ("consumer", 4e9)])
def test_each_market_has_its_own_level(market: str, per_dollar: float) -> None:
    found = fit_prices(planted_cards(), Assumptions(price_market=market))
    assert found.at(FIRST)["per_dollar"][0] == pytest.approx(per_dollar)


def test_the_interval_holds_the_planted_growth_about_as_often_as_it_says() -> None:
    random, inside, cards = np.random.default_rng(7), 0, planted_cards(2.5)
    for _ in range(200):
        noise = np.exp2(random.normal(scale=0.5, size=len(cards)))
        slope = fit_prices(cards.assign(per_dollar=cards["per_dollar"] * noise), BASELINE).slope
        inside += slope.low <= 1 / (2.5 * 365.25) <= slope.high
    # 190 of 200 expected; four standard errors of a binomial are 12.
    assert 178 <= inside <= 200


def test_a_stated_pace_is_taken_as_it_is_and_the_cards_set_the_level() -> None:
    found = fit_prices(planted_cards(2.5), Assumptions(price_doubling_years=4.0))
    assert found.doubling_time_years == pytest.approx((4.0, 4.0, 4.0))
    # The cards for data centres stand in years 1, 3 ... 11 at 2^(t/2.5) GFLOP/s a dollar; a line
    # of 2^(t/4) through them meets them at the mean of t, 6; so the level at the start lies
    # 6 x (1/2.5 - 1/4) = 0.9 doublings above 1e9.
    assert found.at(FIRST)["per_dollar"][0] == pytest.approx(1e9 * 2**0.9, rel=1e-3)


def test_line_and_interval_agree_with_the_algebra_of_matrices(prices: PriceTrend) -> None:
    # A level, a slope, and the distance of the other market, as columns.
    cards = priced_cards(BASELINE)
    x = (cards["date"] - cards["date"].min()).dt.days.to_numpy(float)
    design = np.column_stack([np.ones_like(x), x, cards["market"] == "consumer"])
    logs, inverse = np.log2(cards["per_dollar"].to_numpy()), np.linalg.inv(design.T @ design)
    best = inverse @ design.T @ logs
    left, degrees = logs - design @ best, len(x) - 3
    errors = inverse * (left @ left) / degrees
    reach = stats.t.ppf(0.975, degrees)
    ends = np.array([0, -reach, reach])
    assert prices.slope == pytest.approx(best[1] + ends * np.sqrt(errors[1, 1]), rel=1e-9)
    at = prices.at(cards["date"].head(1)).iloc[0]
    assert np.log2([at["per_dollar"], at["low"], at["high"]]) == pytest.approx(
        best[0] + ends * np.sqrt(errors[0, 0]))


def test_the_rating_of_a_dollar_doubles_in_two_to_three_years(prices: PriceTrend) -> None:
    # Published analyses of graphics cards find 2.1 to 2.5 years.
    assert 2.0 < prices.doubling_time_years.value < 3.0


@pytest.mark.parametrize(("chips", "taken"), [("fastest", "v100_fp16"), ("fp32", "v100")])
def test_a_card_with_two_number_formats_counts_once_and_a_guessed_price_never(
    chips: str, taken: str
) -> None:
    ids = priced_cards(Assumptions(price_chips=chips))["chip_id"]
    assert [name for name in ids if name.startswith("v100")] == [taken]
    assert "gtx_680" not in set(ids)


def test_too_few_cards_make_an_unknown_trend_and_no_traceback() -> None:
    few = fit_prices(planted_cards().head(3), BASELINE)
    assert np.isnan(few.doubling_time_years.value)


def test_the_chips_of_a_run_cost_its_rating_over_that_of_a_dollar() -> None:
    # One pfs-day in 40 days at 0.33 of the peak is 1e15 / 40 / 0.33 = 7.576e13 FLOP/s; at 1e9 a
    # dollar in 2010 and a doubling in 2 years, 2012-01-01 has 2e9 (to a day): 37,880 dollars.
    found = fit_prices(planted_cards(2.0), BASELINE)
    line = cost_line(pd.Series([pd.Timestamp("2012-01-01")]), planted_trend(4.0), found, BASELINE)
    assert line["usd"][0] == pytest.approx(37_880, rel=1e-3)


def test_a_sum_is_reached_when_the_cost_line_says_so(prices: PriceTrend) -> None:
    after = ahead()["ahead.run_cost.years_after"]
    assert after.low < after.value < after.high  # type: ignore[operator]
    rows = fitted_systems(estimates(BASELINE), BASELINE)
    for end, years in (("usd", after.value), ("high", after.low), ("low", after.high)):
        last = pd.Timestamp("2018-05-16") + pd.Timedelta(days=round((years or 0) * 365.25))
        days = pd.Series([last, last + pd.Timedelta(days=1)])
        before, then = cost_line(days, fit(rows, BASELINE), prices, BASELINE)[end]
        assert before < 1e12 <= then


def test_a_trend_slower_than_prices_never_reaches_a_sum() -> None:
    # What a dollar buys doubles every month or so, compute every three: the cost falls.
    assert ahead(price_doubling_years=0.1)["ahead.run_cost.years_after"].value is None


def test_the_two_cards_of_alexnet_cost_998_dollars_of_which_the_run_bears_five() -> None:
    # 2 x 499; 998 x 5.5 days / (3 x 365.25 days) = 5.009
    assert value("alexnet.purchase_usd") == 998
    assert value("alexnet.written_off_usd") == pytest.approx(5.009, abs=5e-4)


def test_the_chips_of_alphago_zero_at_the_price_of_its_day(prices: PriceTrend) -> None:
    # 1,862 pfs-days in 40 days at 0.33 of the peak: 1,862e15 / 40 / 0.33 = 1.4106e17 FLOP/s.
    per_dollar = prices.at(pd.Series([pd.Timestamp("2017-10-19")]))["per_dollar"][0]
    found = value("alphago_zero.purchase_million_usd")
    assert found * 1e6 * per_dollar == pytest.approx(1.4106e17, rel=1e-4)


def test_a_run_can_be_paid_for_longer_where_prices_fall_faster() -> None:
    years = [value("run_cost.years_after", price_doubling_years=p) for p in (4.0, 2.0, 1.0)]
    assert years[0] < years[1] < years[2]
