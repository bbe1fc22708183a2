"""Sentences about one system, made from its rows: its page is one template for all systems."""

import math
import re
from collections.abc import Iterable, Iterator

import pandas as pd

from aicompute import ranges, tables, words
from aicompute.showing import Cite
from aicompute.tables import table

METHODS = {1: "counting operations", 2: "chip time"}
NEEDS = {
    1: "the multiply-adds of a forward pass and how many examples training went through",
    2: "which chips ran, how many of them, and for how long",
}
INPUTS = {
    "multiply_adds": "the size of the network", "parameters": "the number of parameters",
    "units": "the number of examples",
    "epochs": "the number of epochs", "chip_id": "the kind of chip", "chips": "the number of chips",
    "days": "the number of days", "chip_hours": "the hours of all chips",
    "tflop_per_second": "the rating of one chip",
    "utilization": "the utilization", "factor": "the extra factor",
}
COUNTS = {"mfu": "is stated, and counts the arithmetic of the model alone (MFU)",
          "hfu": "is stated, and counts also what was calculated twice to save memory (HFU)"}
ROUNDING = 0.05  # a result this close to another is taken as rounded


def answer(system: pd.Series, published: pd.DataFrame) -> str:
    """What training took by our recount, and what others say it took."""
    ours, theirs = system["recounted_pfs_days"], system["published_pfs_days"]
    row = published[published["pfs_days"] == theirs].head(1).squeeze()
    said = _said(row) if len(row) else ""
    if pd.isna(ours):
        return f"{_start(said or 'no value is known')}; we have recounted nothing."
    method = 1 if ours == system["method_1_recount_pfs_days"] else 2
    low, high = system["recounted_low"], system["recounted_high"]
    between = words.range_words(low, high, 2)
    text = (f"By our recount **about {words.quantity(ours, 'pfs-days', 2)}**"
            f"{f' ({between})' * bool(between)}, from {METHODS[method]}.")
    if not said:
        return f"{text} We know of no published value."
    if row["bound"] == "<":
        keeps = ("lies inside our range" if low < theirs < high else
                 "our range keeps" if theirs >= high else "our range breaks")
        return f"{text} {_start(said)}, a bound that {keeps}."
    guessed = _guessed(table(tables.INPUTS[method], system["system_id"]))
    doubt = (f", but ours guesses {_named(guessed)}"
             if guessed and abs(theirs / ours - 1) <= ROUNDING else "")
    return f"{text} {_start(said)}, {against(theirs / ours)}{doubt}."


def against(ratio: float) -> str:
    """How another's value stands to ours, as a clause that follows it.

    >>> against(1.02), against(0.5), against(3.68)
    ('the same within 5 %', 'a factor of 2 below ours', 'a factor of 3.7 above ours')
    """
    if abs(ratio - 1) <= ROUNDING:
        return f"the same within {words.share(ROUNDING)}"
    factor = words.number(max(ratio, 1 / ratio), 2)
    return f"a factor of {factor} {'above' if ratio > 1 else 'below'} ours"


def stands(method: int, rows: pd.DataFrame, published: pd.DataFrame) -> str:
    """Why a method is not run, or how the result that the article prints stands to its formula."""
    if rows.empty:
        return (f"This method needs {NEEDS[method]}. We found no source that states all of that, "
                "so it is not run.")
    said = published[(published["kind"] == "printed") & (published["method"] == method)]
    own = rows.loc[rows["basis"] == "article", "pfs_days"].sum()
    if said.empty or not own:
        return ""
    printed = said["pfs_days"].iloc[0]
    # Rounding is what the printed digits allow, and no more.
    digits = len(f"{printed:g}".partition("e")[0].replace(".", "").lstrip("0"))
    apart, more = abs(own / printed - 1), "more" if own > printed else "less"
    rounded = ("which rounds to it" if float(f"{own:.{digits}g}") == printed else
               f"{words.share(apart)} {more}" if apart <= ROUNDING else
               f"{words.number(own / printed, 2)} times as much")
    return (f"The article prints {words.stated(printed)} pfs-days for its formula; multiplied out,"
            f" its own factors give {words.quantity(own, 'pfs-days')}, {rounded}.")


def within(factor: float) -> str:
    """How far values lie apart, the largest over the smallest, as a predicate.

    >>> within(1.02), within(3.68)
    ('agree within 5 %', 'lie within a factor of 3.7')
    """
    return (f"agree within {words.share(ROUNDING)}" if factor <= 1 + ROUNDING else
            f"lie within a factor of {words.number(factor, 2)}")


