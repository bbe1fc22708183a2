"""The look of the charts: sizes, axes, colours, systems as points. No number is born in a chart.

A chapter draws with Altair on rows whose statistics are already in them; what all charts share is
here, :class:`Plane` for systems over time and :func:`ranges` for values with their ranges.
"""

from aicompute.charts import palette
from aicompute.charts.look import COMPUTE, NARROW, WIDE, Size, colours, date_axis, log_axis
from aicompute.charts.plane import Plane, points, short_name
from aicompute.charts.value_ranges import ranges

__all__ = [
    "COMPUTE", "NARROW", "WIDE", "Plane", "Size", "colours", "date_axis", "log_axis", "palette",
    "points", "ranges", "short_name",
]
