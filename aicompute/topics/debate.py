"""What the reactions to the article come to, as numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from aicompute import trend
from aicompute.analysis import debate
from aicompute.methods.calculations import architecture_multiply_adds
from aicompute.results import Named, Result, family
from aicompute.study import Study
from aicompute.topics.fit_results import fit_or_none, fit_results
from aicompute.trend import FitError

CHIPS_PAGE = "debate#more-chips-faster-chips-longer-runs"
#: The run whose chips are guessed, and one whose chips are all in print.
LAST, DOCUMENTED = "alphago_zero", "nas"


@family("debate")
def debate_results(study: Study) -> Named:
    """Every number of the chapter, question by question."""
    yield from _without_alphabet(study)
    yield from _networks(study)
    yield from _translation(study)
    yield from _search_and_games(study)
    yield from _gaps(study)
    yield from _parts(study)
    yield from _machines(study)
    yield from _errors(study)


def _without_alphabet(study: Study) -> Named:
    page = "debate#without-alphabet"
    table = study.fitted
    rest, own = table[~table["is_alphabet"]], table[table["is_alphabet"]]
    for name, part, what in (("without_alphabet", rest, "those not by Alphabet"),
                             ("alphabet", own, "those by Alphabet")):
        yield from fit_results(f"debate.{name}", fit_or_none(part, study), page, what)
        yield f"debate.{name}.factor", _growth(study, part, page)
    try:
        p_value: float | None = debate.slopes_differ(table, table["is_alphabet"])
    except FitError:
        p_value = None
    yield "debate.without_alphabet.p_value", Result(
        p_value, "", page=page,
        how="chance of so large a difference between the two slopes if they had one; t test",
    )


def _growth(study: Study, table: pd.DataFrame, page: str) -> Result:
    try:
        growth = trend.growth(table, study.assumptions.days_per_month)
    except FitError:
        return Result(None, "times", page=page, how="no system is left")
    return Result(growth.factor, "times", page=page, how=f"{growth.largest} over {growth.first}")


def _networks(study: Study) -> Named:
    page, prefix = "debate#from-vgg-to-resnet", "debate.vgg_to_resnet"
    table = study.estimates_by("recounted").set_index("system_id")
    count = {name: architecture_multiply_adds(study.dataset, name)
             for name in ("vgg16", "vgg19", "resnet152")}
    ratio = _ratio(table, "resnet", "vgg")
    yield f"{prefix}.compute_ratio", Result(
        ratio, "times", page=page, how="recounted compute of ResNet-152 over VGG-16")
    yield f"{prefix}.plotted_ratio", Result(
        _ratio(table, "resnet", "vgg", "published_pfs_days"), "times", page=page,
        how="the same of the plotted points")
    for layers in (16, 19):
        yield f"{prefix}.forward_ratio_{layers}", Result(
            count["resnet152"] / count[f"vgg{layers}"], "times", page=page,
            how=f"multiply-adds of one image, ResNet-152 over VGG-{layers}")
    errors = _figures(study, "imagenet_2012")
    for measure, setting in (("top_5_error", "ten_crops"), ("top_1_error", "ten_crops"),
                             ("top_5_error", "best")):
        before, after = errors["vgg", measure, setting], errors["resnet", measure, setting]
        how = f"{before:g} to {after:g} percent, {setting.replace('_', ' ')}"
        name = measure.removesuffix("_error") + ("_best" if setting == "best" else "")
        yield f"{prefix}.{name}_fall", Result(1 - after / before, "1", page=page, how=how)
    five = {name: errors[name, "top_5_error", "ten_crops"] for name in ("alexnet", "vgg", "resnet")}
    yield "debate.vgg_over_googlenet.compute_ratio", Result(
        _ratio(table, "vgg", "googlenet"), "times", page=page,
        how="recounted compute of VGG over GoogLeNet, whose epochs are guessed")
    first = _ratio(table, "vgg", "alexnet")
    pace = math.log(five["alexnet"] / five["vgg"]) / math.log(first)
    yield "debate.alexnet_to_vgg.compute_ratio", Result(
        first, "times", page=page, how="recounted compute of VGG over AlexNet")
    yield "debate.alexnet_to_vgg.top_5_fall", Result(
        1 - five["vgg"] / five["alexnet"], "1", page=page, how="ten crops")
    yield f"{prefix}.at_earlier_pace", Result(
        math.exp(math.log(five["vgg"] / five["resnet"]) / pace), "times", page=page,
        how="compute it would have taken at the fall of error per compute from AlexNet to VGG")


def _translation(study: Study) -> Named:
    page, prefix = "debate#from-recurrence-to-attention", "debate.translation"
    rows = study.dataset.frame("accuracy").set_index("result_id")
    for name, first, last in (
        ("en_fr", "gnmt_en_fr", "transformer_en_fr"),
        ("en_de", "gnmt_en_de", "transformer_en_de"),
        ("en_de_base", "gnmt_en_de", "transformer_base_en_de"),
        ("from_attention", "align_translate_en_fr", "transformer_en_fr"),
    ):
        yield f"{prefix}.{name}.bleu_gain", Result(
            rows["value"][last] - rows["value"][first], "BLEU", page=page,
            how=f"{rows['name'][last]} less {rows['name'][first]}")
        stated = rows["stated_flop"][first] / rows["stated_flop"][last]
        if not math.isnan(stated):
            yield f"{prefix}.{name}.compute_ratio", Result(
                stated, "times less", page=page, how="training compute, both as table 2 states it")
    table = study.estimates_by("recounted").set_index("system_id")
    for name, first, last in (("gnmt", "gnmt", "transformer"),
                              ("align", "transformer", "align_translate")):
        for column in ("recounted_pfs_days", "published_pfs_days"):
            values = column.split("_", 1)[0]
            yield f"{prefix}.{name}.{values}_ratio", Result(
                _ratio(table, first, last, column), "times", page=page,
                how=f"{values} compute of {first} over {last}")


def _search_and_games(study: Study) -> Named:
    page = "debate#search-and-games"
    table = study.fitted
    rest = table[~table["system_id"].isin(debate.SEARCH_AND_GAMES)]
    name = "debate.without_search_and_games"
    yield from fit_results(
        name, fit_or_none(rest, study), page, "neither architecture search nor games")
    yield f"{name}.factor", _growth(study, rest, page)
    whole, left = (_growth(study, part, page).value for part in (table, rest))
    share = None if not whole or not left or whole == 1 else 1 - math.log(left) / math.log(whole)
    yield "debate.search_and_games.share", Result(
        share, "1", page=page,
        how="share of the logarithm of the growth that is missing without them")
    kept = table[table["system_id"] != "gnmt"]
    both = kept[~kept["system_id"].isin(debate.SEARCH_AND_GAMES)]
    yield from fit_results(
        "debate.without_gnmt_too", fit_or_none(both, study), page,
        "neither architecture search nor games nor the extrapolated translator")


def _gaps(study: Study) -> Named:
    page = "debate#more-resources-or-more-need"
    table = debate.gaps(study)
    for row in table.to_dict("records"):
        yield f"debate.gap.{row['system_id']}", Result(
            row["times"], "times", page=page,
            how=f"{row['largest']}, the largest run by that day, over {row['name']}")
    yield "debate.gap.median", Result(
        float(table["times"].median()), "times", page=page,
        how=f"median of {len(table)} results that needed little")


def _parts(study: Study) -> Named:
    for last in (LAST, DOCUMENTED):
        run = debate.chip_runs(study, "chart").set_index("system_id").loc[last]
        middle = debate.growth_parts(study, last=last)
        ends = [debate.growth_parts(study, last=last, chips=float(run[f"chips_{end}"]))
                for end in ("low", "high")]
        for index, part in enumerate(middle):
            found = [end[index] for end in ends]
            how = f"{part.name} of {last} over AlexNet; range from the number of chips"
            for field, unit in (("factor", "times"), ("share", "1")):
                low, high = sorted(getattr(p, field) for p in found)
                yield f"debate.parts.{last}.{part.name}.{field}", Result(
                    getattr(part, field), unit, low, high, CHIPS_PAGE, how)
        yield f"debate.parts.{last}.product", Result(
            math.prod(p.factor for p in middle), "times", page=CHIPS_PAGE,
            how="the product of the four factors")
    runs = debate.chip_runs(study, "chart")
    slopes = debate.slope_parts(runs, study)
    total = slopes["slope"].iloc[-1]
    for row in slopes.iloc[:-1].to_dict("records"):
        yield f"debate.slopes.{row['part']}.share", Result(
            row["share"], "1", row["slope_low"] / total, row["slope_high"] / total, CHIPS_PAGE,
            f"slope of {row['part']} over the slope of the compute of {len(runs)} runs")
    chips = slopes.set_index("part")["share"]
    yield "debate.slopes.chips_and_rating.share", Result(
        float(chips["chips"] + chips["rating"]), "1", page=CHIPS_PAGE,
        how="slopes of the number and of the rating of the chips over the slope of the compute")
    yield "debate.slopes.runs", Result(float(len(runs)), "systems", page=CHIPS_PAGE, how="a count")


def _machines(study: Study) -> Named:
    page = "debate#one-machine-or-a-data-centre"
    runs = debate.chip_runs(study, "chart")
    fit = fit_or_none(runs.assign(pfs_days=runs["chips"]), study)
    yield from fit_results("debate.chips", fit, page, "chips that run at the same time")
    late = runs["date"] >= pd.Timestamp("2015-01-01")
    more = runs["chips"] > debate.CHIPS_IN_A_MACHINE
    for name, chosen in (("before_2015", ~late), ("since_2015", late)):
        yield f"debate.machines.{name}", Result(
            float((more & chosen).sum()), "systems", page=page,
            how=f"of {int(chosen.sum())}: more chips than one machine holds")
        yield f"debate.machines.{name}_of", Result(
            float(chosen.sum()), "systems", page=page, how="a count")
    if late.any():
        yield "debate.machines.since_2015_share", Result(
            float(more[late].mean()), "1", page=page,
            how="runs since 2015 with more chips than one machine holds")


def _errors(study: Study) -> Named:
    page = "debate#does-more-compute-mean-better"
    table = debate.accuracy(study, "imagenet_2012", "top_5_error", "ten_crops")
    law = debate.error_law(table["pfs_days"], table["value"], study.assumptions.confidence)
    how = f"least squares on logarithms, {law.points} networks, ten crops"
    yield "debate.error.points", Result(
        float(law.points), "networks", page=page, how="tested alike, with an error in print")
    yield "debate.error.exponent", Result(law.exponent, "", law.low, law.high, page, how)
    falls = sorted(1 - 10**v for v in (law.exponent, law.low, law.high))
    yield "debate.error.fall_for_tenfold", Result(
        1 - 10**law.exponent, "1", falls[0], falls[2], page, how)
    yield "debate.error.r_squared", Result(law.r_squared, "", page=page, how=how)
    tau, p_value = stats.kendalltau(-table["value"], table["pfs_days"])
    yield "debate.error.rank_correlation", Result(
        float(tau), "", page=page, how="Kendall's tau of compute and accuracy")
    yield "debate.error.rank_p_value", Result(
        float(p_value), "", page=page, how=f"chance of so strong an order in {law.points} networks")
    off = np.exp(np.abs(np.log(table["value"] / law.at(table["pfs_days"]))).max())
    yield "debate.error.farthest", Result(
        float(off), "times", page=page, how="largest factor between an error and the fitted law")
    largest = study.fitted.nlargest(4, "pfs_days")
    yield "debate.largest.search_and_games", Result(
        float(largest["system_id"].isin(debate.SEARCH_AND_GAMES).sum()), "systems", page=page,
        how=f"of the {len(largest)} largest: {', '.join(largest['name'])}")


def _figures(study: Study, task: str) -> dict[tuple[Any, Any, Any], float]:
    rows: Iterator[dict[Any, Any]] = iter(study.dataset.frame("accuracy").to_dict("records"))
    return {(r["system_id"], r["measure"], r["setting"]): r["value"]
            for r in rows if r["task"] == task}


def _ratio(
    table: pd.DataFrame, first: str, last: str, column: str = "recounted_pfs_days"
) -> float:
    return float(table[column][first] / table[column][last])


