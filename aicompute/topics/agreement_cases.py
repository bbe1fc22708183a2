"""The cases of the agreement page: printed results, and one system's numbers read another way."""

from __future__ import annotations

from aicompute import tables, wording
from aicompute.analysis.agreement import Comparison, compare, is_hypothetical
from aicompute.dataset import load_rows
from aicompute.figures import short_name
from aicompute.listings import FORMULA_WORDS, lists
from aicompute.methods.calculations import METHODS, Calculation, Factor
from aicompute.results import Named, Result
from aicompute.study import Study
from aicompute.tables import Cell, HtmlTable
from aicompute.units import pfs_days_from_flop

PAGE = "agreement#what-cannot-be-known"
#: Systems whose self-play is counted, in which one operation a multiply-add is tried.
SELF_PLAY = "self_play"


def case_results(study: Study) -> Named:
    """Self-play, one operation a multiply-add, and what the count of Seq2Seq leaves out."""
    single = study.under(operations_per_multiply_add=1.0)
    for (system_id, method, basis), calculation in study.calculations.items():
        playing = [p for p in calculation.phases if p.name.endswith(SELF_PLAY)]
        if method == 1 and basis == "recount" and playing:
            once = single.calculations[system_id, 1, "recount"]
            published = study.system(system_id)["published_pfs_days"]
            yield from _self_play(calculation, once, float(str(published)))
    yield from _embeddings(study)


def _self_play(calculation: Calculation, once: Calculation, published: float) -> Named:
    prefix, name = f"agreement.{calculation.system_id}", "phases of self-play"
    played = pfs_days_from_flop(float(sum(
        phase.flop() for phase in calculation.phases if phase.name.endswith(SELF_PLAY)
    )))
    yield f"{prefix}.self_play_share", Result(
        100 * played / calculation.pfs_days, "%", page=PAGE, how=f"{name} over the whole count"
    )
    yield f"{prefix}.without_self_play_pfs_days", Result(
        calculation.pfs_days - played, "pfs-days", page=PAGE, how=f"the count without {name}"
    )
    how = "our count with one operation a multiply-add instead of two"
    yield f"{prefix}.one_operation_pfs_days", Result(once.pfs_days, "pfs-days", page=PAGE, how=how)
    yield f"{prefix}.one_operation_ratio", Result(
        once.pfs_days / published, "", page=PAGE, how=f"{how}, over the published value"
    )
    yield f"{prefix}.one_operation_difference", Result(
        100 * abs(once.pfs_days / published - 1), "%", page=PAGE,
        how=f"{how}, against the published value",
    )


def _embeddings(study: Study) -> Named:
    article = study.calculations.get(("seq2seq", 1, "article"))
    count = study.calculations.get(("seq2seq", 1, "recount"))
    if article is None or count is None:
        return
    words = sum(phase.factor("units").value for phase in count.phases)
    per_word = sum(
        phase.factor("units").value * phase.factor("multiply_adds").value for phase in count.phases
    ) / words
    assumed = article.phases[0].factor("multiply_adds").value
    how = "weights used once a word, embeddings looked up; mean of both languages"
    yield "agreement.seq2seq.multiply_adds_per_word", Result(
        per_word, "multiply-adds", page=PAGE, how=how
    )
    yield "agreement.seq2seq.article_multiply_adds_per_word", Result(
        assumed, "multiply-adds", page=PAGE, how="as the article prints: every weight, every word"
    )
    yield "agreement.seq2seq.article_over_count", Result(
        assumed / per_word, "times", page=PAGE, how="the article's multiply-adds a word over ours"
    )


