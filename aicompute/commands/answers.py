"""What `estimate` and `trend` say at a terminal: numbers, with what each comes from."""

import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import pandas as pd

from aicompute import methods, words
from aicompute.assumptions import Assumptions, as_text
from aicompute.commands.terminal import GAP, columns, width, wrapped
from aicompute.methods import KEY, calculations, chip_time, counted, estimates, value_keys
from aicompute.recording import Interval
from aicompute.references import sources
from aicompute.tables import table
from aicompute.trend import fit, fitted_systems
from aicompute.units import DAYS_PER_YEAR, PFS_DAY

_WHOSE = {"article": "the article's inputs", "recount": "recounted"}
_NAMED = {1: "operations counted", 2: "chips and time"}
#: Column, words, unit and the assumption a factor comes from where its row is empty; by method.
_FACTORS = {
    1: [("multiply_adds", "multiply-adds", "", ""),
        ("operations_per_multiply_add", "FLOP per multiply-add", "FLOP",
         "operations_per_multiply_add"),
        ("passes", "passes", "passes", "passes_per_example"),
        ("units", "units", "{unit}s", ""), ("epochs", "epochs", "epochs", "")],
    2: [("chips", "chips", "{chip}", ""), ("days", "days", "days", ""),
        ("chip_hours", "chip-hours", "hours of {chip}", ""),
        ("tflop_per_second", "rating of one chip", "TFLOP/s", "chip_rating"),
        ("utilization", "utilization", "of the peak", "{kind}_utilization"),
        ("factor", "factor", "", "")],
}
#: Ranges of a chip's rating differ in the fourth digit.
_RANGE_DIGITS = 3
#: What a value of a system is calculated from, and a published one is not.
_INPUTS = {*methods.OF_COUNTS, *methods.OF_CHIP_TIME, "method"}
_SCALE, _SHORTEST_BAR = "logarithmic scale", 4
#: Marks a value from elsewhere than was asked for.
_BORROWED = "*"


def estimate_text(assumptions: Assumptions, system_id: str) -> str:
    """Both methods for one system: its values, then factor by factor with units and sources."""
    system = estimates(assumptions, system_id).iloc[0]
    rows = [*counted(assumptions, system_id).to_dict("records"),
            *chip_time(assumptions, system_id).to_dict("records")]
    published = words.date(system["date"], system["published_known_to"])
    lines = wrapped(f"{system['name']}, {system['organization']}, {published}")
    if said := _altered(assumptions):
        lines += wrapped(f"under {said}")
    lines += ["", *_values(assumptions, system_id)]
    for key in dict.fromkeys((row["method"], row["basis"]) for row in rows):
        phases = [row for row in rows if (row["method"], row["basis"]) == key]
        lines += ["", *_calculation(phases, assumptions)]
    if not rows:
        lines += ["", *wrapped("The tables hold no calculation for this system.")]
    return "\n".join(lines)


def _altered(assumptions: Assumptions) -> str:
    """What differs from the defaults, each with its default; empty where nothing does."""
    default = Assumptions()
    return ", ".join(f"{n}={as_text(value)} (baseline {as_text(getattr(default, n)) or 'none'})"
                     for n, value in assumptions.changed().items())


def _values(assumptions: Assumptions, system_id: str) -> list[str]:
    """Every value of the system, its range, and how it stands to the published one."""
    here, there = _sums(assumptions, system_id), _sums(Assumptions(), system_id)
    published = here["published"][0] if "published" in here else None
    rows = [["value", "pfs-days", "range", "to published", "baseline"]]
    for label, (value, low, high) in here.items():
        ratio = f"{words.number(value / published)}×" if published and label != "published" else ""
        was = there.get(label, (value,))[0]
        rows.append([label, words.number(value), words.range_words(low, high), ratio,
                     "" if was == value else words.number(was)])
    lines = columns(rows, right=[1], head=1) if here else []
    if published is not None:
        row = table("published", system_id).query("pfs_days == @published").iloc[0]
        lines += wrapped(f"source of the published value: {_source(row)}")
    return lines


def _sums(assumptions: Assumptions, system_id: str) -> dict[str, tuple[float, float, float]]:
    """Every value by what it is called, with its range."""
    published = estimates(assumptions, system_id).iloc[0]["published_pfs_days"]
    rows = calculations(assumptions, system_id).sort_values(KEY).to_dict("records")
    return ({} if pd.isna(published) else {"published": (published,) * 3}) | {
        f"method {row['method']}, {_WHOSE[row['basis']]}": (
            row["pfs_days"], row["low"], row["high"]) for row in rows}


