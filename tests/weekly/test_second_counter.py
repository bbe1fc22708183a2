"""An independent second count: real torch models, counted by torch itself.

The models are written out here from their papers and run on the ``meta`` device, which works out
shapes but no values. What goes into a layer torch finds out by itself; it counts two operations a
multiply-add. Run weekly, as torch is large.
"""

from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch", reason="the count by torch needs `pip install torch`")

from torch import Tensor, nn  # noqa: E402 (after the skip)
from torch.nn import Flatten, MaxPool2d, Sequential  # noqa: E402
from torch.nn import LazyConv2d as Conv  # noqa: E402
from torch.nn import LazyLinear as Dense  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from aicompute.layers import Layer, multiply_adds  # noqa: E402
from aicompute.methods import counted_multiply_adds  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:Lazy modules")


def counted_by_torch(build: Callable[[], nn.Module], *shape: int) -> int:
    """Multiply-adds of a model for one input of a shape."""
    with torch.device("meta"), torch.no_grad():
        model, example = build(), torch.empty(1, *shape)
        model(example)  # settles what goes into each layer
        with FlopCounterMode(display=False) as counter:
            model(example)
    operations: int = counter.get_total_flops()
    assert operations % 2 == 0
    return operations // 2


class Sum(nn.Module):
    """Paths beside one another, whose values are added up."""

    def __init__(self, *paths: nn.Module) -> None:
        super().__init__()
        self.paths = nn.ModuleList(paths)

    def forward(self, values: Tensor) -> Tensor:
        total: Tensor = sum(path(values) for path in self.paths)  # type: ignore[assignment]
        return total


def classes(*widths: int) -> list[nn.Module]:
    return [Flatten(), *(Dense(width) for width in widths)]


def alexnet() -> nn.Module:
    return Sequential(
        Conv(96, 11, stride=4), MaxPool2d(3, 2), Conv(256, 5, padding=2, groups=2), MaxPool2d(3, 2),
        Conv(384, 3, padding=1), Conv(384, 3, padding=1, groups=2),
        Conv(256, 3, padding=1, groups=2), MaxPool2d(3, 2), *classes(4096, 4096, 1000))


def zfnet() -> nn.Module:
    return Sequential(
        Conv(96, 7, stride=2, padding=1), MaxPool2d(3, 2, 1), Conv(256, 5, stride=2),
        MaxPool2d(3, 2, 1), Conv(384, 3, padding=1), Conv(384, 3, padding=1),
        Conv(256, 3, padding=1), MaxPool2d(3, 2), *classes(4096, 4096, 1000))


def vgg(*convolutions: int) -> nn.Module:
    layers: list[nn.Module] = []
    for width, count in zip((64, 128, 256, 512, 512), convolutions, strict=True):
        layers += [*(Conv(width, 3, padding=1) for _ in range(count)), MaxPool2d(2)]
    return Sequential(*layers, *classes(4096, 4096, 1000))


def resnet(*blocks: int) -> nn.Module:
    """Blocks as in the paper: the stride is on the first convolution."""
    layers: list[nn.Module] = [Conv(64, 7, 2, 3), MaxPool2d(3, 2, 1)]
    for count, width, stride in zip(blocks, (64, 128, 256, 512), (1, 2, 2, 2), strict=True):
        for block in range(count):
            path = Sequential(Conv(width, 1, 1 if block else stride), Conv(width, 3, padding=1),
                              Conv(4 * width, 1))
            layers.append(Sum(path, nn.Identity() if block else Conv(4 * width, 1, stride)))
    return Sequential(*layers, nn.AdaptiveAvgPool2d(1), *classes(1000))


def dqn() -> nn.Module:
    return Sequential(Conv(16, 8, stride=4), Conv(32, 4, stride=2), *classes(256, 18))


def separable(channels: int, *widths: int) -> list[nn.Module]:
    """Separable convolutions one after another: each over space, then over channels."""
    return [layer for into, out in zip((channels, *widths), widths, strict=False)
            for layer in (Conv(into, 3, padding=1, groups=into), Conv(out, 1))]