@lists("brackets")
def brackets(study: Study) -> HtmlTable:
    """Every guessed input of a system whose methods may differ by more than 3, low to high."""
    rows = []
    order = list(study.estimates["system_id"])
    found = compare(study.calculations, study.assumptions)
    for c in sorted(found, key=lambda comparison: order.index(comparison.system_id)):
        if c.basis == "recount" and c.verdict != "agree":
            name = short_name(study.system(c.system_id))
            for label, factor in _guessed(c):
                rows.append([
                    tables.link(name, f"page:systems/{c.system_id}"), tables.text(label),
                    *[tables.number(wording.number(value), value)
                      for value in (factor.low, factor.value, factor.high)],
                    tables.text(wording.words(factor.unit)),
                ])
    return HtmlTable(["System", "What no source gives", "Low", "Taken", "High", "Unit"], rows,
                     caption="Guesses behind the systems whose methods differ, or may differ")


def _guessed(comparison: Comparison) -> list[tuple[str, Factor]]:
    found: dict[tuple[str, float], tuple[str, Factor]] = {}
    for calculation in (comparison.count, comparison.time):
        for phase in calculation.phases:
            several = f" ({wording.words(phase.name)})" if len(calculation.phases) > 1 else ""
            for factor in phase.factors:
                if factor.guessed:
                    label = f"{_what(factor)}{several}"
                    found.setdefault((factor.name, factor.value), (label, factor))
    return list(found.values())


def _what(factor: Factor) -> str:
    """What is guessed, in words; a guessed rating is a guess at the kind of chip."""
    if factor.name == "flop_per_second":
        return f"kind of chip: {factor.text}"
    return wording.words(factor.unit if factor.name == "units" else FORMULA_WORDS[factor.name])


@lists("one_method")
def one_method(study: Study) -> HtmlTable:
    """The article's systems that cannot be compared, and what is missing."""
    compared = {c.system_id for c in compare(study.calculations, study.assumptions)
                if c.basis == "recount"}
    rows = []
    for row in study.estimates.to_dict("records"):
        if row["set"] in ("chart", "modest") and row["system_id"] not in compared:
            rows.append([
                tables.link(short_name(study.system(str(row["system_id"]))),
                            f"page:systems/{row['system_id']}"),
                *[tables.text(words) for words in _what_there_is(study, str(row["system_id"]))],
            ])
    return HtmlTable(["System", "What there is", "What is missing"], rows,
                     caption="The systems that cannot be compared, and why")


def _what_there_is(study: Study, system_id: str) -> tuple[str, str]:
    count = study.calculations.get((system_id, 1, "recount"))
    time = study.calculations.get((system_id, 2, "recount"))
    if count is None and time is None:
        return "a published value", "both methods"
    if count is None:
        return "only chip time", "the network's size or its training examples were not found"
    if time is None:
        return "only a count", "chips and time were not found in print"
    missing = "chips and time were not found in print" if is_hypothetical(time) else ""
    return "a count, and a chip time made up to meet the article's bound", missing


@lists("agreement_printed")
def printed_table(study: Study) -> HtmlTable:
    """The results the article prints, beside its own formulas run here."""
    printed = {(row["system_id"], row["method"]): row["pfs_days"]
               for row in load_rows(study.dataset.rows("published"), kind="printed")}
    rows = []
    for system_id in study.estimates["system_id"]:
        pair = [study.calculations.get((system_id, method, "article")) for method in METHODS]
        if any(pair):
            cells = [_printed_and_run(printed.get((system_id, method)), calculation)
                     for method, calculation in zip(METHODS, pair, strict=True)]
            rows.append([_system_cell(study, system_id), *cells[0], *cells[1]])
    return HtmlTable(
        ["System", "Method 1, printed", "run here", "Method 2, printed", "run here"], rows,
        caption="What the article prints, and its own formulas run here, pfs-days")


def _system_cell(study: Study, system_id: str) -> Cell:
    return tables.link(short_name(study.system(system_id)), f"page:systems/{system_id}")


def _printed_and_run(printed: object, run: Calculation | None) -> tuple[Cell, Cell]:
    """The printed figure with the digits it is printed with, and ours with three."""
    stated = None if printed is None else float(str(printed))
    value = run.pfs_days if run else None
    return tables.number(wording.stated(stated), stated), tables.number(
        wording.number(value), value)
