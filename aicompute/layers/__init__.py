"""Count and check the rows of a layer table: shape in, multiply-adds out.

The formulas are in ``layers.kinds``; here they are applied to a row, and rows are checked by
themselves (``check_layer``) and one after another (``check_sequence``).
"""

import difflib
from collections.abc import Sequence

from aicompute.layers.kinds import KINDS, SHAPE_COLUMNS, Kind, Layer, layer_of

__all__ = [
    "KINDS", "Kind", "Layer", "LayerError", "UnknownLayerKind",
    "check_layer", "check_sequence", "layer_of", "multiply_adds", "weights",
]  # fmt: skip

OUTSIDE = "-"  # in the column `input`: comes from outside the table, or is not checked


class LayerError(ValueError):
    """A layer that cannot be counted: ``column`` is the cell at fault, ``rule`` what it broke."""

    def __init__(self, layer: str, column: str, rule: str) -> None:
        super().__init__(f"layer {layer}: {column}: {rule}")
        self.column = column
        self.rule = rule


class UnknownLayerKind(LayerError):  # noqa: N818 (the name says what is wrong)
    """A kind that is not in ``KINDS``: an error, never a count of 0."""


def multiply_adds(layer: Layer) -> int:
    """Multiply-adds of one forward pass through a row of a layer table.

    multiply-adds = repeat x the formula of the kind (``KINDS[layer.kind].formula``)

    Parameters
    ----------
    layer
        The row; sizes in positions, channels and layers (counts, all >= 1).

    Returns
    -------
    int
        Multiply-adds for one unit; one multiply-add is two FLOP.

    Raises
    ------
    UnknownLayerKind
        If the kind is not in ``KINDS``.
    LayerError
        If the row breaks a rule of ``check_layer``.

    Notes
    -----
    Source: Convolution as counted in he_2015, Table 1, and szegedy_2014, section 1.

    Examples
    --------
    The first layer of AlexNet, 96 filters of 11 x 11 x 3 at 55 x 55 positions:

    >>> multiply_adds(Layer("conv1", "conv", 1, 3, 96, 11, 11, 1, 55, 55))
    105415200
    """
    return layer.repeat * _checked_kind(layer).multiply_adds(layer)


def weights(layer: Layer) -> int:
    """Weights of a row of a layer table, without biases and without those of ``norm``.

    weights = repeat x weights of one layer; a row that stands for the same weights used again
    counts them again. Leaving the biases out makes 60.95 million of AlexNet's 60.97 million.

    Parameters
    ----------
    layer
        The row, as for ``multiply_adds``, which raises the same errors.

    Returns
    -------
    int
        Number of weights.

    Raises
    ------
    LayerError
        As ``multiply_adds``.

    Notes
    -----
    Source: krizhevsky_2012, section 3.5 (60 million parameters).

    Examples
    --------
    >>> weights(Layer("fc8", "dense", in_channels=4096, out_channels=1000))
    4096000
    """
    return layer.repeat * _checked_kind(layer).weights(layer)


def _checked_kind(layer: Layer) -> Kind:
    for column, rule in check_layer(layer):
        error = UnknownLayerKind if column == "kind" else LayerError
        raise error(layer.layer, column, rule)
    return KINDS[layer.kind]


def check_layer(layer: Layer) -> list[tuple[str, str]]:
    """Rules that a row breaks by itself: pairs of column and rule, empty when it is sound.

    Examples
    --------
    >>> check_layer(Layer("conv2", "conv", in_channels=96, out_channels=256, groups=5))
    [('groups', 'must divide in_channels (96)'), ('groups', 'must divide out_channels (256)')]
    """
    if (kind := KINDS.get(layer.kind)) is None:
        return [("kind", _unknown_kind(layer.kind))]
    values: dict[str, int] = {name: getattr(layer, name) for name in ("repeat", *SHAPE_COLUMNS)}
    if small := [(name, "must be at least 1") for name, value in values.items() if value < 1]:
        return small
    problems = [
        (name, f"is not used by {layer.kind}: leave it empty")
        for name in SHAPE_COLUMNS
        if name not in kind.columns and values[name] != 1
    ]
    problems += [
        (column, f"must divide {whole} ({values[whole]})")
        for column, whole in kind.divides
        if values[whole] % values[column]
    ]
    if kind.keeps_channels and layer.out_channels not in (1, layer.in_channels):
        problems.append(("out_channels", f"must be empty or {layer.in_channels}, as in_channels"))
    if layer.kind == "split" and layer.out_channels > layer.in_channels:
        problems.append(("out_channels", f"must be at most in_channels ({layer.in_channels})"))
    return problems


def _unknown_kind(kind: str) -> str:
    near = difflib.get_close_matches(kind, KINDS, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"unknown kind {kind!r}; {hint}valid kinds: {', '.join(sorted(KINDS))}"


def check_sequence(layers: Sequence[Layer]) -> list[tuple[int, str, str]]:
    """Rows that cannot follow the rows they take their input from.

    Compares ``in_channels`` (and, where a kind keeps it, the size) with what the inputs hand on;
    ``check_layer`` is for what is wrong inside a row, and rows of unknown kind are passed over.

    Returns
    -------
    list
        One (position of the row counted from 0, column, rule) for each misfit.

    Examples
    --------
    >>> check_sequence([
    ...     Layer("conv1", "conv", in_channels=3, out_channels=96),
    ...     Layer("conv2", "conv", in_channels=64, out_channels=256),
    ... ])
    [(1, 'in_channels', 'must be 96, what conv1 hands on')]
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


def _misfits(layer: Layer, inputs: Sequence[Layer]) -> list[tuple[str, str]]:
    if not inputs or any(row.kind not in KINDS for row in (layer, *inputs)):
        return []
    kind = KINDS[layer.kind]
    names = f"{' and '.join(row.layer for row in inputs)} hand{'s' * (len(inputs) == 1)} on"
    problems = [
        ("in_channels", f"must be {expected}, what {names}")
        for expected in _expected_channels(kind.reads, inputs)
        if expected != layer.in_channels
    ][:1]
    if kind.keeps_size:
        problems += [
            (column, f"must be {expected}, the size that {names}")
            for column in ("out_height", "out_width")
            for expected in sorted({getattr(row, column) for row in inputs if _has_size(row)})
            if expected != getattr(layer, column)
        ]
    return problems


def _expected_channels(reads: str, inputs: Sequence[Layer]) -> list[int]:
    """Return what in_channels must equal: nothing, one number, or one an input."""
    channels = [
        row.in_channels if KINDS[row.kind].keeps_channels else row.out_channels for row in inputs
    ]
    if reads == "equal":
        return channels
    if reads == "channels":
        return [sum(channels)]
    if reads == "values" and all(_has_size(row) for row in inputs):
        values = (count * row.positions for count, row in zip(channels, inputs, strict=True))
        return [sum(values)]
    return []


def _has_size(row: Layer) -> bool:
    """Tell whether the row states the size it hands on: ``transposed_conv`` states its input's."""
    return row.kind != "transposed_conv"
