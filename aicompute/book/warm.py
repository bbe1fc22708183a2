"""What a process has loaded before pages are forked from it; importing this is all there is to it.

Tables are parsed and libraries have set themselves up before the first page asks. What a page then
calculates is the same.
"""
# ruff: noqa: F401

from __future__ import annotations

import contextlib
import gc

import nbformat
import pandas as pd
import papermill.execute
import scipy.stats

from aicompute import (
    breaks,
    charts,
    draws,
    library,
    live,
    prices,
    references,
    system_words,
    tables,
)
from aicompute.assumptions import Assumptions
from aicompute.book.engine import ZmqlessShell
from aicompute.errors import AIComputeError

# What is wrong with the data is said by the page that meets it.
with contextlib.suppress(AIComputeError, OSError):
    systems = library.estimates(Assumptions())
    values = pd.DataFrame({"label": "a", "pfs_days": [1.0], "low": 1.0, "high": 2.0, "kind": "b",
                           "shown": "c"})
    charts.look.specification(charts.ranges(values, charts.WIDE), "")
    systems.head(1).to_html()
    references.sources()
tables.read.clear()
pd.set_option("display.max_columns", 20)  # as pandas does where it is imported in a notebook
nbformat.validate(nbformat.v4.new_notebook())
ZmqlessShell.instance()
gc.collect()
gc.freeze()  # what is never looked at again stays shared between the processes
