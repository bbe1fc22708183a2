"""Layer tables as the book shows them, and how each kind of layer is counted."""

from __future__ import annotations

import html

from aicompute import layers, tables, wording
from aicompute.listings import lists
from aicompute.methods.calculations import architecture_multiply_adds
from aicompute.study import Study
from aicompute.tables import Cell, HtmlTable


@lists("layer_kinds")
def layer_kinds(study: Study) -> HtmlTable:
    """How each kind of layer is counted."""
    del study
    rows = [[Cell(f"<code>{html.escape(name)}</code>"), tables.text(kind.meaning),
             tables.text(kind.formula)] for name, kind in layers.KINDS.items()]
    return HtmlTable(["Kind", "Meaning", "Multiply-adds"], rows,
                     caption="How each kind of layer is counted")


@lists("layers")
def layer_table(study: Study, architecture: str, name: str = "") -> HtmlTable:
    """A network layer by layer, with each layer's share of the multiply-adds as a bar.

    Parameters
    ----------
    architecture
        Whose layers.
    name
        What the text cites the table by, where it is a part of something else.
    """
    total = architecture_multiply_adds(study.dataset, architecture)
    rows = []
    for layer in study.dataset.layers(architecture):
        count = layers.multiply_adds(layer)
        share = count / total
        rows.append([
            tables.text(layer.layer), tables.text(_kind_words(layer)),
            tables.number(f"{layer.in_channels} → {layer.out_channels}", layer.out_channels),
            tables.number(_size_words(layer, "kernel")), tables.number(_size_words(layer, "out")),
            tables.number(f"{count:,}", count), _bar(share),
        ])
    return tables.without_empty_columns(
        ["Layer", "Kind", "Channels", "Kernel", "Output", "Multiply-adds", "Share"],
        rows, name=name,
        caption=f"Layers of {wording.words(architecture)}: {total:,} multiply-adds a forward pass, "
        "and the share of each",
        minor=("Kind", "Channels", "Kernel", "Output"))


def _kind_words(layer: layers.Layer) -> str:
    """The kind, how often it stands there and in how many groups."""
    repeat = f"{layer.repeat} × " if layer.repeat > 1 else ""
    groups = f" in {layer.groups} groups" if layer.groups > 1 else ""
    return f"{repeat}{wording.words(layer.kind)}{groups}"


def _size_words(layer: layers.Layer, of: str) -> str:
    """Height and width; nothing where the kind of layer has none."""
    if f"{of}_height" not in layers.KINDS[layer.kind].columns:
        return ""
    return f"{getattr(layer, f'{of}_height')}×{getattr(layer, f'{of}_width')}"


def _bar(share: float) -> Cell:
    width = f"{share * 100:.2f}"
    bar = f'<span class="share-bar" style="inline-size:{width}%"></span>' if share else ""
    shown = "&lt; 0.1 %" if 0 < share < 1e-3 else wording.share(share)
    return Cell(f'<span class="share">{bar}<span>{shown}</span></span>', sort=width)
