"""What takes more than one cell to see: rows against themselves, one another and other tables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from aicompute import layers, ranges
from aicompute.check.problem import Problem
from aicompute.methods import counted_multiply_adds
from aicompute.places import using_data
from aicompute.references import sources
from aicompute.tables import (
    ARCHITECTURES,
    INPUTS,
    SHAPE,
    architecture,
    architectures,
    package,
    table,
)
from aicompute.units import PFS_DAY

#: What is written where no place in a source is known: a word for none, or signs alone.
_NOWHERE = re.compile(r"none|nil|null|nowhere|unknown|n\W?a\W?|tbd|todo|[\W_]+", re.IGNORECASE)
#: What a claim has to say for its check; without, whatever comes out would fulfil it.
_CHECKED_BY = {
    **dict.fromkeys(("exact", "rounded", "about", "system", "less", "more"), ("stated", "result")),
    "range": ("stated_low", "stated_high", "result"), "most": ("result",),
    **dict.fromkeys(("question", "judgement", "none"), ()),
}
#: No run took this much more than the others of two years before and after it.
_UNLIKELY, _YEARS_AROUND = 1e3, pd.Timedelta(days=731)
_PERHAPS_FLOP = 1e9
#: The first and the last day a system of a set may be published, where the set is of its years.
_YEARS = {"chart": ("2012-01-01", "2017-12-31"), "modest": ("2012-01-01", "2018-05-16"),
          "before_2012": ("1900-01-01", "2012-05-31"), "later": ("2018-01-01", "2100-12-31")}


def across(folder: Path) -> Iterator[Problem]:
    """Everything wrong between the cells of a folder; by themselves they are sound."""
    with using_data(folder):
        names = [r["name"] for r in package()["resources"] if r["name"] != ARCHITECTURES]
        tables = {name: table(name) for name in names}
        for name, rows in tables.items():
            yield from _within_rows(f"{name}.csv", rows)
        yield from _unknown_sources(tables)
        yield from _system_problems(tables)
        yield from _unlikely_amounts(tables["published"], tables["systems"])
        networks = {name: list(_layer_problems(name)) for name in architectures()}
        for found in networks.values():
            yield from found
        yield from _workload_problems(tables["workloads"], networks)
        yield from _claim_problems(tables["claims"])
        yield from _chip_problems(tables)


def _at(rows: pd.DataFrame) -> Iterable[tuple[int, dict[str, Any]]]:
    """Every row with the line it stands on."""
    return enumerate(rows.to_dict("records"), start=2)


def _within_rows(file: str, rows: pd.DataFrame) -> Iterator[Problem]:
    stems = [n.removesuffix("_low") for n in rows if n.endswith("_low")]
    for line, row in _at(rows):
        for stem in stems:
            ends = [n for n in (f"{stem}_low", stem, f"{stem}_high")
                    if n in row and not pd.isna(row[n])]
            for one, other in zip(ends, ends[1:], strict=False):
                if row[one] > row[other]:
                    rule = f"must be at most {other}, which is {row[other]:g}"
                    yield Problem(file, line, one, f"{row[one]:g}", rule)
        yield from _range_problems(file, line, row, stems)
        guesses = row.get("guessed")
        for name in guesses.split() if isinstance(guesses, str) else []:
            if name not in row:
                yield Problem(file, line, "guessed", name, f"is no column of {file}")
            elif pd.isna(row[name]):
                yield Problem(file, line, "guessed", name, "names a column that is empty here")
        place = row.get("source_place")
        if isinstance(place, str) and _NOWHERE.fullmatch(place):
            yield Problem(file, line, "source_place", place,
                          "must say where in the source: section, table, figure, page")


def _range_problems(
    file: str, line: int, row: Mapping[str, Any], stems: list[str]
) -> Iterator[Problem]:
    """A range without its value, a meaning without a range, and what no range means."""
    if "range_means" not in row:
        return
    given = [n for n in stems if pd.notna(row[f"{n}_low"]) or pd.notna(row[f"{n}_high"])]
    # What is empty here a layer table counts.
    valued = [n for n in stems if pd.notna(row[n]) or n == "multiply_adds"]
    for stem in given:
        if stem not in valued:
            yield Problem(file, line, stem, "", "must not be empty beside a range of it")
    for word in row["range_means"].split() if isinstance(row["range_means"], str) else []:
        column, _, means = word.rpartition(":")
        both = [n for n in given if pd.notna(row[f"{n}_low"]) and pd.notna(row[f"{n}_high"])]
        fit, rule = given, "says what a range means, and {} has none"
        if means in ranges.PERCENTILES:
            fit, rule = both, "{} needs a low end and a high end for that"
        elif ranges.within(means) > 1:
            fit = [n for n in valued if n not in given and (column or len(stems) == 1)]
            rule = "{} needs a value, and no ends beside that" + (
                f"; name the column, as days:{means}" if len(stems) > 1 else "")
        elif means != "limits":
            rule = (f"must be {', '.join(ranges.ENDS)} or within_3x, or such a word of one column, "
                    "as days:limits")
            fit = []
        if column not in fit if column else not fit:
            yield Problem(file, line, "range_means", word, rule.format(column or "the row"))


def _unknown_sources(tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    known = sources()
    for name, rows in tables.items():
        for line, row in _at(rows) if "source_key" in rows else []:
            if isinstance(row["source_key"], str) and row["source_key"] not in known:
                yield Problem(f"{name}.csv", line, "source_key", row["source_key"],
                              "is no key of references.bib")


def _system_problems(tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    published = tables["published"]
    plotted = set(published.loc[published["kind"] == "plotted", "system_id"])
    seen: dict[str, int] = {}
    for line, row in _at(tables["systems"]):
        first, last = (pd.Timestamp(day) for day in _YEARS[row["set"]])
        if not first <= row["published"] <= last:
            yield Problem("systems.csv", line, "set", row["set"],
                          f"must be published from {first:%Y-%m-%d} to {last:%Y-%m-%d} for that")
        first_line = seen.setdefault(_bare(row["name"]), line)
        if first_line != line:
            yield Problem("systems.csv", line, "name", row["name"],
                          f"stands already on line {first_line}; tell the two apart")
        yield from _base_problems(line, row, tables)
        methods = {basis: row[f"{basis}_method"] for basis in ("article", "recount")}
        known = row["system_id"] in plotted or any(pd.notna(m) for m in methods.values())
        if row["set"] == "chart" and not known:
            yield Problem("systems.csv", line, "set", "chart",
                          "a chart system needs a plotted value in published.csv or a formula")
        for basis, method in methods.items():
            if pd.isna(method):
                continue
            name = INPUTS[int(method)]
            rows = tables[name]
            if not ((rows["system_id"] == row["system_id"]) & (rows["basis"] == basis)).any():
                yield Problem("systems.csv", line, f"{basis}_method", str(int(method)),
                              f"{name}.csv has no {basis} row of {row['system_id']}")


def _bare(name: str) -> str:
    """A name without what a reader would hardly see: capitals, spaces and kinds of dashes."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in plain if unicodedata.category(c) not in ("Pd", "Zs"))


