"""What takes more than one cell to see: rows against themselves, one another and other tables."""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from aicompute import layers, ranges
from aicompute.check.cells import Problem
from aicompute.places import using_data
from aicompute.references import sources
from aicompute.tables import (
    ARCHITECTURES,
    INPUTS,
    SHAPE,
    architectures,
    layer_rows,
    package,
    table,
)
from aicompute.units import PFS_DAY

#: What is written where no place in a source is known: a word for none, or signs alone.
_NOWHERE = re.compile(r"none|nil|null|nowhere|unknown|n\W?a\W?|tbd|todo|[\W_]+", re.IGNORECASE)
#: What a claim has to say for its check; without, whatever comes out would fulfil it.
_NUMBER = ["exact", "rounded", "about", "system", "less", "more"]
_NEEDED = {"stated": _NUMBER, "stated_low": ["range"], "stated_high": ["range"],
           "result": [*_NUMBER, "range", "most"]}
#: No run took this much more than the others of two years before and after it.
_UNLIKELY, _YEARS_AROUND = 1e3, pd.Timedelta(days=731)
_PERHAPS_FLOP = 1e9
#: The first and the last day a system of a set may be published, where the set is of its years.
_YEARS = {"chart": ("2012-01-01", "2017-12-31"), "modest": ("2012-01-01", "2018-05-16"),
          "before_2012": ("1900-01-01", "2012-05-31"), "later": ("2018-01-01", "2100-12-31")}
#: One column that is at most another, beside the ends of a range and its value.
_ORDERED = [("parameters", "total_parameters"),
            ("base_tflop_per_second", "boost_tflop_per_second")]


def across(folder: Path) -> Iterator[Problem]:
    """Everything wrong between the cells of a folder; by themselves they are sound."""
    with using_data(folder):
        names = [r["name"] for r in package()["resources"] if r["name"] != ARCHITECTURES]
        tables = {name: table(name) for name in names}
        for name, rows in tables.items():
            yield from _order_and_ranges(name, rows)
            yield from _guesses_and_sources(name, rows)
        yield from _system_problems(tables)
        yield from _unlikely_amounts(tables["published"], tables["systems"])
        yield from _workload_problems(tables["workloads"])
        yield from _chip_problems(tables)
        claims = tables["claims"]
        for name, checks in _NEEDED.items():
            yield from _broken("claims", claims, claims[name].isna() & claims["check"].isin(checks),
                               name, "must not be empty where check is {check}")


def _at(rows: pd.DataFrame) -> Iterable[tuple[int, dict[str, Any]]]:
    """Every row with the line it stands on."""
    return zip((rows.index + 2).tolist(), rows.to_dict("records"), strict=True)


def _broken(
    name: str, rows: pd.DataFrame, bad: pd.Series, column: str, rule: str
) -> Iterator[Problem]:
    """A problem of every row of a table that is bad; the rule has cells of the row in braces."""
    bad = bad.fillna(value=False)
    for line, row in _at(rows[bad]) if bad.any() else ():
        value = row[column]
        shown = f"{value:g}" if isinstance(value, int | float) else str(value)
        yield Problem(f"{name}.csv", line, column, "" if pd.isna(value) else shown,
                      rule.format(**row))


def _order_and_ranges(name: str, rows: pd.DataFrame) -> Iterator[Problem]:
    stems = [n.removesuffix("_low") for n in rows if n.endswith("_low")]
    pairs = [pair for stem in stems for pair in (
        (f"{stem}_low", stem), (stem, f"{stem}_high"), (f"{stem}_low", f"{stem}_high"))]
    for one, other in (*pairs, *_ORDERED):
        if one in rows and other in rows:
            bad = rows[one] > rows[other]
            if one.endswith("_low") and other.endswith("_high"):
                stem = one.removesuffix("_low")  # told of the value between, where there is one
                bad &= rows.reindex(columns=[stem])[stem].isna()
            yield from _broken(name, rows, bad, one,
                               f"must be at most {other}, which is {{{other}:g}}")
    if "range_means" in rows:
        ends = [f"{stem}{end}" for stem in stems for end in ("_low", "_high")]
        for line, row in _at(rows[rows[["range_means", *ends]].notna().any(axis="columns")]):
            yield from _range_problems(f"{name}.csv", line, row, stems)


def _guesses_and_sources(name: str, rows: pd.DataFrame) -> Iterator[Problem]:
    if "guessed" in rows:
        for index, guess in rows["guessed"].str.split().explode().dropna().items():
            if guess not in rows or pd.isna(rows.at[index, guess]):
                yield Problem(f"{name}.csv", index + 2, "guessed", guess,
                              "names a column that is empty here" if guess in rows
                              else f"is no column of {name}.csv")
    if "source_key" in rows:
        bad = rows["source_key"].notna() & ~rows["source_key"].isin([*sources()])
        yield from _broken(name, rows, bad, "source_key", "is no key of references.bib")
    if "source_place" in rows:
        bad = rows["source_place"].str.fullmatch(_NOWHERE)
        yield from _broken(name, rows, bad, "source_place",
                           "must say where in the source: section, table, figure, page")


def _range_problems(
    file: str, line: int, row: Mapping[str, Any], stems: list[str]
) -> Iterator[Problem]:
    """A range without its value, a meaning without a range, and what no range means."""
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


