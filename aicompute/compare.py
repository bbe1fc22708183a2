"""Two results side by side: what moved, by how much, and what differs that explains it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aicompute import words
from aicompute.assumptions import load_scenario, parse_assumptions, parse_setting, scenario_names
from aicompute.data_changes import DataChanges, data_changes, renamed_systems, system_names
from aicompute.errors import CallError
from aicompute.methods import VALUES
from aicompute.names import unknown
from aicompute.prose import NUMBER
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


@dataclass(frozen=True)
class Side:
    """One of two results: its name, its numbers, and the tables behind them where at hand."""

    name: str
    document: dict[str, Any]
    data: Path | None = None


@dataclass(frozen=True)
class Moved:
    """A number that is not the same on both sides; an absent side is None.

    The difference is B less A, the ratio B over A; None where that says nothing.
    """

    name: str
    unit: str
    a: dict[str, Any] | None
    b: dict[str, Any] | None
    difference: float | None = None
    ratio: float | None = None

    @classmethod
    def of(cls, name: str, a: dict[str, Any] | None, b: dict[str, Any] | None) -> Moved:
        """A number by what is known of it on both sides."""
        unit = str((b or a or {}).get("unit", ""))
        before, after = (None if side is None else side["value"] for side in (a, b))
        if before is None or after is None:
            return cls(name, unit, a, b)
        return cls(name, unit, a, b, words.finite(after - before),
                   words.finite(after / before) if before else None)

    def importance(self) -> tuple[float, ...]:
        """Sorts the most important first: what it is a number of, then by how much it moved.

        What one side does not have comes last.
        """
        places = (i for i, start in enumerate(IMPORTANCE) if self.name.startswith(start))
        size = abs(math.log(self.ratio)) if self.ratio and self.ratio > 0 else math.inf
        return (self.a is None or self.b is None, next(places, len(IMPORTANCE)), -size)


@dataclass(frozen=True)
class Comparison:
    """What differs between two results, as its JSON holds it."""

    a: str
    b: str
    assumptions: dict[str, tuple[Any, Any]]
    data: DataChanges
    systems_added: list[str]
    systems_removed: list[str]
    claims: dict[str, tuple[str | None, str | None]]
    moved: list[Moved]  # the most important first
    fallen: list[dict[str, Any]]  # sentences that hold on side A alone
    values: str  # side B's headline is fitted to: published, replicated or recounted
    fits: dict[str, tuple[dict[str, Any] | None, ...]]  # doubling times through each, both sides
    stayed: dict[str, tuple[int, int]]  # verdicts and sentences that are the same, of how many
    names: dict[str, str]  # what systems are called, where the tables are at hand
    pages: list[str]  # of side B
    renamed: dict[str, str]  # systems that have another id, by the one they had


def load_side(text: str, data: Path) -> Side:
    """Load what a name stands for, on the tables of a folder where it has to be calculated.

    It is ``baseline``, a scenario's name or file, settings as ``"gpu_utilization=0.5 seed=2"``, a
    result file, or a folder with one; what is none of these is a CallError.
    """
    path = Path(text)
    settings: dict[str, Any] | None = {} if text == BASELINE else None
    if text in scenario_names() or path.suffix in (".yml", ".yaml"):
        settings = load_scenario(text)["assumptions"]
    elif "=" in text and not path.exists():
        settings = dict(map(parse_setting, text.split()))
    if settings is not None:
        return Side(text, results_document(parse_assumptions(settings), data), data)
    file = path / RESULTS_FILE if path.is_dir() else path
    if not path.exists():
        names = [BASELINE, *scenario_names()]
        raise CallError(f"compare: {unknown('scenario', text, names)}, or a file or folder")
    if not file.is_file():
        raise CallError(f"compare {text}: has no {RESULTS_FILE}; allowed: a folder that build "
                        "or results has written")
    # The tables its numbers come from, if a copy of them lies beside it.
    copies = (file.parent / copy for copy in DATA_COPIES if file.name == RESULTS_FILE)
    return Side(text, read_results(file), next(filter(Path.is_dir, copies), None))


def load_sides(a: str, b: str, data: Path) -> tuple[Side, Side]:
    """Load both sides; what may be at fault first, before the baseline is calculated."""
    order = sorted({a, b}, key=lambda text: (text == BASELINE, text in scenario_names(), text))
    loaded = {text: load_side(text, data) for text in order}
    return loaded[a], loaded[b]


def compare(a: Side, b: Side) -> Comparison:
    """Compare two results."""
    renamed = renamed_systems(a.data, b.data)
    here, there = _under_new_ids(a.document, renamed), b.document
    systems = here.get("systems", []), there.get("systems", [])
    added, removed = ([s for s in systems[one] if all(systems) and s not in systems[1 - one]]
                      for one in (1, 0))
    known = all("claims" in side for side in (here, there))  # both know their verdicts
    claims = _differing(here["claims"], there["claims"]) if known else {}
    fallen, numbers = _fallen(here, there), (here["results"], there["results"])
    fits = {value: tuple(n.get(f"trend.{value}.doubling_time_months") for n in numbers)
            for value in VALUES}
    return Comparison(
        a.name, b.name, _differing(here["assumptions"], there["assumptions"]),
        data_changes(here, there, a.data, b.data, renamed), added, removed, claims,
        moved=sorted(_moved(*numbers), key=Moved.importance), fallen=fallen,
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
            result["value"], result.get("unit", ""), result.get("low"), result.get("high"),
            found[2] or "")

    plain = re.sub(r"\{[\w:]+\}`[^`]*`", "", NUMBER.sub(number, text))
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", plain.replace("**", ""))
    return " ".join(re.sub(r"\s*\(\)|\s+(?=[.,;:])", "", plain).split())


def _moved(a: dict[str, dict[str, Any]], b: dict[str, dict[str, Any]]) -> Iterator[Moved]:
    for name in dict.fromkeys([*a, *b]):
        here, there = a.get(name), b.get(name)
        if here is None or there is None or not all(
                _same(here.get(part), there.get(part)) for part in ("value", "low", "high")):
            yield Moved.of(name, here, there)


def _same(a: float | None, b: float | None) -> bool:
    return a is b if a is None or b is None else math.isclose(a, b, rel_tol=NOISE)


def _differing(a: dict[str, Any], b: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = dict.fromkeys([*a, *b])
    return {n: (a.get(n), b.get(n)) for n in names if a.get(n) != b.get(n)}
