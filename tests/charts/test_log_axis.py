"""Ticks of log axes: few enough to be read, and enough to read between."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from aicompute.charts.log_axis import log_ticks


def test_alphago_zeros_values_are_told_by_powers_of_ten() -> None:
    # Its values lie between 7.52 (Epoch AI, 2026) and 7,762 pfs-days. Once there were 26 ticks,
    # among them 6, 7, 8 and 9, whose words ran into each other.
    assert log_ticks(5.4, 10_800, 8) == [10, 100, 1000, 10_000]


@given(st.floats(-8, 8), st.floats(0.05, 14), st.integers(4, 9))
def test_an_axis_has_at_least_two_ticks_and_no_more_than_there_is_room_for(
    power: float, decades: float, most: int
) -> None:
    # VGG's values within a factor of 2 around 0.1 once had that one tick, and so no scale.
    low, high = 10**power, 10 ** (power + decades)
    ticks = log_ticks(low, high, most)
    assert 2 <= len(ticks) <= most
    assert all(low <= tick <= high for tick in ticks)


def test_one_is_among_the_ticks_of_every_long_axis() -> None:
    for most in range(3, 9):
        assert 1.0 in log_ticks(1e-7, 1e8, most)


def test_a_tick_is_a_round_number_to_the_last_digit() -> None:
    # 3 x 0.0005 is 0.0015; by binary fractions it would be 0.0015000000000000002.
    assert all(len(f"{tick!r}".replace("0", "").replace(".", "")) <= 3
               for tick in log_ticks(0.0013, 0.0022, 8) if math.isfinite(tick))
