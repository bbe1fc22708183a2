"""AI and Compute, the executable edition: all calculation and the build of the book.

The rooms, lowest first; a module imports only from those above it in this list:

``errors``, ``units``, ``assumptions``, ``layers``, ``schema``, ``dataset``, ``operations``,
``chip_time``, ``estimates``, ``trend``, ``results``, ``claims``, ``wording``, ``tables``,
``charts``, ``report``, ``book``, ``cli``.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aicompute.report import open_report

__all__ = ["open_report"]


def __getattr__(name: str) -> Any:
    """Load the report when it is asked for: a command that needs less starts sooner."""
    if name != "open_report":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from aicompute.report import open_report

    return open_report