def _base_problems(
    line: int, row: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]
) -> Iterator[Problem]:
    """A base that is no earlier system, or of which nothing is known that could be added."""
    base = row["builds_on"]
    if not isinstance(base, str):
        return
    systems = tables["systems"].set_index("system_id")["published"]
    if not systems.get(base, pd.Timestamp.max) < row["published"]:
        yield Problem("systems.csv", line, "builds_on", base, "must be a system published before")
    for name in ("workloads", "chip_time"):
        ours = tables[name]["system_id"][tables[name]["basis"] == "recount"]
        if (ours == row["system_id"]).any() and not (ours == base).any():
            yield Problem("systems.csv", line, "builds_on", base,
                          f"{name}.csv has no recount row of it to add to {row['system_id']}")


def _unlikely_amounts(published: pd.DataFrame, systems: pd.DataFrame) -> Iterator[Problem]:
    """A value so far above every other of its years that it must be in another unit."""
    dates = published["system_id"].map(systems.set_index("system_id")["published"])
    for line, row in _at(published.assign(date=dates)):
        near = (dates - row["date"]).abs() <= _YEARS_AROUND
        other = published["system_id"] != row["system_id"]
        most = published.loc[other & near if (other & near).any() else other, "pfs_days"].max()
        most *= _UNLIKELY
        if row["pfs_days"] > most:
            rule = f"must be at most {_UNLIKELY:g} times any other within two years; is "
            rule += (f"it FLOP? That would be {row['pfs_days'] / PFS_DAY:.4g} pfs-days"
                     if row["pfs_days"] > _PERHAPS_FLOP else "its point in the right place?")
            yield Problem("published.csv", line, "pfs_days", f"{row['pfs_days']:g}", rule)