def uncertain(
    system: pd.Series, rows: pd.DataFrame, published: pd.DataFrame, range_covers: float
) -> str:
    """What is uncertain about a system: what is guessed or assumed, and what its rows note.

    Ranges are told with what they mean; without, they hold ``range_covers`` of the probability.
    """
    ours = rows[rows["basis"] == "recount"]
    points = [point for _, own in ours.groupby("method") for point in _guesses(own)]
    points += [*_widest(ours), *_ranges(ours, range_covers)]
    if len(assumed := ours[ours["utilization_assumed"].eq(True)]):
        share = words.listed([words.share(u) for u in assumed["utilization"].unique()])
        points.append(f"Chip time assumes a utilization of {share}, and is proportional to it; its "
                      "range takes the share over all that is plausible.")
    if ours["utilization_measured"].eq(True).any():
        points.append("Chip time takes a utilization that was measured on a newer card.")
    points += [f"The utilization of {words.share(row.utilization)} {COUNTS[row.utilization_kind]}."
               for row in ours.dropna(subset="utilization_kind").itertuples()]
    points += [system["note"]] if pd.notna(system["note"]) else []
    whose = {"article": "The article's", "recount": "Our"}
    points += [f"{whose[row.basis]} {METHODS[row.method]}: {row.note}"
               for row in rows.dropna(subset="note").itertuples()]
    points += [f"{row.kind.capitalize()} value, {Cite(row.source_key)}: {row.note}"
               for row in published.dropna(subset="note").itertuples()]
    points = [re.sub(r"\b[a-z]+_\d{4}\w*", lambda key: str(Cite(key[0])), p) for p in points]
    listed = "\n".join(f"- {words.plain(point)}" for point in dict.fromkeys(points))
    return listed or "Nothing beyond what the calculation says."


def _guesses(rows: pd.DataFrame) -> Iterator[str]:
    """What no source states of one method's rows."""
    named = dict.fromkeys(rows["guessed"].str.cat(sep=" ").split())
    values = _guessed(rows)
    ends = dict.fromkeys(stem for name in named if (stem := name.rpartition("_")[0]) in INPUTS
                         and stem not in values and name not in values)
    own = _start(METHODS[rows["method"].iloc[0]])
    if values:
        yield f"{own} has to guess {_named(values)}, which no source states."
    if ends:
        yield f"{own} guesses a range for {_named(ends)}; its source gives none."


def _guessed(rows: pd.DataFrame) -> list[str]:
    """The inputs of our own rows whose value itself, and not an end alone, is in no source."""
    cells = rows.loc[rows["basis"] == "recount", "guessed"].str.cat(sep=" ")
    return [name for name in dict.fromkeys(cells.split()) if not name.endswith(("_low", "_high"))]


def _named(inputs: Iterable[str]) -> str:
    return words.listed([INPUTS.get(name, words.words(name)) for name in inputs])


def _widest(rows: pd.DataFrame) -> Iterator[str]:
    """The input whose ends lie furthest apart."""
    ends = {name: (rows[f"{name}_high"] / rows[f"{name}_low"]).max() for name in INPUTS
            if f"{name}_low" in rows}
    widest = max(ends, key=lambda name: (ends[name] > 1, ends[name]))
    if ends[widest] > 1:
        yield (f"The widest input is {INPUTS[widest]}, known to a factor of "
               f"{words.number(ends[widest], 2)}.")


def _ranges(rows: pd.DataFrame, range_covers: float) -> Iterator[str]:
    """What the ends of the inputs mean, and which draws follow."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for name in (name for name in INPUTS if name != "tflop_per_second"):
        for row in rows.to_dict("records"):
            low, high = (row.get(f"{name}{end}", math.nan) for end in ("_low", "_high"))
            if low < high:
                assumed = name == "utilization" and row["utilization_assumed"]
                means = "" if assumed else ranges.meaning(row["range_means"], name)
                ends = found.setdefault(means, {}).setdefault(INPUTS[name], {})
                ends[words.interval(low, high, 2)] = None
    for means, inputs in sorted(found.items()):
        listed = words.listed([f"{name} ({'; '.join(ends)})" for name, ends in inputs.items()])
        if means == "limits":
            yield (f"Between limits: {listed}. Draws are spread evenly there, on a log scale, "
                   "half of them on either side of the value.")
        else:
            held = f"{_start(ranges.said(means))}, as its source says" if means else (
                f"Taken to hold {words.share(range_covers)}, as no source says what the ends mean")
            yield f"{held}: {listed}. Draws are log-normal about the value."


def _said(row: pd.Series) -> str:
    """Who published a value, and the range and the confidence that they give."""
    less, source = " less than" * (row["bound"] == "<"), words.plain(str(Cite(row["source_key"])))
    who = {"plotted": "the article plots", "printed": f"the article prints{less}",
           "stated": "its builders state", "digitised": f"{source} reads off the chart",
           "estimated": f"{source} estimates"}[row["kind"]]
    low, high, sure = row["pfs_days_low"], row["pfs_days_high"], row["confidence"]
    means = ranges.said(ranges.meaning(row["range_means"], "pfs_days"))
    parts = [words.interval(low, high) + f", {means}" * bool(means)] * pd.notna(low)
    parts += [f"confidence: {sure}"] * pd.notna(sure)
    how_sure = f" ({'; '.join(parts)})" * bool(parts)
    return f"{who} {words.stated(row['pfs_days'])} pfs-days{how_sure}"


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]
