"""What a process has loaded before pages are forked from it; importing this is all there is to it.

Tables are parsed and the libraries of charts have set themselves up before the first page asks.
What a page then calculates is the same.
"""

from __future__ import annotations

import contextlib
import gc

import altair as alt
import pandas as pd

from aicompute import charts, library, tables
from aicompute.book.engine import ZmqlessShell
from aicompute.errors import AIComputeError

# What is wrong with the data is said by the page that meets it.
with contextlib.suppress(AIComputeError):
    library.estimates(library.Assumptions())
tables.read.clear()
pd.set_option("display.max_columns", 20)  # as pandas does where it is imported in a notebook
charts.specification(alt.Chart(pd.DataFrame({"x": [1.0]})).mark_point().encode(x="x:Q"), "")
ZmqlessShell.instance()
gc.collect()
gc.freeze()  # what is never looked at again stays shared between the processes