def _workload_problems(
    workloads: pd.DataFrame, networks: Mapping[str, list[Problem]]
) -> Iterator[Problem]:
    for line, row in _at(workloads):
        network, ways = row["architecture"], ["architecture", "multiply_adds", "parameters"]
        yield from _one_way(row, "workloads.csv", line, [[way] for way in ways])
        if row["total_parameters"] < row["parameters"]:
            yield Problem("workloads.csv", line, "total_parameters", f"{row['total_parameters']:g}",
                          f"must be at least parameters, which is {row['parameters']:g}")
        if sum(pd.notna(row[way]) for way in ways) > 1:
            continue
        if isinstance(network, str) and network not in networks:
            yield Problem("workloads.csv", line, "architecture", network,
                          f"there is no {ARCHITECTURES}/{network}.csv")
        elif isinstance(network, str) and not networks[network]:
            count = counted_multiply_adds(network)
            for end, wrong in (("low", row["multiply_adds_low"] > count),
                               ("high", row["multiply_adds_high"] < count)):
                if wrong:
                    yield Problem("workloads.csv", line, f"multiply_adds_{end}",
                                  f"{row[f'multiply_adds_{end}']:g}",
                                  f"must leave room for {count}, which {network}.csv counts")


def _one_way(
    row: Mapping[str, Any], file: str, line: int, ways: list[list[str]]
) -> Iterator[Problem]:
    """A quantity that can be given in several ways is given in one of them, and in full."""
    given = [[name for name in way if pd.notna(row[name])] for way in ways]
    if [names for names in given if names] not in [[way] for way in ways]:
        said = " or ".join(" and ".join(way) for way in ways)
        named = " ".join(name for names in given for name in names)
        yield Problem(file, line, ways[-1][-1], named, f"give one of {said}")


def _claim_problems(claims: pd.DataFrame) -> Iterator[Problem]:
    for line, row in _at(claims):
        for name in _CHECKED_BY[row["check"]]:
            if pd.isna(row[name]):
                yield Problem("claims.csv", line, name, "",
                              f"must not be empty where check is {row['check']}")


def _chip_problems(tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Ratings and dates that cannot be: a boost below the base, a chip used before its release."""
    chips = tables["chips"]
    for line, row in _at(chips):
        base, boost = row["base_tflop_per_second"], row["boost_tflop_per_second"]
        if base > boost:
            yield Problem("chips.csv", line, "boost_tflop_per_second", f"{boost:g}",
                          f"must be at least base_tflop_per_second, which is {base:g}")
        sparse, dense = row["sparse_tflop_per_second"], pd.Series([base, boost]).max()
        if sparse <= dense:
            yield Problem("chips.csv", line, "sparse_tflop_per_second", f"{sparse:g}",
                          f"must be above the dense rating, which is {dense:g}")
    released = chips.set_index("chip_id")["released"]
    published = tables["systems"].set_index("system_id")["published"]
    for line, row in _at(tables["chip_time"]):
        yield from _one_way(row, "chip_time.csv", line, [["chips", "days"], ["chip_hours"]])
        if released[row["chip_id"]] > published[row["system_id"]]:
            yield Problem("chip_time.csv", line, "chip_id", row["chip_id"],
                          f"was released on {released[row['chip_id']]:%Y-%m-%d}, after "
                          f"{row['system_id']} was published")


def _layer_problems(name: str) -> Iterator[Problem]:
    file = f"{ARCHITECTURES}/{name}.csv"
    rows = [layers.layer_of(row) for row in architecture(name).to_dict("records")]
    if not rows:
        yield Problem(file, 1, "", "", "must have at least one layer")
    found = [(line, *problem) for line, row in enumerate(rows, start=2)
             for problem in layers.check_layer(row)]
    found = found or [(place + 2, column, rule)
                      for place, column, rule in layers.check_sequence(rows)]
    for line, column, rule in found:
        shown = getattr(rows[line - 2], column, "") if column in (*SHAPE, "kind", "input") else ""
        yield Problem(file, line, column, str(shown), rule)
