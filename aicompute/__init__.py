"""AI and Compute, the executable edition: what a notebook imports.

>>> import aicompute as ac
>>> systems = ac.estimates(ac.Assumptions())
>>> trend = ac.fit(ac.fitted_systems(systems, ac.Assumptions()), ac.Assumptions())
>>> round(trend.doubling_time.value, 2)
3.44
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aicompute.library import *  # noqa: F403

# Loaded when asked for: a command that has nothing to do needs no pandas.
__all__ = [  # noqa: F405
    "DAYS_PER_YEAR", "PETA", "PFS_DAY", "SECONDS_PER_DAY", "TERA", "Assumptions", "Cite",
    "Interval", "Link", "Trend", "architecture", "assume", "calculations", "chip_ratings",
    "chip_time", "collected", "counted", "counted_multiply_adds", "estimates", "figure", "fit",
    "fit_trend", "fitted_systems", "load_scenario", "main_runs", "multiply_adds", "record",
    "record_rows", "record_setters", "say", "scenario_names", "show", "table", "words",
]

try:
    __version__ = version("aicompute")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0"


def __getattr__(name: str) -> Any:
    if name == "words":
        return import_module("aicompute.words")
    if name not in __all__:
        raise AttributeError(f"module 'aicompute' has no attribute {name!r}")
    return getattr(import_module("aicompute.library"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
