"""Ticks of log axes: few enough to be read, and enough to read between."""

from __future__ import annotations

import math

import pytest

from aicompute.log_axis import log_ticks

ENDS = [(low, low * factor) for low in (1.3e-6, 0.0041, 0.9, 7.1, 5e8)
        for factor in (1.3, 1.9, 2.4, 4.7, 9.0, 80.0, 525.0, 1e6, 1e15)]


def test_alphago_zeros_values_are_told_by_powers_of_ten() -> None:
    # Its values lie between 7.52 (Epoch AI, 2026) and 7,762 pfs-days. Once there were 26 ticks,
    # among them 6, 7, 8 and 9, whose words ran into each other.
    assert log_ticks(5.4, 10_800, 8) == [10, 100, 1000, 10_000]


@pytest.mark.parametrize("most", [4, 8])
@pytest.mark.parametrize(("low", "high"), ENDS)
def test_an_axis_has_at_least_two_ticks_and_no_more_than_there_is_room_for(
    low: float, high: float, most: int
) -> None:
    ticks = log_ticks(low, high, most)
    assert len(ticks) <= most
    # Between ends a decade and less apart a single power of ten could be all there is.
    assert len(ticks) >= (2 if high / low > 100 or high / low < 2 else 1)
    assert all(low <= tick <= high for tick in ticks)


def test_one_is_among_the_ticks_of_every_long_axis() -> None:
    for most in range(3, 9):
        assert 1.0 in log_ticks(1e-7, 1e8, most)


def test_a_tick_is_a_round_number_to_the_last_digit() -> None:
    # 3 x 0.0005 is 0.0015; by binary fractions it would be 0.0015000000000000002.
    assert all(len(f"{tick!r}".replace("0", "").replace(".", "")) <= 3
               for tick in log_ticks(0.0013, 0.0022, 8) if math.isfinite(tick))