def _calculation(phases: list[dict[str, Any]], assumptions: Assumptions) -> list[str]:
    method, basis = phases[0]["method"], phases[0]["basis"]
    value, low, high = (sum(row[name] for row in phases) for name in ("pfs_days", "low", "high"))
    between, total = words.range_words(low, high), words.quantity(value, "pfs-days")
    lines = wrapped(f"Method {method}, {_NAMED[method]}, {_WHOSE[basis]}: {total}"
                    + f" ({between})" * bool(between))
    amounts = [words.quantity(row["pfs_days"] * PFS_DAY, "FLOP") for row in phases]
    for row, flop in zip(phases, amounts, strict=True):
        cells = list(_factors(row, assumptions))
        product = " × ".join(shown for _, shown, _ in cells)
        lines += [f"  {words.words(row['phase'])}", *columns(cells, indent=4),
                  *wrapped(f"{product} = {flop}", 4), *wrapped(f"source: {_source(row)}", 4)]
    shown = f"({' + '.join(amounts)})" if len(phases) > 1 else amounts[0]
    return lines + wrapped(f"{shown} / {words.number(PFS_DAY)} FLOP per pfs-day = {total}", 2)


def _factors(row: dict[str, Any], assumptions: Assumptions) -> Iterator[list[str]]:
    """Every factor of a row: what it is, the number with its unit, and where that is from."""
    for name, label, unit, assumption in _FACTORS[row["method"]]:
        low, high = row.get(f"{name}_low", row[name]), row.get(f"{name}_high", row[name])
        # Chips and days, or chip-hours; a bare 1 multiplies nothing a reader would look for.
        if pd.isna(row[name]) or (name in ("epochs", "factor") and row[name] == low == high == 1):
            continue
        shown = words.quantity(row[name], words.words(unit.format(**row)))
        if name == "multiply_adds" and isinstance(row["architecture"], str):
            shown += f", {row['architecture']}"
        elif name == "multiply_adds" and not pd.isna(row["parameters"]):
            shown += ", one a parameter"
        origin = _origin(row, name, assumption.format(**row), assumptions)
        if low != high:
            origin = f"{words.interval(low, high, _RANGE_DIGITS)}, {origin}"
        yield [label, shown, origin]


def _origin(row: dict[str, Any], name: str, assumption: str, assumptions: Assumptions) -> str:
    """Whose an input is: an assumption's, a guess of ours, or the source's."""
    guesses = str(row["guessed"]).split()
    assumed = row.get(f"{name}_assumed", True) and assumption
    if assumed and name == "utilization" and row["basis"] == "article":
        return "the article's, for this kind of chip"
    if name == "utilization" and row["utilization_measured"]:
        return "altered assumption utilization_from"
    if assumed:
        altered = "altered " if assumption in assumptions.changed() else ""
        guess = ", for a kind of chip that is a guess" if "chip_id" in guesses else ""
        return f"{altered}assumption {assumption}{guess * (name == 'tflop_per_second')}"
    if name in guesses:
        return "a guess"
    counted_here = name == "multiply_adds" and isinstance(row["architecture"], str)
    return "our layer table" if counted_here else "the source's"


def _source(row: Any) -> str:
    source = sources().get(row["source_key"])
    return f"{source.label if source else row['source_key']}, {row['source_place']}"


def trend_text(assumptions: Assumptions) -> str:
    """The fit in words and numbers, with a plain chart of the systems.

    The assumptions have to leave enough systems for a fit.
    """
    systems, here = _trend(assumptions)
    _, there = _trend(Assumptions())
    values = assumptions.values
    lines = wrapped(
        f"Least squares through the logarithms of {len(systems)} systems of the article's chart, "
        f"{values} values; {assumptions.confidence * 100:g} % intervals of the fit."
    )
    moved = {label for label in here if here[label] != there[label]}
    if said := _altered(assumptions):
        effect = "" if moved else ", which moves none of these numbers"
        if effect and values == "published" and _INPUTS & assumptions.changed().keys():
            effect += ": the published values are the article's own; see --set values=recounted"
        lines += wrapped(f"Under {said}{effect}.")
    if assumptions.until > Assumptions().until:
        lines += wrapped("Later systems are no part of this fit: it takes those whose set is chart "
                         "in systems.csv; the page on the years after 2018 has the others.")
    rows = []
    for label, (number, unit, formula) in here.items():
        between = "" if math.isnan(number.low) else f"({words.interval(number.low, number.high)})"
        was = words.quantity(there[label][0].value, there[label][1])
        rows.append([label, _said(number.value, unit), between, formula,
                     f"baseline {was}" if label in moved else ""])
    return "\n".join([*lines, "", *columns(rows), "", *_bars(systems, values), "",
                      *_sources(systems, assumptions)])


