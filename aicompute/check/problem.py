"""Something wrong in the tables, as it is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """Something wrong in the tables: where, what stands there, and the rule that it breaks."""

    file: str
    line: int
    column: str
    value: str
    rule: str

    def __str__(self) -> str:
        short = self.value if len(self.value) <= 60 else f"{self.value[:57]}..."
        shown = short if short.isprintable() else repr(short)[1:-1]
        return f"{self.file}:{self.line}: {self.column}: {shown!r}: {self.rule}"
