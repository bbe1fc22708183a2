"""What a notebook imports from ``aicompute``; loaded when the first of it is asked for."""
# ruff: noqa: F401

from aicompute import words
from aicompute.assumptions import Assumptions, assume, load_scenario, scenario_names
from aicompute.cells import collected
from aicompute.layers import multiply_adds
from aicompute.methods import (
    calculations,
    chip_ratings,
    chip_time,
    counted,
    counted_multiply_adds,
    estimates,
    main_runs,
)
from aicompute.recording import Interval, connect, record, record_rows, say
from aicompute.showing import Cite, Link, figure, show
from aicompute.tables import architecture, table
from aicompute.trend import Trend, fit, fit_trend, fitted_systems, record_setters
from aicompute.units import DAYS_PER_YEAR, PETA, PFS_DAY, SECONDS_PER_DAY, TERA

connect()
