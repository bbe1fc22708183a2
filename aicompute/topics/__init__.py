"""One module a chapter's subject: its results, figures and tables, registered when imported."""

from aicompute.topics import (
    introduction,
    numbers,
    overview,
    system_page,
)

__all__ = [
    "introduction",
    "numbers",
    "overview",
    "system_page",
]
