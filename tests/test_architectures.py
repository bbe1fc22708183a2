"""Whole networks against the totals in their papers, and against sums worked out by hand."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from aicompute.layers import Layer, check_layer, check_sequence, layer_of, multiply_adds, weights
from aicompute.tables import architecture, architectures


def layers_of(table: str) -> list[Layer]:
    """The layers of one table."""
    return [layer_of(row) for row in architecture(table).to_dict("records")]


PUBLISHED = [
    # (table, of what, how many, relative tolerance, source and why the tolerance); biases and norms
    # are left out of a table
    ("resnet50", multiply_adds, 3.8e9, 0.02, "he_2015, Table 1, two digits"),
    ("resnet101", multiply_adds, 7.6e9, 0.01, "he_2015, Table 1, two digits"),
    ("resnet152", multiply_adds, 11.3e9, 0.005, "he_2015, Table 1"),
    ("vgg16", multiply_adds, 15.3e9, 0.015, "he_2015, section 3.3, a little below the product"),
    ("vgg19", multiply_adds, 19.6e9, 0.005, "he_2015, section 3.3"),
    ("vgg16", multiply_adds, 15.470e9, 0.0001, "torchvision_2026, _ops of VGG16_Weights"),
    ("vgg19", multiply_adds, 19.632e9, 0.0001, "torchvision_2026, _ops of VGG19_Weights"),
    ("googlenet", multiply_adds, 1.5e9, 0.06, "szegedy_2014, section 1: a budget, rounded"),
    ("gnmt", multiply_adds, 214e6, 0.005, "shazeer_2017: operations a time step of GNMT"),
    ("alexnet", weights, 60e6, 0.02, "krizhevsky_2012, section 3.5, rounded"),
    # 34,848 + 307,200 + 884,736 + 663,552 + 442,368, and 37,748,736 + 16,777,216 + 4,096,000
    ("alexnet", weights, 60_954_656, 0.0, "krizhevsky_2012, section 3.5, by hand from its shapes"),
    ("zfnet", weights, 62_357_608, 0.0002, "tyagi_2021, table 1.4, with 10,568 biases"),
    ("vgg16", weights, 138_357_544, 0.001, "torchvision_2026"),
    ("vgg19", weights, 143_667_240, 0.001, "torchvision_2026"),
    ("googlenet", weights, 6_624_904, 0.06, "torchvision_2026, with the smaller 3 x 3 kernels"),
    ("resnet50", weights, 25_557_032, 0.003, "torchvision_2026"),
    ("resnet101", weights, 44_549_160, 0.003, "torchvision_2026"),
    ("resnet152", weights, 60_192_808, 0.003, "torchvision_2026"),
    ("xception", weights, 22_855_952, 0.003, "chollet_2016, Table 3"),
    ("gnmt", weights, 278e6, 0.003, "shazeer_2017, parameters of GNMT"),
    # 160,000 words x 1000, or 80,000 x 1000 twice, and 32 million recurrent
    ("seq2seq_encoder", weights, 192e6, 0.0, "sutskever_2014, section 3.4: half of 384 million"),
    ("seq2seq_decoder", weights, 192e6, 0.0, "sutskever_2014, section 3.4: half of 384 million"),
    ("gpt_3", weights, 174.6e9, 0.0005, "brown_2020, table D.1"),
    ("llama_3_1_405b", weights, 405e9, 0.003, "grattafiori_2024, in whole billions"),
    ("deepseek_v3", weights, 671e9, 0.0005, "deepseek_2024, all experts"),
]


@pytest.mark.parametrize(("table", "counted", "expected", "tolerance", "source"), PUBLISHED)
def test_a_network_has_what_its_source_says(
    table: str, counted: Callable[[Layer], int], expected: float, tolerance: float, source: str
) -> None:
    assert sum(map(counted, layers_of(table))) == pytest.approx(expected, rel=tolerance), source


def inception(side: int, wide: int, one: int, reduce_3: int, three: int,
              reduce_5: int, five: int, project: int) -> int:
    """An inception module by hand: the four branches of a row of szegedy_2014, Table 1."""
    return side**2 * (wide * (one + reduce_3 + reduce_5 + project)
                      + 9 * reduce_3 * three + 25 * reduce_5 * five)


XCEPTION_WITHOUT_ITS_CLASSES = (
    149**2 * 32 * 27 + 147**2 * 64 * 288
    + 147**2 * (64 * 137 + 128 * 137) + 74**2 * (64 * 128 + 128 * 265 + 256 * 265)
    + 37**2 * (128 * 256 + 256 * 737 + 728 * 737) + 19**2 * 256 * 728
    + 24 * 19**2 * 728 * 737
    + 19**2 * (728 * 737 + 728 * 1033) + 10**2 * (728 * 1024 + 1024 * 1545 + 1536 * 2057)
)
# Sums worked out by hand, layer by layer, in the comment or from the formula in the source.
HAND_WORKED_MULTIPLY_ADDS = [
    # conv 105,415,200 + 223,948,800 + 149,520,384 + 112,140,288 + 74,760,192,
    # fc 37,748,736 + 16,777,216 + 4,096,000
    ("alexnet", 724_406_816),
    # he_2015, Table 1, the stride of a stage in the first 1 x 1 of its first block. Stem 112^2 x 64
    # x 147 = 118,013,952. First blocks: 3136 x (64^2 + 9 x 64^2 + 2 x 64 x 256) = 231,211,008, and
    # 295,436,288 in each of the three stages that halve the map. Every other block 3136 x (2 x 256
    # x 64 + 9 x 64^2) = 218,365,952, whatever the stage. Dense layer 2048 x 1000.
    ("resnet50", 118_013_952 + 231_211_008 + 3 * 295_436_288 + 12 * 218_365_952 + 2_048_000),
    ("resnet101", 118_013_952 + 231_211_008 + 3 * 295_436_288 + 29 * 218_365_952 + 2_048_000),
    ("resnet152", 118_013_952 + 231_211_008 + 3 * 295_436_288 + 46 * 218_365_952 + 2_048_000),
    # 400 x 16 x 8 x 8 x 4 + 81 x 32 x 4 x 4 x 16 + 2592 x 256 + 256 x 18
    ("dqn", 1_638_400 + 663_552 + 663_552 + 4_608),
    # recurrent 32 million + softmax 1000 x 80,000
    ("seq2seq_decoder", 112_000_000),
    # 1280 x 1280 x (7 x 4 + 2), half of the article's 98 million
    ("deepspeech2", 49_152_000),
    # encoder 16 x 1024^2 + 12 x 1024^2 + 6 x 8 x 1024^2, decoder 8 x 12 x 1024^2, softmax
    ("gnmt", (16 + 12 + 48 + 96) * 1024**2 + 1024 * 32_000),
    # 6 layers of (4 x 1024^2 + 2 x 1024 x 4096)
    ("transformer_big_encoder", 75_497_472),
    # 6 layers of (8 x 1024^2 + 2 x 1024 x 4096) = 100,663,296, and 1024 x 37,000
    ("transformer_big_decoder", 100_663_296 + 37_888_000),
    # 32^2 x 64 x 75 + 16^2 x 64 x 1600 + 8^2 x 128 x 1600 + 2048 x 1000 + 1000 x 10
    ("adam_cifar", 4_915_200 + 26_214_400 + 13_107_200 + 2_048_000 + 10_000),
    # The same without pooling: 32^2 x 64 x 75, 32^2 x 64 x 1600, 32^2 x 128 x 1600, 131,072 x 1000
    ("adam_cifar_unpooled", 4_915_200 + 104_857_600 + 209_715_200 + 131_072_000 + 10_000),
    # bahdanau_2014, Appendix A: 6 x (1000 x 620 + 1000^2) + 2 x 1000 x 1000
    ("align_translate_encoder", 11_720_000),
    # 3 x 1000 x (620 + 1000 + 2000) + 1000^2 + 25 x 3000 + 2 x 500 x 3620 + 500 x 30,000
    ("align_translate_decoder", 10_860_000 + 1_000_000 + 75_000 + 3_620_000 + 15_000_000),
    # 100 x 8000 + 8000 x 8000 + 10 x 10 x 80 x 3 x 5 x 5
    ("gan_conv_generator", 800_000 + 64_000_000 + 600_000),
    # 33^2 x 64 x 192 + 15^2 x 64 x 2048 + 9^2 x 384 x 800 + 4800 x 2500 + 500
    ("gan_conv_discriminator", 13_381_632 + 29_491_200 + 24_883_200 + 12_000_000 + 500),
    ("gan_dense_generator", 800_000 + 64_000_000 + 24_576_000),
    ("gan_dense_discriminator", 24_576_000 + 12_800_000 + 1_600),
    # 784 x 500 + 2 x 500 x 3 + 3 x 500 + 500 x 784
    ("vae", 788_500),
    # Two heads: 16 x 512 (or 528) x 128 + 2048 x 1024 + 1024 x 1000 each
    ("googlenet_auxiliary", 1_048_576 + 1_081_344 + 2 * (2_097_152 + 1_024_000)),
    # mikolov_2013_efficient, equation 5: 10 x (1000 + 1000 x log2 692,000), log2 = 19.4004
    ("word2vec", 204_000),
    # 361 x (17 x 256 x 9 + 38 x 256 x 256 x 9 + 256 x 2 + 256) and heads of 722 x 362 + 361 x 256
    # + 256
    ("alphago_zero_20", 361 * (39_168 + 22_413_312 + 768) + 261_364 + 92_416 + 256),
    # 40 more convolutions of 256 x 256 x 9 at 361 positions
    ("alphago_zero_40", 8_105_976_564 + 361 * 40 * 589_824),
    ("alphazero_go", 8_105_976_564),
    # 64 x (119 x 2304 + 38 x 589,824 + 589,824 + 73 x 2304 + 256) + 64 x 256 + 256
    ("alphazero_chess", 64 * (274_176 + 22_413_312 + 589_824 + 168_192 + 256) + 16_640),
    # 81 x (362 x 2304 + 38 x 589,824 + 589,824 + 139 x 2304 + 256) + 81 x 256 + 256
    ("alphazero_shogi", 81 * (834_048 + 22_413_312 + 589_824 + 320_256 + 256) + 20_992),
    # 110^2 x 96 x 147 + 26^2 x 256 x 2400 + 13^2 x 384 x (2304 + 3456) + 13^2 x 256 x 3456
    # + the dense layers of AlexNet, 58,621,952
    ("zfnet", 170_755_200 + 415_334_400 + 373_800_960 + 149_520_384 + 58_621_952),
    # simonyan_2014, Table 1, columns D and E: 9 products of every channel that goes in with every
    # one that comes out, and 512 x 7 x 7 x 4096 + 4096^2 + 4096 x 1000 = 123,633,664
    ("vgg16", 9 * (224**2 * (3 * 64 + 64 * 64) + 112**2 * (64 * 128 + 128**2)
                   + 56**2 * (128 * 256 + 2 * 256**2) + 28**2 * (256 * 512 + 2 * 512**2)
                   + 14**2 * 3 * 512**2) + 123_633_664),
    ("vgg19", 9 * (224**2 * (3 * 64 + 64 * 64) + 112**2 * (64 * 128 + 128**2)
                   + 56**2 * (128 * 256 + 3 * 256**2) + 28**2 * (256 * 512 + 3 * 512**2)
                   + 14**2 * 4 * 512**2) + 123_633_664),
    # chollet_2016, Figure 5. A separable convolution of a into b channels costs a x (9 + b) an
    # output. Two plain ones; three blocks of two with a shortcut; 24; the last four; 1000 classes.
    ("xception", XCEPTION_WITHOUT_ITS_CLASSES + 2048 * 1000),
    ("xception_jft", XCEPTION_WITHOUT_ITS_CLASSES + 2048 * 17_000),
    # szegedy_2014, Table 1, row by row; see `inception`.
    ("googlenet", 112**2 * 3 * 64 * 49 + 56**2 * (64 * 64 + 9 * 64 * 192)
     + inception(28, 192, 64, 96, 128, 16, 32, 32) + inception(28, 256, 128, 128, 192, 32, 96, 64)
     + inception(14, 480, 192, 96, 208, 16, 48, 64) + inception(14, 512, 160, 112, 224, 24, 64, 64)
     + inception(14, 512, 128, 128, 256, 24, 64, 64) + inception(14, 512, 112, 144, 288, 32, 64, 64)
     + inception(14, 528, 256, 160, 320, 32, 128, 128)
     + inception(7, 832, 256, 160, 320, 32, 128, 128)
     + inception(7, 832, 384, 192, 384, 48, 128, 128) + 1024 * 1000),
    # sutskever_2014, section 3.4: 4 layers of 4 gates, each of 1000 cells that see 1000 + 1000
    ("seq2seq_encoder", 4 * 4 * 1000 * 2000),
    # brown_2020: 96 layers of 12 x 12,288^2 for projections and feed-forward layers, 1,024 keys
    # scored and added up, and 12,288 x 50,257 at the end
    ("gpt_3", 96 * (12 * 12_288**2 + 1_024 * 2 * 12_288) + 12_288 * 50_257),
    # grattafiori_2024, Table 3: query and output of 16,384^2, keys and values of 8 heads of 128,
    # three feed-forward layers, 4,096 keys scored and added up as if every head had its own
    ("llama_3_1_405b", 126 * (2 * 16_384**2 + 2 * 16_384 * 1_024 + 3 * 16_384 * 53_248
                              + 4_096 * 2 * 16_384) + 16_384 * 128_000),
    # deepseek_2024, section 4.2: 61 layers of latent attention, 3 dense feed-forward layers of
    # 18,432, 58 of one expert for all and 8 of 256, each of 3 x 7,168 x 2,048
    ("deepseek_v3", 61 * (7_168 * (1_536 + 576 + 16_384) + 1_536 * 24_576 + 512 * 32_768
                          + 2_048 * (24_576 + 16_384)) + 3 * 3 * 7_168 * 18_432
     + 58 * (7_168 * 256 + 9 * 3 * 7_168 * 2_048) + 7_168 * 129_280),
]


@pytest.mark.parametrize(("table", "expected"), HAND_WORKED_MULTIPLY_ADDS)
def test_a_network_costs_what_its_shapes_give_by_hand(table: str, expected: int) -> None:
    # Rounded only where the depth of a tree is not a whole number (word2vec).
    assert sum(map(multiply_adds, layers_of(table))) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("table", "torchvision"), [
    ("googlenet", 1.498e9), ("resnet50", 4.089e9), ("resnet101", 7.801e9), ("resnet152", 11.514e9)])
def test_one_choice_sets_a_network_apart_from_torchvision(table: str, torchvision: float) -> None:
    # torchvision_2026, _ops: GoogLeNet has 3 x 3 where the paper has 5 x 5; ResNet has the stride
    # on the 3 x 3 convolution, so that the first 1 x 1 of stages 3 to 5 is worked out at twice the
    # height and width.
    altered = []
    for row in layers_of(table):
        if row.layer.endswith("_5x5"):
            row = replace(row, kernel_height=3, kernel_width=3)
        elif row.layer in ("conv3_1_reduce", "conv4_1_reduce", "conv5_1_reduce"):
            row = replace(row, out_height=2 * row.out_height, out_width=2 * row.out_width)
        altered.append(row)
    assert sum(map(multiply_adds, altered)) == pytest.approx(torchvision, rel=0.0005)


@pytest.mark.parametrize("table", architectures())
def test_every_table_holds_sound_layers_that_fit_and_has_a_sum_by_hand(table: str) -> None:
    layers = layers_of(table)
    assert [problem for layer in layers for problem in check_layer(layer)] == []
    assert check_sequence(layers) == []
    # Guards against a table that is added without a sum by hand above; the page says it has one.
    assert table in {row[0] for row in HAND_WORKED_MULTIPLY_ADDS}
