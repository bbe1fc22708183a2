"""The kinds of layer that a layer table may hold: shape in, multiply-adds out.

A layer is one row of ``data/architectures/*.csv``. One multiply-add is one multiplication and one
addition; biases, activations, normalisation and pooling count 0, as in the papers. Every count is
for one forward pass over one unit (an image, a word, a time step).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aicompute.names import unknown

OUTSIDE = "-"  # in the column `input`: comes from outside the table, or is not checked
SHAPE_COLUMNS = ("in_channels", "out_channels", "kernel_height", "kernel_width", "groups",
                 "out_height", "out_width")
_IN, _OUT, *_KERNEL, _GROUPS, _HEIGHT, _WIDTH = SHAPE_COLUMNS
_SIZE, _VECTOR = (_HEIGHT, _WIDTH), (_IN, _OUT)


@dataclass(frozen=True)
class Layer:
    """One row of a layer table; an empty cell is 1.

    ``input`` names the rows (separated by spaces) whose output this row takes: empty is the row
    above, ``-`` is outside the table. Several names are joined; a name given twice counts twice,
    which is how both directions of a ``repeat`` of 2 are handed on.
    """

    layer: str
    kind: str
    repeat: int = 1
    in_channels: int = 1
    out_channels: int = 1
    kernel_height: int = 1
    kernel_width: int = 1
    groups: int = 1
    out_height: int = 1
    out_width: int = 1
    input: str = ""

    @property
    def kernel(self) -> int:
        """Positions under the kernel, or positions attended to."""
        return self.kernel_height * self.kernel_width

    @property
    def positions(self) -> int:
        """Positions the layer is worked out at."""
        return self.out_height * self.out_width


def layer_of(row: Mapping[str, Any]) -> Layer:
    """One row of :func:`aicompute.architecture` as a layer."""
    return Layer(**{name: row[name] for name in Layer.__dataclass_fields__})


def multiply_adds(layer: Layer) -> int:
    """Multiply-adds of one forward pass through a row of a layer table, for one unit.

    They are repeat x the formula of the kind (``KINDS[layer.kind].formula``). A row that breaks a
    rule of ``check_layer`` is a ValueError, which names the column and the rule.

    Examples
    --------
    >>> multiply_adds(Layer("conv1", "conv", 1, 3, 96, 11, 11, 1, 55, 55))
    105415200
    """
    kind = _checked_kind(layer)
    if kind.multiply_adds is not None:
        return layer.repeat * kind.multiply_adds(layer)
    return layer.repeat * layer.positions * kind.weights(layer)


def weights(layer: Layer) -> int:
    """Weights of a row of a layer table, without biases and without those of ``norm``.

    A row that stands for the same weights used again counts them again. Leaving the biases out
    makes 60.95 million of AlexNet's 60.97 million.
    """
    return layer.repeat * _checked_kind(layer).weights(layer)


def check_layer(layer: Layer) -> list[tuple[str, str]]:
    """Rules that a row breaks by itself: pairs of column and rule, empty when it is sound.

    >>> check_layer(Layer("conv2", "conv", in_channels=96, out_channels=256, groups=5))
    [('groups', 'must divide in_channels (96)'), ('groups', 'must divide out_channels (256)')]
    """
    if (kind := KINDS.get(layer.kind)) is None:
        return [("kind", unknown("layer", layer.kind, sorted(KINDS)))]
    values: dict[str, int] = {name: getattr(layer, name) for name in ("repeat", *SHAPE_COLUMNS)}
    if small := [(name, "must be at least 1") for name, value in values.items() if value < 1]:
        return small
    problems = [(name, f"is not used by {layer.kind}: leave it empty") for name in SHAPE_COLUMNS
                if name not in kind.columns and values[name] != 1]
    problems += [(column, f"must divide {whole} ({values[whole]})")
                 for column, whole in kind.divides if values[whole] % values[column]]
    if kind.keeps_channels and layer.out_channels not in (1, layer.in_channels):
        problems.append((_OUT, f"must be empty or {layer.in_channels}, as in_channels"))
    for name, column, most in (("split", _OUT, _IN), ("experts", _KERNEL[1], _GROUPS)):
        if layer.kind == name and values[column] > values[most]:
            problems.append((column, f"must be at most {most} ({values[most]})"))
    return problems


def check_sequence(layers: Sequence[Layer]) -> list[tuple[int, str, str]]:
    """Rows that cannot follow the rows they take their input from.

    Compares ``in_channels`` (and, where a kind keeps it, the size) with what the inputs hand on,
    and passes over rows of unknown kind. A misfit is (row counted from 0, column, rule).

    >>> check_sequence([Layer("a", "conv", 1, 3, 96), Layer("b", "conv", 1, 64, 256)])
    [(1, 'in_channels', 'must be 96, what a hands on')]
    """
    problems: list[tuple[int, str, str]] = []
    above: dict[str, Layer] = {}
    for index, layer in enumerate(layers):
        names = layer.input.split() or [row.layer for row in layers[max(index - 1, 0) : index]]
        missing = [name for name in names if name not in above and name != OUTSIDE]
        problems += [(index, "input", f"{name!r} is not a row above") for name in missing]
        if not missing and OUTSIDE not in names:
            found = _misfits(layer, [above[name] for name in names])
            problems += [(index, column, rule) for column, rule in found]
        above[layer.layer] = layer
    return problems


def _checked_kind(layer: Layer) -> Kind:
    for column, rule in check_layer(layer):
        raise ValueError(f"layer {layer.layer}: {column}: {rule}")
    return KINDS[layer.kind]


def _misfits(layer: Layer, inputs: Sequence[Layer]) -> list[tuple[str, str]]:
    if not inputs or any(row.kind not in KINDS for row in (layer, *inputs)):
        return []
    names = f"{' and '.join(row.layer for row in inputs)} hand{'s' * (len(inputs) == 1)} on"
    kind = KINDS[layer.kind]
    channels = [row.in_channels if KINDS[row.kind].keeps_channels else row.out_channels
                for row in inputs]
    sized = [row for row in inputs if row.kind != "transposed_conv"]  # it states its input's size
    values = sum(n * row.positions for n, row in zip(channels, inputs, strict=True))
    expected = {"nothing": [], "equal": channels, "channels": [sum(channels)],
                "values": [values] * (sized == [*inputs])}[kind.reads]
    problems = [(_IN, f"must be {number}, what {names}")
                for number in expected if number != layer.in_channels][:1]
    if kind.keeps_size:
        sizes = {(column, getattr(row, column)) for row in sized for column in _SIZE}
        problems += [(column, f"must be {size}, the size that {names}")
                     for column, size in sorted(sizes) if size != getattr(layer, column)]
    return problems


@dataclass(frozen=True)
class Kind:
    """How one kind of layer is counted, in words and as functions."""

    meaning: str
    formula: str
    columns: tuple[str, ...]  # the shape columns it may use; any other must be empty
    weights: Callable[[Layer], int] = lambda layer: 0
    #: None: every weight is used once at every position.
    multiply_adds: Callable[[Layer], int] | None = None
    reads: str = "channels"  # in_channels is the inputs' channels | values | equal | nothing
    keeps_channels: bool = False  # hands on in_channels (else out_channels)
    keeps_size: bool = False  # out_height x out_width are those of its input
    divides: tuple[tuple[str, str], ...] = ()  # (column, the column it has to divide)


_GROUPED = ((_GROUPS, _IN), (_GROUPS, _OUT))
_PLANE, _MAP = (*_VECTOR, *_SIZE), (*_VECTOR, *_KERNEL, *_SIZE)
_ATTENTION = "out positions x keys x (in_channels + out_channels), keys = kernel"


def _conv(layer: Layer) -> int:
    return layer.out_channels * (layer.in_channels // layer.groups) * layer.kernel


def _dense(layer: Layer) -> int:
    return layer.in_channels * layer.out_channels


def _attention(layer: Layer) -> int:
    return layer.positions * layer.kernel * (layer.in_channels + layer.out_channels)


def _recurrent(meaning: str, parts: int) -> Kind:
    """Every hidden unit sees the values in and the hidden units; so does every gate."""
    return Kind(
        meaning, f"{parts} x " * (parts > 1)
        + "hidden x (in + hidden), hidden = out_channels; one direction, one time step", _VECTOR,
        lambda layer: parts * layer.out_channels * (layer.in_channels + layer.out_channels),
        reads="values")


def _free(meaning: str, *columns: str, reads: str = "channels", kept: bool = True) -> Kind:
    return Kind(meaning, "0", (*_VECTOR, *columns), reads=reads, keeps_channels=kept,
                keeps_size=columns == _SIZE)


KINDS: dict[str, Kind] = {
    "conv": Kind(
        "Convolution; with groups, each group of filters sees its share of the channels.",
        "out_height x out_width x out_channels x (in_channels / groups) x kernel",
        SHAPE_COLUMNS, _conv, divides=_GROUPED),
    "depthwise_conv": Kind(
        "Convolution of each channel by itself; groups is left empty.",
        "out_height x out_width x out_channels x kernel",
        _MAP, lambda layer: layer.out_channels * layer.kernel, divides=((_IN, _OUT),)),
    "transposed_conv": Kind(
        "Up-convolution: the kernel is laid out from each position of the map that comes IN, "
        "so out_height and out_width hold the size of that map.",
        "incoming height x width x in_channels x (out_channels / groups) x kernel",
        SHAPE_COLUMNS, _conv, keeps_size=True, divides=_GROUPED),
    "dense": Kind("Fully connected; a map is flattened into one row of values.",
        "in_channels x out_channels", _VECTOR, _dense, reads="values"),
    "experts": Kind("Mixture of experts: dense layers side by side, groups of them, of which a "
        "token uses kernel_width.", "kernel_width x in_channels x out_channels",
        (*_VECTOR, _KERNEL[1], _GROUPS), lambda layer: layer.groups * _dense(layer),
        lambda layer: layer.kernel * _dense(layer)),
    "rnn": _recurrent("Simple recurrent layer; out_channels are its hidden units.", 1),
    "lstm": _recurrent("Long short-term memory; both directions are a repeat of 2.", 4),
    "gru": _recurrent("Gated recurrent unit; both directions are a repeat of 2.", 3),
    "attention": Kind(
        "Dot-product attention, all heads together: in_channels is the width of a query, "
        "out_channels that of a value, the kernel columns the keys each query looks at; "
        "projections are rows of their own (dense); heads (groups) change nothing.",
        _ATTENTION, SHAPE_COLUMNS, multiply_adds=_attention, divides=_GROUPED),
    "additive_attention": Kind(
        "Attention whose scores come from a small network: in_channels is its hidden units, "
        "out_channels the width of a value; projections are rows of their own (dense).",
        _ATTENTION, _MAP, lambda layer: layer.in_channels, _attention),
    "hierarchical_softmax": Kind(
        "Choice of a word by a binary tree; out_channels is the vocabulary, and a word is taken "
        "to lie log2(vocabulary) decisions deep; positions are words chosen with the same weights.",
        "out positions x in_channels x log2(out_channels)", _PLANE,
        lambda layer: layer.in_channels * (layer.out_channels - 1),
        lambda layer: layer.positions * round(layer.in_channels * math.log2(layer.out_channels)),
        reads="values"),
    "embedding": Kind("Look-up of one row out of in_channels rows of out_channels values.",
        "0", _VECTOR, _dense, lambda layer: 0, reads="nothing"),
    "maxout": Kind("Largest of in_channels / out_channels pieces, made by the row before it.", "0",
        _PLANE, keeps_size=True, divides=((_OUT, _IN),)),
    "reshape": Kind("The same values in another arrangement.", "0", _PLANE, reads="values"),
    "pool": _free("Largest or mean value under the kernel.", *_KERNEL, *_SIZE),
    "norm": _free("Normalisation of any sort.", *_SIZE),
    "activation": _free("Non-linearity of any sort.", *_SIZE),
    "add": _free("Sum of its inputs, which have the same shape.", *_SIZE, reads="equal"),
    "concat": _free("Its inputs one after another; in_channels is their sum.", *_SIZE),
    "split": _free("out_channels of its in_channels channels.", *_SIZE, kept=False),
}