def _trend(
    assumptions: Assumptions
) -> tuple[pd.DataFrame, dict[str, tuple[Interval, str, str]]]:
    """The systems of the fit, and each number by its label, with its unit and its formula."""
    systems = fitted_systems(estimates(assumptions), assumptions)
    trend, month = fit(systems, assumptions), assumptions.days_per_month
    first, largest = systems.iloc[0], systems.loc[systems["pfs_days"].idxmax()]
    months = (largest["date"] - first["date"]).days / month
    law, doubling = assumptions.moore_doubling_months, trend.doubling_time.value
    most, least = largest["pfs_days"], first["pfs_days"]
    alone = partial(Interval, low=math.nan, high=math.nan)
    year = f"2^({words.number(DAYS_PER_YEAR / month)} / {words.number(doubling)})"
    return systems, {
        "doubling time": (trend.doubling_time, "months",
                          f"months of {words.number(month, 6)} days"),
        "growth a year": (trend.growth_per_year, "times a year", year * math.isfinite(doubling)),
        "first to largest": (alone(most / least), "times",
                             f"{words.number(most)} / {words.number(least)} pfs-days"),
        "over": (alone(months), "months", f"{first['name']} to {largest['name']}"),
        "Moore's law meanwhile": (alone(2 ** (months / law)), "times",
                                  f"2^({words.number(months)} / {words.number(law)})"),
    }


def _said(value: float, unit: str) -> str:
    """A number with its unit; a negative doubling time is a halving."""
    if unit == "months" and math.isinf(value):
        return "does not double"
    if unit == "months" and value < 0:
        return f"halves in {words.quantity(-value, unit)}"
    return words.quantity(value, unit)


def _bars(systems: pd.DataFrame, values: str) -> list[str]:
    """One bar a system, its length the logarithm of its compute."""
    logs = systems["pfs_days"].map(math.log10)
    shares = (logs - logs.min()) / (float(logs.max() - logs.min()) or 1.0)
    months = [f"{date:%Y-%m}" for date in systems["date"]]
    numbers = [words.number(value) + _BORROWED * (origin != values)
               for value, origin in zip(systems["pfs_days"], systems["value_from"], strict=True)]
    # Where a name leaves no room for a bar, the system's short one does.
    for names in (systems["name"], systems["system_id"]):
        taken = sum(max(map(len, cells)) + GAP for cells in (months, names, ["pfs-days", *numbers]))
        if width() - taken >= len(_SCALE):
            break
    room = max(width() - taken, _SHORTEST_BAR)
    bars = ["█" * max(round(share * room), 1) for share in shares]
    head = ["", "", "pfs-days", _SCALE if len(_SCALE) <= room else "log"]
    lines = columns([head, *zip(months, names, numbers, bars, strict=True)], right=[2])
    note = f"{_BORROWED} the published value, where there is no {values} one"
    return lines + (wrapped(note) if (systems["value_from"] != values).any() else [])


def _sources(systems: pd.DataFrame, assumptions: Assumptions) -> list[str]:
    """Where the values come from."""
    rows = pd.concat([counted(assumptions), chip_time(assumptions)])
    ours = rows.groupby(KEY)["source_key"].agg(list)
    theirs = table("published").groupby(["system_id", "pfs_days"])["source_key"].agg(list)
    values = zip(systems["system_id"], systems["pfs_days"], strict=True)
    found = [ours.get(key, theirs.get(value, [])) for key, value in zip(
        value_keys(systems, assumptions), values, strict=True)]
    labels = dict.fromkeys(sources()[key].label for keys in found for key in keys)
    return wrapped(f"values from: {'; '.join(labels)}")
