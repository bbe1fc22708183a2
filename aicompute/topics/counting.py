"""The page on counting operations: a layer by hand, whole networks, and what others count."""

from __future__ import annotations

import html
from typing import Any

from aicompute import layers, tables, wording
from aicompute.figures import short_name
from aicompute.listings import lists, source_cell
from aicompute.methods.calculations import architecture_multiply_adds
from aicompute.results import Named, Result, family
from aicompute.study import Study
from aicompute.tables import Cell, HtmlTable

#: The layer that is worked by hand, and the network that is counted layer by layer.
EXAMPLE = ("alexnet", "conv1")
WORKED = "resnet152"
#: A count this close to a published total is called the same.
SAME = 0.005
TOTALS_PAGE = "counting#counts-beside-published-totals"


def network_weights(study: Study, architecture: str) -> int:
    """Weights of a layer table, without biases and normalisation."""
    return sum(layers.weights(layer) for layer in study.dataset.layers(architecture))


@family("counting")
def counting_results(study: Study) -> Named:
    """The layer by hand, every layer table's totals, and how they stand to published ones."""
    yield from _example(study)
    for name in study.dataset.architectures():
        multiply_adds = architecture_multiply_adds(study.dataset, name)
        yield f"counting.{name}.multiply_adds", Result(
            float(multiply_adds), "multiply-adds", page=TOTALS_PAGE,
            how=f"sum over the rows of {name}.csv",
        )
        yield f"counting.{name}.weights", Result(
            float(network_weights(study, name)), "weights", page=TOTALS_PAGE,
            how=f"sum over the rows of {name}.csv, biases left out",
        )
    yield from _worked(study)
    yield from _totals_together(study)


def _example(study: Study) -> Named:
    page = "counting#one-layer-by-hand"
    architecture, name = EXAMPLE
    if architecture not in study.dataset.architectures():
        return
    for layer in (row for row in study.dataset.layers(architecture) if row.layer == name):
        outputs = layer.positions * layer.out_channels
        each = layer.kernel * layer.in_channels // layer.groups
        for what, value, unit, how in (
            ("outputs", outputs, "outputs", "height x width x channels that come out"),
            ("each", each, "multiply-adds", "kernel height x width x channels that go in"),
            ("multiply_adds", layers.multiply_adds(layer), "multiply-adds", "one times the other"),
            ("weights", layers.weights(layer), "weights", "channels out x multiply-adds an output"),
        ):
            yield f"counting.example.{what}", Result(float(value), unit, page=page, how=how)


def _worked(study: Study) -> Named:
    """ResNet: what one image costs forward, in training, and by the article's figure."""
    if WORKED not in study.dataset.architectures():
        return
    page = "counting#resnet-layer-by-layer"
    multiply_adds = float(architecture_multiply_adds(study.dataset, WORKED))
    each = study.assumptions.operations_per_multiply_add
    passes = study.assumptions.passes_per_example
    yield "counting.worked.forward_flop", Result(
        multiply_adds * each, "FLOP", page=page, how="multiply-adds x operations in each"
    )
    yield "counting.worked.training_flop", Result(
        multiply_adds * each * passes, "FLOP", page=page, how="the same x passes"
    )
    article = study.calculations.get(("resnet", 1, "article"))
    if article is not None:
        printed = article.phases[0].factor("multiply_adds").value
        yield "counting.worked.article_difference", Result(
            100 * (printed / multiply_adds - 1), "%", page=page,
            how="the article's multiply-adds against ours",
        )
    rows = study.dataset.layers(WORKED)
    for kind in ("conv", "dense"):
        share = sum(layers.multiply_adds(row) for row in rows if row.kind == kind) / multiply_adds
        yield f"counting.worked.{kind}_share", Result(
            100 * share, "%", page=page, how=f"{kind} rows over the whole network"
        )


def _totals_together(study: Study) -> Named:
    found = [(row, _counted(study, row) / _published(row)) for row in _totals(study)]
    same = [ratio for _, ratio in found if abs(ratio - 1) <= SAME]
    how = f"rows of totals.csv within {wording.share(SAME)} of our count"
    yield "counting.totals", Result(
        float(len(found)), "totals", page=TOTALS_PAGE, how="rows of totals.csv")
    yield "counting.totals_same", Result(float(len(same)), "totals", page=TOTALS_PAGE, how=how)
    if found:
        worst = max(100 * abs(ratio - 1) for _, ratio in found)
        yield "counting.totals_worst", Result(
            worst, "%", page=TOTALS_PAGE, how="the published total furthest from our count")


def _totals(study: Study) -> list[dict[str, Any]]:
    known = study.dataset.architectures()
    return [row for row in study.dataset.rows("totals") if row["architecture"] in known]


def _published(row: dict[str, Any]) -> float:
    return float(row["published"])


def _counted(study: Study, row: dict[str, Any]) -> float:
    name = str(row["architecture"])
    if row["quantity"] == "weights":
        return float(network_weights(study, name))
    return float(architecture_multiply_adds(study.dataset, name))


@lists("totals")
def totals(study: Study) -> HtmlTable:
    """Our counts beside every published total, and what explains a difference."""
    rows = []
    for row in _totals(study):
        counted, published = _counted(study, row), _published(row)
        what = "multiply-adds" if row["quantity"] == "multiply_adds" else "weights"
        source = source_cell(study, str(row["source_key"])).html
        place, note = html.escape(str(row["source_place"])), html.escape(str(row["note"] or ""))
        rows.append([
            Cell(f"{_table_cell(str(row['architecture'])).html}, {what}"),
            tables.number(f"{counted:,.0f}", counted),
            tables.number(f"{published:,.0f}", published),
            tables.number(wording.number(counted / published, 4), counted / published),
            Cell(f"{source}, {place}. {note}"),
        ])
    return HtmlTable(["Total of", "Counted", "Published", "Ratio", "Published by"], rows,
                     caption="Our counts beside the totals that others publish")


@lists("networks")
def networks(study: Study) -> HtmlTable:
    """Every layer table: its rows, multiply-adds and weights, and who uses it."""
    used: dict[str, list[str]] = {}
    for row in study.dataset.rows("workloads"):
        if row["architecture"]:
            name = short_name(study.system(str(row["system_id"])))
            used.setdefault(str(row["architecture"]), []).append(name)
    held = {str(row["architecture"]) for row in _totals(study)}
    rows = []
    for name in study.dataset.architectures():
        multiply_adds = architecture_multiply_adds(study.dataset, name)
        weights = network_weights(study, name)
        rows.append([
            _table_cell(name), tables.number(str(len(study.dataset.layers(name)))),
            tables.number(f"{multiply_adds:,}", multiply_adds),
            tables.number(f"{weights:,}", weights),
            tables.text(wording.listed(list(dict.fromkeys(used.get(name, [])))) or "for checks"),
            tables.text("published totals and by hand" if name in held else "by hand"),
        ])
    return HtmlTable(["Layer table", "Rows", "Multiply-adds", "Weights", "Used for", "Held to"],
                     rows, sortable=True, minor=("Used for", "Held to"),
                     caption="The layer tables, and what each is held to")


def _table_cell(name: str) -> Cell:
    return tables.link(wording.words(name), f"page:_downloads/data/architectures/{name}.csv")
