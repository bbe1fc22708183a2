"""The kinds of layer a layer table may hold, and one formula for each.

A layer is one row of ``data/architectures/*.csv``. One multiply-add is one multiplication and
one addition; biases, activations, normalisation and pooling count 0, as in the papers. Every
count is for one forward pass over one unit (an image, a word, a time step).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

SHAPE_COLUMNS = ("in_channels", "out_channels", "kernel_height", "kernel_width", "groups",
                 "out_height", "out_width")  # fmt: skip


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
    """One row of :func:`aicompute.table` of layers as a layer."""
    return Layer(**{name: row[name] for name in Layer.__dataclass_fields__})


def no_multiply_adds(layer: Layer) -> int:
    """Nothing is multiplied, or so little that the papers leave it out."""
    return 0


def conv_weights(layer: Layer) -> int:
    """Out channels x in channels of one group x kernel."""
    return layer.out_channels * (layer.in_channels // layer.groups) * layer.kernel


def conv_multiply_adds(layer: Layer) -> int:
    """Every weight is used once at every position."""
    return layer.positions * conv_weights(layer)


def depthwise_conv_weights(layer: Layer) -> int:
    """Out channels x kernel: every filter sees one channel."""
    return layer.out_channels * layer.kernel


def depthwise_conv_multiply_adds(layer: Layer) -> int:
    """Every weight is used once at every position."""
    return layer.positions * depthwise_conv_weights(layer)


def dense_weights(layer: Layer) -> int:
    """Values in x values out."""
    return layer.in_channels * layer.out_channels


def rnn_weights(layer: Layer) -> int:
    """Hidden units x (values in + hidden units)."""
    return layer.out_channels * (layer.in_channels + layer.out_channels)


def lstm_weights(layer: Layer) -> int:
    """Four times those of ``rnn``: three gates and the candidate state."""
    return 4 * rnn_weights(layer)


def gru_weights(layer: Layer) -> int:
    """Three times those of ``rnn``: two gates and the candidate state."""
    return 3 * rnn_weights(layer)


def attention_multiply_adds(layer: Layer) -> int:
    """Every query scores every key and adds up the values with these scores."""
    return layer.positions * layer.kernel * (layer.in_channels + layer.out_channels)


def additive_attention_weights(layer: Layer) -> int:
    """Only the vector that turns the hidden values of a score into the score."""
    return layer.in_channels


def hierarchical_softmax_multiply_adds(layer: Layer) -> int:
    """One two-way decision at each of the log2(words) nodes on the way to a word."""
    return layer.positions * round(layer.in_channels * math.log2(layer.out_channels))


def hierarchical_softmax_weights(layer: Layer) -> int:
    """One vector at each of the words - 1 nodes of a binary tree."""
    return layer.in_channels * (layer.out_channels - 1)


@dataclass(frozen=True)
class Kind:
    """How one kind of layer is counted, in words and as functions."""

    meaning: str
    formula: str
    columns: tuple[str, ...]  # the shape columns it may use; any other must be empty
    multiply_adds: Callable[[Layer], int]
    weights: Callable[[Layer], int]
    reads: str = "channels"  # in_channels is the inputs' channels | values | equal | nothing
    keeps_channels: bool = False  # hands on in_channels (else out_channels)
    keeps_size: bool = False  # out_height x out_width are those of its input
    divides: tuple[tuple[str, str], ...] = ()  # (column, the column it has to divide)


_IN, _OUT, _KERNEL_H, _KERNEL_W, _GROUPS, _HEIGHT, _WIDTH = SHAPE_COLUMNS
_KERNEL, _SIZE, _VECTOR = (_KERNEL_H, _KERNEL_W), (_HEIGHT, _WIDTH), (_IN, _OUT)
_GROUPED = ((_GROUPS, _IN), (_GROUPS, _OUT))
_RECURRENT = "hidden x (in + hidden), hidden = out_channels; one direction, one time step"
_ATTENTION = "out positions x keys x (in_channels + out_channels), keys = kernel"


def _free(meaning: str, *columns: str, reads: str = "channels", kept: bool = True) -> Kind:
    return Kind(meaning, "0", (*_VECTOR, *columns), no_multiply_adds, no_multiply_adds,
                reads, keeps_channels=kept, keeps_size=columns == _SIZE)  # fmt: skip


KINDS: dict[str, Kind] = {
    "conv": Kind(
        "Convolution; with groups, each group of filters sees its share of the channels.",
        "out_height x out_width x out_channels x (in_channels / groups) x kernel",
        SHAPE_COLUMNS, conv_multiply_adds, conv_weights, divides=_GROUPED),
    "depthwise_conv": Kind(
        "Convolution of each channel by itself; groups is left empty.",
        "out_height x out_width x out_channels x kernel",
        (*_VECTOR, *_KERNEL, *_SIZE), depthwise_conv_multiply_adds, depthwise_conv_weights,
        divides=((_IN, _OUT),)),
    "transposed_conv": Kind(
        "Up-convolution: the kernel is laid out from each position of the map that comes IN, "
        "so out_height and out_width hold the size of that map.",
        "incoming height x width x in_channels x (out_channels / groups) x kernel",
        SHAPE_COLUMNS, conv_multiply_adds, conv_weights, keeps_size=True, divides=_GROUPED),
    "dense": Kind("Fully connected; a map is flattened into one row of values.",
        "in_channels x out_channels", _VECTOR, dense_weights, dense_weights, "values"),
    "rnn": Kind("Simple recurrent layer; out_channels are its hidden units.",
        _RECURRENT, _VECTOR, rnn_weights, rnn_weights, "values"),
    "lstm": Kind("Long short-term memory; both directions are a repeat of 2.",
        f"4 x {_RECURRENT}", _VECTOR, lstm_weights, lstm_weights, "values"),
    "gru": Kind("Gated recurrent unit; both directions are a repeat of 2.",
        f"3 x {_RECURRENT}", _VECTOR, gru_weights, gru_weights, "values"),
    "attention": Kind(
        "Dot-product attention, all heads together: in_channels is the width of a query, "
        "out_channels that of a value, the kernel columns the keys each query looks at; "
        "projections are rows of their own (dense); heads (groups) change nothing.",
        _ATTENTION, SHAPE_COLUMNS, attention_multiply_adds, no_multiply_adds,
        divides=_GROUPED),
    "additive_attention": Kind(
        "Attention whose scores come from a small network: in_channels is its hidden units, "
        "out_channels the width of a value; projections are rows of their own (dense).",
        _ATTENTION, (*_VECTOR, *_KERNEL, *_SIZE), attention_multiply_adds,
        additive_attention_weights),
    "hierarchical_softmax": Kind(
        "Choice of a word by a binary tree; out_channels is the vocabulary, and a word is taken "
        "to lie log2(vocabulary) decisions deep; positions are words chosen with the same weights.",
        "out positions x in_channels x log2(out_channels)",
        (*_VECTOR, *_SIZE), hierarchical_softmax_multiply_adds,
        hierarchical_softmax_weights, "values"),
    "embedding": Kind("Look-up of one row out of in_channels rows of out_channels values.",
        "0", _VECTOR, no_multiply_adds, dense_weights, "nothing"),
    "maxout": Kind(
        "Largest of in_channels / out_channels pieces; the pieces are made by the conv or dense "
        "row before it.",
        "0", (*_VECTOR, *_SIZE), no_multiply_adds, no_multiply_adds, keeps_size=True,
        divides=((_OUT, _IN),)),
    "reshape": Kind("The same values in another arrangement.", "0", (*_VECTOR, *_SIZE),
        no_multiply_adds, no_multiply_adds, "values"),
    "pool": _free("Largest or mean value under the kernel.", *_KERNEL, *_SIZE),
    "norm": _free("Normalisation of any sort.", *_SIZE),
    "activation": _free("Non-linearity of any sort.", *_SIZE),
    "add": _free("Sum of its inputs, which have the same shape.", *_SIZE, reads="equal"),
    "concat": _free("Its inputs one after another; in_channels is their sum.", *_SIZE),
    "split": _free("out_channels of its in_channels channels.", *_SIZE, kept=False),
}  # fmt: skip
