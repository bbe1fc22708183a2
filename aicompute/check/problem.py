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
        said = f"{self.file}:{self.line}: {self.column}: {short!r}: {self.rule}"
        # A terminal would obey what is not printable.
        return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in said)