def _system_problems(tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    published, systems = tables["published"], tables["systems"]
    ids, days, bases = systems["system_id"], systems["published"], systems["builds_on"]
    bare = systems["name"].map(_bare)
    years = [systems["set"].map(lambda name, end=end: _YEARS[name][end]) for end in (0, 1)]
    systems = systems.assign(
        first=years[0], last=years[1],
        first_line=pd.Series(systems.index + 2).groupby(bare).transform("first"))
    known = ids.isin(published.loc[published["kind"] == "plotted", "system_id"])
    known |= systems[["article_method", "recount_method"]].notna().any(axis="columns")
    earlier = bases.map(systems.set_index("system_id")["published"]) < days
    rules = [
        (~days.between(*map(pd.to_datetime, years)), "set",
         "must be published from {first} to {last} for that"),
        (bare.duplicated(), "name", "stands already on line {first_line}; tell the two apart"),
        (systems["set"].eq("chart") & ~known, "set",
         "a chart system needs a plotted value in published.csv or a formula"),
        (bases.notna() & ~earlier, "builds_on", "must be a system published before"),
    ]
    for method, name in INPUTS.items():
        for basis, of_basis in tables[name].groupby("basis")["system_id"]:
            rules.append((systems[f"{basis}_method"].eq(method) & ~ids.isin(of_basis),
                          f"{basis}_method", f"{name}.csv has no {basis} row of {{system_id}}"))
        ours = tables[name].query("basis == 'recount'")["system_id"]
        rules.append((bases.notna() & ids.isin(ours) & ~bases.isin(ours), "builds_on",
                      f"{name}.csv has no recount row of it to add to {{system_id}}"))
    for bad, column, rule in rules:
        yield from _broken("systems", systems, bad, column, rule)


def _bare(name: str) -> str:
    """A name without what a reader would hardly see: capitals, spaces and kinds of dashes."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in plain if unicodedata.category(c) not in ("Pd", "Zs"))


def _unlikely_amounts(published: pd.DataFrame, systems: pd.DataFrame) -> Iterator[Problem]:
    """A value so far above every other of its years that it must be in another unit."""
    ids, amounts = published["system_id"].to_numpy(), published["pfs_days"].to_numpy()
    dates = published["system_id"].map(systems.set_index("system_id")["published"]).to_numpy()
    for index, amount in enumerate(amounts):
        other, near = ids != ids[index], abs(dates - dates[index]) <= _YEARS_AROUND
        around = amounts[other & near if (other & near).any() else other]
        most = _UNLIKELY * max(around, default=math.inf)
        if amount > most:
            rule = f"must be at most {_UNLIKELY:g} times any other within two years; is "
            rule += (f"it FLOP? That would be {amount / PFS_DAY:.4g} pfs-days"
                     if amount > _PERHAPS_FLOP else "its point in the right place?")
            yield Problem("published.csv", index + 2, "pfs_days", f"{amount:g}", rule)


def _workload_problems(workloads: pd.DataFrame) -> Iterator[Problem]:
    """What is wrong with layer tables, and with the counts that are given or made of them."""
    counts: dict[str, int] = {}
    for name in architectures():
        rows = [layers.layer_of(row) for row in layer_rows(name)]
        found = list(_layer_problems(f"{ARCHITECTURES}/{name}.csv", rows))
        yield from found
        if not found:
            counts[name] = sum(map(layers.multiply_adds, rows))
    yield from _one_way("workloads", workloads,
                        [["architecture"], ["multiply_adds"], ["parameters"]])
    network = workloads["architecture"]
    yield from _broken("workloads", workloads, network.notna() & ~network.isin(architectures()),
                       "architecture", f"there is no {ARCHITECTURES}/{{architecture}}.csv")
    count = network.where(workloads["multiply_adds"].isna()).map(counts)
    for end, bad in (("low", workloads["multiply_adds_low"] > count),
                     ("high", workloads["multiply_adds_high"] < count)):
        yield from _broken("workloads", workloads.assign(count=count), bad, f"multiply_adds_{end}",
                           "must leave room for {count:.0f}, which {architecture}.csv counts")


def _layer_problems(file: str, rows: list[layers.Layer]) -> Iterator[Problem]:
    if not rows:
        yield Problem(file, 1, "", "", "must have at least one layer")
    found = [(place, *problem) for place, row in enumerate(rows)
             for problem in layers.check_layer(row)]
    for place, column, rule in found or layers.check_sequence(rows):
        shown = getattr(rows[place], column) if column in (*SHAPE, "kind", "input") else ""
        yield Problem(file, place + 2, column, str(shown), rule)


def _one_way(name: str, rows: pd.DataFrame, ways: list[list[str]]) -> Iterator[Problem]:
    """A quantity that can be given in several ways is given in one of them, and in full."""
    columns = [column for way in ways for column in way]
    given = rows[columns].notna()
    in_part, in_full = (sum(getattr(given[way], how)(axis="columns").astype(int) for way in ways)
                        for how in ("any", "all"))
    named = given.dot(pd.Index(columns) + " ").str.strip()
    yield from _broken(name, rows.assign(**{columns[-1]: named}), (in_part != 1) | (in_full != 1),
                       columns[-1], f"give one of {' or '.join(map(' and '.join, ways))}")


def _chip_problems(tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """A sparse rating that is none, and a chip used before its release."""
    chips = tables["chips"]
    dense = chips[["base_tflop_per_second", "boost_tflop_per_second"]].max(axis="columns")
    bad = chips["sparse_tflop_per_second"] <= dense
    yield from _broken("chips", chips.assign(dense=dense), bad, "sparse_tflop_per_second",
                       "must be above the dense rating, which is {dense:g}")
    times = tables["chip_time"].merge(chips[["chip_id", "released"]], "left").merge(
        tables["systems"][["system_id", "published"]], "left")
    yield from _one_way("chip_time", times, [["chips", "days"], ["chip_hours"]])
    yield from _broken("chip_time", times, times["released"] > times["published"], "chip_id",
                       "was released on {released:%Y-%m-%d}, after {system_id} was published")
