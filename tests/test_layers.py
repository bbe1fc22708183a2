"""One layer at a time: every count is worked out by hand, never by the formula under test."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicompute.layers import KINDS, Layer, check_layer, check_sequence, multiply_adds, weights

#: A layer, its multiply-adds and its weights.
COUNTED = [
    # The first layer of AlexNet: 55 x 55 x 96 outputs, each of 11 x 11 x 3 products.
    (Layer("conv1", "conv", 1, 3, 96, 11, 11, 1, 55, 55), 105_415_200, 34_848),
    # 1 x 1: every position by itself, 4 x 4 x (2 x 3).
    (Layer("pointwise", "conv", 1, 2, 3, 1, 1, 1, 4, 4), 96, 6),
    # In two groups a filter sees 4 / 2 channels: 5 x 5 x 6 outputs of 3 x 3 x 2.
    (Layer("grouped", "conv", 1, 4, 6, 3, 3, 2, 5, 5), 2_700, 108),
    # Kernel and map that are not square: 2 x 7 x 5 outputs of 3 x 1 x 4.
    (Layer("oblong", "conv", 1, 4, 5, 3, 1, 1, 2, 7), 840, 60),
    # Each of 8 channels by itself: 4 x 4 x 8 outputs of 3 x 3.
    (Layer("depthwise", "depthwise_conv", 1, 8, 8, 3, 3, 1, 4, 4), 1_152, 72),
    # Two filters a channel: 4 x 4 x 16 outputs of 3 x 3.
    (Layer("doubled", "depthwise_conv", 1, 8, 16, 3, 3, 1, 4, 4), 2_304, 144),
    # From each of 10 x 10 positions, 80 values go into 5 x 5 x 3 sums.
    (Layer("deconv", "transposed_conv", 1, 80, 3, 5, 5, 1, 10, 10), 600_000, 6_000),
    (Layer("fc8", "dense", in_channels=4096, out_channels=1000), 4_096_000, 4_096_000),
    # Two experts of eight act, each of 3 x 4 products; all eight are there.
    (Layer("experts", "experts", 1, 3, 4, 1, 2, 8), 24, 96),
    # 2 units, each fed by 3 values and by the 2 units: 2 x 5.
    (Layer("rnn", "rnn", in_channels=3, out_channels=2), 10, 10),
    # The same four times (input, forget and output gate, candidate).
    (Layer("lstm", "lstm", in_channels=3, out_channels=2), 40, 40),
    # sutskever_2014: 4 x 1000 x (1000 + 1000) a layer, 32 million in four.
    (Layer("deep", "lstm", 4, 1000, 1000), 32_000_000, 32_000_000),
    # The same three times (update and reset gate, candidate).
    (Layer("gru", "gru", in_channels=3, out_channels=2), 30, 30),
    # 10 scores of 4 products, then 10 scores times values of 6.
    (Layer("look", "attention", 1, 4, 6, 1, 10), 100, 0),
    # 12 queries on 12 keys, 8 wide: 12 x 12 x 8 for the scores and as much for the sums.
    (Layer("self", "attention", 1, 8, 8, 1, 12, 1, 1, 12), 2_304, 0),
    # bahdanau_2014 at 25 words: 25 x 1000 for the scores, 25 x 2000 for the context.
    (Layer("align", "additive_attention", 1, 1000, 2000, 1, 25), 75_000, 1_000),
    # 1024 words are 10 decisions away, each of 1000 products; their tree has 1023 inner nodes.
    (Layer("tree", "hierarchical_softmax", 1, 1000, 1024), 10_000, 1_023_000),
    # 80,000 words of 1000 values each, though looking one up costs nothing.
    (Layer("embedding", "embedding", 1, 80_000, 1000), 0, 80_000_000),
    (Layer("maxout", "maxout", 1, 1200, 240, 1, 1, 1, 7, 7), 0, 0),
    (Layer("reshape", "reshape", 1, 8000, 80, 1, 1, 1, 10, 10), 0, 0),
    (Layer("pool", "pool", 1, 96, 96, 3, 3, 1, 27, 27), 0, 0),
    (Layer("norm", "norm", 1, 96, 96, 1, 1, 1, 27, 27), 0, 0),
    (Layer("relu", "activation", 1, 96, 96, 1, 1, 1, 27, 27), 0, 0),
    (Layer("add", "add", 1, 256, 256, 1, 1, 1, 56, 56), 0, 0),
    (Layer("concat", "concat", 1, 256, 256, 1, 1, 1, 28, 28), 0, 0),
    (Layer("split", "split", 1, 256, 64, 1, 1, 1, 28, 28), 0, 0),
]


@pytest.mark.parametrize(("layer", "products", "weighs"), COUNTED,
                         ids=lambda value: getattr(value, "layer", ""))
def test_products_and_weights_are_those_counted_by_hand(
    layer: Layer, products: int, weighs: int
) -> None:
    assert check_layer(layer) == []
    assert (multiply_adds(layer), weights(layer)) == (products, weighs)


def test_every_kind_is_counted_by_hand_somewhere() -> None:
    # Guards against a kind that is added without a hand-worked row above.
    assert {layer.kind for layer, *_ in COUNTED} == set(KINDS)


def test_an_unknown_kind_is_refused_by_name_with_the_valid_kinds() -> None:
    with pytest.raises(ValueError, match=r"convolve: unknown; did you mean conv\?") as error:
        multiply_adds(Layer("conv1", "convolve", in_channels=3))
    assert all(kind in str(error.value) for kind in KINDS)


@pytest.mark.parametrize(
    ("layer", "column", "rule"),
    [
        (Layer("a", "conv", 1, 96, 256, groups=5), "groups", "must divide in_channels (96)"),
        (Layer("a", "conv", 1, 96, 250, groups=4), "groups", "must divide out_channels (250)"),
        (Layer("a", "depthwise_conv", 1, 8, 12), "in_channels", "must divide out_channels (12)"),
        (Layer("a", "maxout", 1, 10, 4), "out_channels", "must divide in_channels (10)"),
        (Layer("a", "attention", 1, 10, 9, groups=3), "groups", "must divide in_channels (10)"),
        (Layer("a", "dense", 1, 4, 4, 3), "kernel_height", "is not used by dense: leave it empty"),
        (Layer("a", "lstm", out_width=9), "out_width", "is not used by lstm: leave it empty"),
        (Layer("a", "depthwise_conv", 1, 8, 8, groups=8), "groups",
         "is not used by depthwise_conv: leave it empty"),
        (Layer("a", "conv", out_height=0), "out_height", "must be at least 1"),
        (Layer("a", "dense", repeat=0), "repeat", "must be at least 1"),
        (Layer("a", "pool", 1, 96, 64), "out_channels", "must be empty or 96, as in_channels"),
        (Layer("a", "split", 1, 64, 96), "out_channels", "must be at most in_channels (64)"),
        (Layer("a", "experts", 1, 4, 4, 1, 9, 8), "kernel_width", "must be at most groups (8)"),
    ],
)
def test_a_row_that_breaks_a_rule_names_the_column_and_the_rule(
    layer: Layer, column: str, rule: str
) -> None:
    assert (column, rule) in check_layer(layer)
    with pytest.raises(ValueError, match=re.escape(f"layer a: {column}: {rule}")):
        multiply_adds(layer)


CONV = Layer("conv", "conv", 1, 3, 256, 3, 3, 1, 6, 6)
POOL = Layer("pool", "pool", 1, 256, 256, 2, 2, 1, 3, 3)
LEFT = Layer("left", "conv", 1, 256, 64, out_height=6, out_width=6)
#: Rows one below the other, and what does not fit: row, column and rule.
SEQUENCES = {
    # 3 x 3 x 256, flattened.
    "layers that fit": ([CONV, POOL, Layer("fc", "dense", 1, 2304, 10)], []),
    "a dense layer takes the whole map, not its channels alone": (
        [CONV, POOL, Layer("fc", "dense", 1, 256, 10)],
        [(2, "in_channels", "must be 2304, what pool hands on")]),
    "a layer that does not fit the row above": (
        [CONV, Layer("next", "conv", 1, 128, 10)],
        [(1, "in_channels", "must be 256, what conv hands on")]),
    "a branch names the row it takes its input from": (
        [CONV, LEFT, Layer("right", "conv", 1, 256, 32, out_height=6, out_width=6, input="conv"),
         Layer("both", "concat", 1, 96, 96, out_height=6, out_width=6, input="left right")], []),
    "joined branches hand on the sum of their channels": (
        [CONV, LEFT, Layer("both", "concat", 1, 256, 256, 1, 1, 1, 6, 6, input="left conv")],
        [(2, "in_channels", "must be 320, what left and conv hand on")]),
    "a sum takes inputs of one shape": (
        [CONV, Layer("left", "conv", 1, 256, 64, out_height=3, out_width=6),
         Layer("sum", "add", 1, 256, 256, out_height=6, out_width=6, input="conv left")],
        [(2, "in_channels", "must be 64, what conv and left hand on"),
         (2, "out_height", "must be 3, the size that conv and left hand on")]),
    "a repeat named twice hands on both directions": (
        [Layer("gru", "gru", 2, 620, 1000), Layer("keys", "dense", 1, 2000, 9, input="gru gru")],
        []),
    "an input from outside the table": ([CONV, Layer("state", "dense", 1, 7, 7, input="-")], []),
    "an input that is no row above": (
        [Layer("first", "dense", 1, 3, 3, input="second"), CONV],
        [(0, "input", "'second' is not a row above")]),
    "a transposed convolution states the size that comes in": (
        [CONV, Layer("deconv", "transposed_conv", 1, 256, 3, 5, 5, 1, 18, 18)],
        [(1, "out_height", "must be 6, the size that conv hands on"),
         (1, "out_width", "must be 6, the size that conv hands on")]),
    "a row of unknown kind is left to the check of single rows": (
        [CONV, Layer("x", "mystery"), POOL], []),
}


@pytest.mark.parametrize("case", SEQUENCES)
def test_rows_are_held_to_what_the_rows_they_follow_hand_on(case: str) -> None:
    rows, misfits = SEQUENCES[case]
    assert check_sequence(rows) == misfits


SMALL = st.integers(1, 4)


@given(SMALL, SMALL, SMALL, SMALL, SMALL, SMALL)
def test_counting_one_product_at_a_time_gives_the_same(
    groups: int, into: int, out: int, kernel: int, height: int, width: int
) -> None:
    counted = 0
    sizes = (height, width, out * groups, into * groups, kernel, kernel)
    for _, _, channel, source, _, _ in itertools.product(*map(range, sizes)):
        counted += channel // out == source // into  # a product only inside one group
    layer = Layer("x", "conv", 1, into * groups, out * groups, kernel, kernel, groups, height,
                  width)
    assert multiply_adds(layer) == counted
