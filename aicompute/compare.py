"""Two results side by side: what moved, by how much, and what differs that explains it."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aicompute import words
from aicompute.assumptions import (
    load_scenario,
    parse_assumptions,
    parse_setting,
    scenario_names,
)
from aicompute.data_changes import DataChanges, data_changes, renamed_systems, system_names
from aicompute.errors import CallError
from aicompute.methods import VALUES
from aicompute.names import unknown
from aicompute.prose import NUMBER
from aicompute.recording import Number
from aicompute.result_file import read_results
from aicompute.results import results_document

BASELINE = "baseline"
RESULTS_FILE = "results.json"
#: Where a folder written by ``build`` or ``results`` keeps the tables its numbers come from.
DATA_COPIES = ("data", "html/_downloads/data")
#: A relative difference below this is the last bit of a float, not a change.
NOISE = 1e-9
#: Results by how much they matter, as the beginnings of their names; what begins otherwise comes
#: after them.
IMPORTANCE = (
    "headline.doubling_time_months", "headline.growth_per_year", "headline.factor", "headline.",
    "moore.", "trend.published.", "trend.recounted.", "trend.replicated.", "trend.",
    "growth.published.", "growth.recounted.", "growth.replicated.", "growth.", "eras.", "systems.",
)
#: Parts of a result that are numbers.
NUMBERS = ("value", "low", "high")


@dataclass(frozen=True)
class Side:
    """One of two results: its name, its numbers, and the tables behind them where at hand."""

    name: str
    document: dict[str, Any]
    data: Path | None = None


@dataclass(frozen=True)
class Moved:
    """A number that is not the same on both sides; an absent side is None."""

    name: str
    unit: str
    a: dict[str, Any] | None
    b: dict[str, Any] | None

    @property
    def difference(self) -> float | None:
        """B less A; None where a side has no number, or it is beyond any."""
        before, after = _value(self.a), _value(self.b)
        return None if before is None or after is None else _finite(after - before)

    @property
    def ratio(self) -> float | None:
        """B over A; None where that says nothing."""
        before, after = _value(self.a), _value(self.b)
        return None if not before or after is None else _finite(after / before)

    def importance(self) -> tuple[float, ...]:
        """Sorts the most important first: what it is a number of, then by how much it moved.

        What one side does not have comes last.
        """
        places = (i for i, start in enumerate(IMPORTANCE) if self.name.startswith(start))
        place = next(places, len(IMPORTANCE))
        ratio = self.ratio
        size = abs(math.log(ratio)) if ratio is not None and ratio > 0 else math.inf
        return (self.a is None or self.b is None, place, -size)


@dataclass(frozen=True)
class Comparison:
    """What differs between two results.

    Attributes
    ----------
    values
        What side B's headline is fitted to: ``published``, ``replicated`` or ``recounted``.
    fits
        The doubling time through each of the three values, on both sides, moved or not.
    stayed
        Of verdicts and of sentences: how many are the same on both sides, and of how many.
    names, pages
        What systems are called, where the tables are at hand; side B's pages of systems.
    renamed
        Systems that have another id, by the one they had; their numbers are told as the same.
    """

    a: str
    b: str
    assumptions: dict[str, tuple[Any, Any]]
    data: DataChanges
    systems_added: list[str]
    systems_removed: list[str]
    claims: dict[str, tuple[str | None, str | None]]
    moved: list[Moved] = field(default_factory=list)
    fallen: list[dict[str, Any]] = field(default_factory=list)
    values: str = "published"
    fits: dict[str, tuple[dict[str, Any] | None, ...]] = field(default_factory=dict)
    stayed: dict[str, tuple[int, int]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)


def load_side(text: str, data: Path) -> Side:
    """Load what a name stands for: a scenario, a result file, or an output folder.

    Parameters
    ----------
    text
        ``baseline``, a scenario's name or file, settings as ``"gpu_utilization=0.5 seed=2"``, a
        result file, or a folder with one.
    data
        The tables that a scenario is calculated from.

    Raises
    ------
    CallError
        If it is none of these, or the file is no result file.
    """
    path = Path(text)
    settings: dict[str, Any] | None = {} if text == BASELINE else None
    if text in scenario_names() or path.suffix in (".yml", ".yaml"):
        settings = load_scenario(text)["assumptions"]
    elif "=" in text and not path.exists():
        settings = dict(map(parse_setting, text.split()))
    if settings is not None:
        return Side(text, results_document(parse_assumptions(settings), data), data)
    if path.is_dir():
        if not (path / RESULTS_FILE).is_file():
            raise CallError(f"compare {text}: has no {RESULTS_FILE}; allowed: a folder that build "
                            "or results has written")
        return Side(text, read_results(path / RESULTS_FILE), _tables_in(path))
    if path.is_file():
        beside = _tables_in(path.parent) if path.name == RESULTS_FILE else None
        return Side(text, read_results(path), beside)
    names = [BASELINE, *scenario_names()]
    raise CallError(f"compare: {unknown('scenario', text, names)}, or a file or folder")


def load_sides(a: str, b: str, data: Path) -> tuple[Side, Side]:
    """Load both sides; what may be at fault first, before the baseline is calculated.

    Raises
    ------
    CallError
        As :func:`load_side`.
    """
    order = sorted({a, b}, key=lambda text: (text == BASELINE, text in scenario_names()))
    loaded = {text: load_side(text, data) for text in order}
    return loaded[a], loaded[b]


def compare(a: Side, b: Side) -> Comparison:
    """Compare two results."""
    renamed = renamed_systems(a.data, b.data)
    here, there = _under_new_ids(a.document, renamed), b.document
    systems_a, systems_b = here.get("systems", []), there.get("systems", [])
    both = bool(systems_a and systems_b)
    claims, fallen = _claims(here, there), _fallen(here, there)
    numbers = here["results"], there["results"]
    fits = {value: tuple(n.get(f"trend.{value}.doubling_time_months") for n in numbers)
            for value in VALUES}
    return Comparison(
        a=a.name,
        b=b.name,
        assumptions=_differing(here["assumptions"], there["assumptions"]),
        data=data_changes(here, there, a.data, b.data, renamed),
        systems_added=[s for s in systems_b if both and s not in systems_a],
        systems_removed=[s for s in systems_a if both and s not in systems_b],
        claims=claims,
        moved=sorted(_moved(*numbers), key=Moved.importance),
        fallen=fallen,
        values=there["assumptions"].get("values", "published"),
        fits={value: sides for value, sides in fits.items() if any(sides)},
        stayed={what: (of - len(changed), of) for what, changed, of in (
            ("verdicts", claims, len(there.get("claims", {}))),
            ("conditional sentences", fallen, len(there.get("holds", []))))},
        names={} if b.data is None else system_names(b.data),
        pages=sorted({str(result.get("page")) for result in numbers[1].values()}),
        renamed=renamed,
    )


def _under_new_ids(document: dict[str, Any], renamed: dict[str, str]) -> dict[str, Any]:
    """A document with systems, and what is named after them, under the ids they have now."""
    if not renamed:
        return document
    old = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, renamed))})(?![a-z0-9_])")

    def new(text: str) -> str:
        return old.sub(lambda found: renamed[found[0]], text)

    return {
        **document, "systems": [new(s) for s in document.get("systems", [])],
        "results": {new(name): result for name, result in document["results"].items()},
        "holds": [{**s, "condition": new(s["condition"])} for s in document.get("holds", [])],
    }


def _fallen(a: dict[str, Any], b: dict[str, Any]) -> list[dict[str, Any]]:
    """The sentences that hold on side A and not on side B, with the numbers that A has."""
    held = {(s["file"], s["condition"]) for s in a.get("holds", []) if s["holds"]}
    return [{**s, "text": _in_words(s["text"], a["results"])} for s in b.get("holds", [])
            if not s["holds"] and (s["file"], s["condition"]) in held]


def _in_words(text: str, results: dict[str, dict[str, Any]]) -> str:
    """A sentence of a chapter as plain text: its numbers in words, no citations and no links."""
    def number(found: re.Match[str]) -> str:
        result = results.get(found[1])
        return words.UNKNOWN if result is None else words.in_form(
            Number(result["value"], result.get("unit", ""), result.get("low"), result.get("high")),
            found[2] or "")

    plain = re.sub(r"\{[\w:]+\}`[^`]*`", "", NUMBER.sub(number, text))
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", plain.replace("**", ""))
    return " ".join(re.sub(r"\s*\(\)|\s+(?=[.,;:])", "", plain).split())


def _tables_in(folder: Path) -> Path | None:
    """The tables that the results in a folder were calculated from, if it has a copy of them."""
    return next(filter(Path.is_dir, (folder / copy for copy in DATA_COPIES)), None)


def _moved(a: dict[str, dict[str, Any]], b: dict[str, dict[str, Any]]) -> Iterator[Moved]:
    for name in dict.fromkeys([*a, *b]):
        here, there = a.get(name), b.get(name)
        if here is None or there is None or any(
            not _same(here.get(part), there.get(part)) for part in NUMBERS
        ):
            yield Moved(name, str((there or here or {}).get("unit", "")), here, there)


def _same(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=NOISE, abs_tol=0.0)


def _differing(a: dict[str, Any], b: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = dict.fromkeys([*a, *b])
    return {n: (a.get(n), b.get(n)) for n in names if a.get(n) != b.get(n)}


def _claims(a: dict[str, Any], b: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Claims whose verdict is not the same; nothing where one side does not know its verdicts."""
    if "claims" not in a or "claims" not in b:
        return {}
    return _differing(a["claims"], b["claims"])


def _value(result: dict[str, Any] | None) -> float | None:
    return None if result is None else result["value"]


def _finite(number: float) -> float | None:
    """A number that can be written; None beyond what a float holds."""
    return number if abs(number) <= sys.float_info.max else None