def halved(channels: int, *widths: int) -> nn.Module:
    """A block of Xception that halves the map: two separable convolutions beside a shortcut."""
    return Sum(Sequential(*separable(channels, *widths), MaxPool2d(3, 2, 1)),
               Conv(widths[-1], 1, 2))


def xception() -> nn.Module:
    # chollet_2016, Figure 5; a sum with the input costs nothing, so the middle is one path.
    return Sequential(
        Conv(32, 3, 2), Conv(64, 3), halved(64, 128, 128), halved(128, 256, 256),
        halved(256, 728, 728), *separable(728, *[728] * 24), halved(728, 728, 1024),
        *separable(1024, 1536, 2048), nn.AdaptiveAvgPool2d(1), *classes(1000))


def go_player(blocks: int) -> nn.Module:
    """AlphaGo Zero: a tower of residual blocks, and two heads, of which the sum costs nothing."""
    tower = (Conv(256, 3, padding=1) for _ in range(1 + 2 * blocks))
    return Sequential(*tower, Sum(Sequential(Conv(2, 1), *classes(362)),
                                  Sequential(Conv(1, 1), *classes(256, 1))))


def generator() -> nn.Module:
    return Sequential(Dense(8000), Dense(8000), nn.Unflatten(1, (80, 10, 10)),
                      nn.LazyConvTranspose2d(3, 5, stride=3))


#: The model of a layer table, and the shape of what goes into it.
MODELS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "alexnet": (alexnet, (3, 227, 227)),
    "zfnet": (zfnet, (3, 224, 224)),
    "dqn": (dqn, (4, 84, 84)),
    "vgg16": (lambda: vgg(2, 2, 3, 3, 3), (3, 224, 224)),
    "vgg19": (lambda: vgg(2, 2, 4, 4, 4), (3, 224, 224)),
    "resnet50": (lambda: resnet(3, 4, 6, 3), (3, 224, 224)),
    "resnet101": (lambda: resnet(3, 4, 23, 3), (3, 224, 224)),
    "resnet152": (lambda: resnet(3, 8, 36, 3), (3, 224, 224)),
    "xception": (xception, (3, 299, 299)),
    "alphago_zero_20": (lambda: go_player(19), (17, 19, 19)),
    "alphago_zero_40": (lambda: go_player(39), (17, 19, 19)),
    "gan_conv_generator": (generator, (100,)),
}


@pytest.mark.parametrize("architecture", MODELS)
def test_torch_counts_what_the_layer_table_counts(architecture: str) -> None:
    build, shape = MODELS[architecture]
    assert counted_by_torch(build, *shape) == counted_multiply_adds(architecture)


def test_torch_counts_an_encoder_of_the_big_transformer_alike() -> None:
    # The table leaves out scores and weighted sums; the kind `attention` counts them.
    def encoder() -> nn.Module:
        layer = nn.TransformerEncoderLayer(1024, 16, 4096, batch_first=True)
        return nn.TransformerEncoder(layer, 6, enable_nested_tensor=False)

    tokens = 30
    attention = Layer("attention", "attention", 6, 1024, 1024, 1, tokens, 16, 1, tokens)
    expected = tokens * counted_multiply_adds("transformer_big_encoder") + multiply_adds(attention)
    assert counted_by_torch(encoder, tokens, 1024) == expected


@pytest.mark.parametrize(
    ("cell", "kind"), [(nn.RNNCell, "rnn"), (nn.LSTMCell, "lstm"), (nn.GRUCell, "gru")])
def test_torch_counts_a_step_of_a_recurrent_layer_alike(cell: type[nn.Module], kind: str) -> None:
    row = Layer("step", kind, in_channels=620, out_channels=1000)
    assert counted_by_torch(lambda: cell(620, 1000), 620) == multiply_adds(row)
