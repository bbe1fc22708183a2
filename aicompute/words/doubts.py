"""What is uncertain about one system, in sentences made from its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aicompute import wording
from aicompute.dataset import load_rows
from aicompute.dataset.csv_table import Row
from aicompute.methods.calculations import TABLES, Calculation, Factor, Phase
from aicompute.study import Study
from aicompute.words.system_words import is_missing, recount, said_values, within

_COLUMN_WORDS = {
    "chip_id": "the kind of chip", "chips": "the number of chips", "days": "the number of days",
    "multiply_adds": "the size of the network", "epochs": "the number of epochs",
    "utilization": "the utilization", "factor": "the extra factor",
}


def uncertain(study: Study, system_id: str) -> list[str]:
    """What is uncertain about a system, one sentence a point."""
    count = recount(study, system_id)
    points = [*_guesses(study, system_id), *_spread(study, system_id)]
    if count is not None:
        points += [*_widest(count), *_assumed(count)]
    note = study.system(system_id)["note"]
    if note and not is_missing(note):
        points.append(str(note))
    return points


def _guesses(study: Study, system_id: str) -> list[str]:
    points = []
    for method, table in TABLES.items():
        rows = load_rows(study.dataset.rows(table), system_id=system_id, basis="recount")
        values = _named(row_and_name for row in rows for row_and_name in _guessed_values(row))
        ends = [name for name in _named(pair for row in rows for pair in _guessed_ends(row))
                if name not in values]
        if values:
            points.append(f"Method {method} has to guess {wording.listed(values)}: "
                          f"no source states {'it' if len(values) == 1 else 'them'}.")
        if ends:
            points.append(f"Method {method} takes {wording.listed(ends)} from a source that gives "
                          f"no range; the range is our guess.")
    return points


def _guessed_values(row: Row) -> Iterator[tuple[Row, str]]:
    columns = str(row["guessed"] or "").split()
    return ((row, name) for name in columns if not name.endswith(("_low", "_high")))


def _guessed_ends(row: Row) -> Iterator[tuple[Row, str]]:
    """The columns whose range alone is a guess."""
    columns = str(row["guessed"] or "").split()
    stems = dict.fromkeys(name.rpartition("_")[0] for name in columns
                          if name.endswith(("_low", "_high")))
    return ((row, stem) for stem in stems if stem not in columns)


def _named(found: Iterable[tuple[Row, str]]) -> list[str]:
    """What columns of rows are called, each once."""
    return list(dict.fromkeys(_column_words(name, row) for row, name in found))


def _column_words(name: str, row: Row) -> str:
    if name == "units":
        return f"the number of {wording.words(str(row['unit']))}s"
    return _COLUMN_WORDS.get(name, wording.words(name))


def _spread(study: Study, system_id: str) -> list[str]:
    values = [c.pfs_days for c in study.calculations_of(system_id)]
    values += [value for _, value in said_values(study, study.system(system_id))]
    if len(values) < 2:
        return []
    return [f"The {len(values)} values of the figure {within(max(values) / min(values))}."]


def _widest(count: Calculation) -> list[str]:
    ranged = [(f.high / f.low, phase, f) for phase in count.phases for f in phase.factors
              if f.high > f.low]
    if not ranged:
        return ["No input of our recount has a range in print; the article's aim for such a value "
                "is a factor of 2 to 3."]
    factor, phase, widest = max(ranged, key=lambda item: item[0])
    return [f"The widest input of our recount: {_factor_name(widest, phase, count)}, "
            f"{wording.interval(widest.low, widest.high)}, a factor of "
            f"{wording.number(factor, 2)}."]


def _factor_name(factor: Factor, phase: Phase, count: Calculation) -> str:
    name = {
        "flop_per_second": "the rating of one chip in FLOP/s",
        "units": f"the number of {factor.unit}",
        "multiply_adds": "the multiply-adds of a forward pass",
        "utilization": "the utilization",
        "factor": "the extra factor",
    }.get(factor.name, f"the number of {factor.name}")
    where = f" ({wording.words(phase.name)})" if len(count.phases) > 1 else ""
    return f"{wording.words(name)}{where}"


def _assumed(count: Calculation) -> list[str]:
    """The assumptions that the range of the count leaves where they are."""
    phases: dict[str, list[str]] = {}
    for phase in count.phases:
        for factor in phase.factors:
            if factor.name in ("utilization", "passes") and factor.assumption:
                phases.setdefault(factor.assumption, []).append(wording.words(phase.name))
    return [
        f"The range leaves the assumption {name} as it is; the value is proportional to it"
        + (f" in {wording.listed(found)} alone." if len(found) < len(count.phases) else ".")
        for name, found in phases.items()
    ]
