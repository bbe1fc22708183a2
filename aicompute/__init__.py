"""AI and Compute, the executable edition: all calculation and the build of the book.

The rooms, lowest first; a module imports only from those above it in this list:

``errors``, ``units``, ``assumptions``, ``layers``, ``schema``, ``dataset``, ``operations``,
``chip_time``, ``estimates``, ``trend``, ``results``, ``claims``, ``wording``, ``tables``,
``charts``, ``report``, ``book``, ``cli``.
"""

from aicompute.report import open_report

__all__ = ["open_report"]
