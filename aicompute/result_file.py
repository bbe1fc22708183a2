"""Reads a results.json that may come from anyone, as far as a comparison reads and prints it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from aicompute.errors import CallError
from aicompute.names import shown


def _printable(text: str) -> str:
    """A terminal would obey what is not."""
    if not text.replace("\n", " ").isprintable():
        raise ValueError("printable text")
    return text


Text = Annotated[str, AfterValidator(_printable)]
#: Python reads NaN and Infinity from JSON, which has neither.
Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True)


class _Result(_Part):
    value: Finite | None
    low: Finite | None = None
    high: Finite | None = None
    unit: Text = ""


class _Sentence(_Part):
    file: Text
    line: int
    condition: str
    text: Text
    holds: bool
    because: Text


class _Document(_Part):
    assumptions: dict[Text, Finite | bool | Text | list[Text] | None]
    results: dict[Text, _Result]
    systems: list[Text] = []
    claims: dict[Text, Text] = {}
    data_files: dict[Text, Text] = {}
    holds: list[_Sentence] = []


def read_results(path: Path) -> dict[str, Any]:
    """The content of a result file.

    Raises
    ------
    CallError
        If it cannot be read, or is no result file: the first place at fault.
    """
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        _Document.model_validate(found)
    except OSError as error:
        raise CallError(f"compare {path}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        wrong = error.errors()[0]
        of_assumption = wrong["loc"][:1] == ("assumptions",)
        place = shown(".".join(map(str, wrong["loc"][:2 if of_assumption else 3])))
        allowed = wrong["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
        raise CallError(f"compare {path}: not a result file: {place}: got "
                        f"{shown(repr(wrong['input'])[:60])}; allowed: {allowed}") from None
    except (ValueError, RecursionError, OverflowError):
        raise CallError(f"compare {path}: not a result file: no JSON") from None
    return found
