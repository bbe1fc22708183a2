"""An independent second count: real torch models, counted by torch itself.

The models are written out here from their papers and run on the ``meta`` device, which works out
shapes but no values. torch counts two operations a multiply-add. Run weekly, as torch is large.
"""

from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch", reason="the count by torch needs `pip install torch`")

from torch import Tensor, nn  # noqa: E402 (after the skip)
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from aicompute.layers import Layer, multiply_adds  # noqa: E402
from aicompute.methods import counted_multiply_adds  # noqa: E402


def counted_by_torch(model: nn.Module, *inputs: Tensor) -> int:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(*inputs)
    operations: int = sum(counter.get_flop_counts()["Global"].values())
    assert operations % 2 == 0
    return operations // 2


def image(channels: int, size: int) -> Tensor:
    return torch.empty(1, channels, size, size, device="meta")


def alexnet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 96, 11, stride=4), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1),
        nn.Conv2d(384, 384, 3, padding=1, groups=2),
        nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.MaxPool2d(3, 2),
        nn.Flatten(), nn.Linear(9216, 4096), nn.Linear(4096, 4096), nn.Linear(4096, 1000),
    )  # fmt: skip


def vgg(*convolutions: int) -> nn.Module:
    layers: list[nn.Module] = []
    channels = 3
    for width, count in zip((64, 128, 256, 512, 512), convolutions, strict=True):
        for _ in range(count):
            layers.append(nn.Conv2d(channels, width, 3, padding=1))
            channels = width
        layers.append(nn.MaxPool2d(2))
    dense = (nn.Linear(25_088, 4096), nn.Linear(4096, 4096), nn.Linear(4096, 1000))
    return nn.Sequential(*layers, nn.Flatten(), *dense)


class Bottleneck(nn.Module):
    """A block of ResNet as in the paper: the stride is on the first convolution."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.path = nn.Sequential(
            nn.Conv2d(channels, width, 1, stride, bias=False),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.Conv2d(width, 4 * width, 1, bias=False),
        )
        same = channels == 4 * width
        self.shortcut = nn.Identity() if same else nn.Conv2d(channels, 4 * width, 1, stride)

    def forward(self, values: Tensor) -> Tensor:
        total: Tensor = self.path(values) + self.shortcut(values)
        return total


def resnet(*blocks: int) -> nn.Module:
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 7, 2, 3), nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for count, width, stride in zip(blocks, (64, 128, 256, 512), (1, 2, 2, 2), strict=True):
        for block in range(count):
            layers.append(Bottleneck(channels, width, 1 if block else stride))
            channels = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000))


def zfnet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 96, 7, stride=2, padding=1), nn.MaxPool2d(3, 2, 1),
        nn.Conv2d(96, 256, 5, stride=2), nn.MaxPool2d(3, 2, 1),
        nn.Conv2d(256, 384, 3, padding=1), nn.Conv2d(384, 384, 3, padding=1),
        nn.Conv2d(384, 256, 3, padding=1), nn.MaxPool2d(3, 2),
        nn.Flatten(), nn.Linear(9216, 4096), nn.Linear(4096, 4096), nn.Linear(4096, 1000),
    )  # fmt: skip


def dqn() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(4, 16, 8, stride=4), nn.Conv2d(16, 32, 4, stride=2), nn.Flatten(),
        nn.Linear(2592, 256), nn.Linear(256, 18),
    )  # fmt: skip


def separable(channels: int, *widths: int) -> list[nn.Module]:
    """Separable convolutions one after another: each over space, then over channels."""
    layers: list[nn.Module] = []
    for width in widths:
        layers.append(nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False))
        layers.append(nn.Conv2d(channels, width, 1, bias=False))
        channels = width
    return layers


class Downsampling(nn.Module):
    """A block of Xception that halves the map: two separable convolutions beside a shortcut."""

    def __init__(self, channels: int, *widths: int) -> None:
        super().__init__()
        self.path = nn.Sequential(*separable(channels, *widths), nn.MaxPool2d(3, 2, 1))
        self.shortcut = nn.Conv2d(channels, widths[-1], 1, 2, bias=False)

    def forward(self, values: Tensor) -> Tensor:
        total: Tensor = self.path(values) + self.shortcut(values)
        return total


def xception() -> nn.Module:
    # chollet_2016, Figure 5; a sum with the input costs nothing, so the middle is one path.
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, 2, bias=False), nn.Conv2d(32, 64, 3, bias=False),
        Downsampling(64, 128, 128), Downsampling(128, 256, 256), Downsampling(256, 728, 728),
        *separable(728, *[728] * 24), Downsampling(728, 728, 1024),
        *separable(1024, 1536, 2048), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(2048, 1000),
    )  # fmt: skip


class GoPlayer(nn.Module):
    """The network of AlphaGo Zero: a tower of residual blocks and two heads."""

    def __init__(self, blocks: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(17, 256, 3, padding=1)
        self.tower = nn.Sequential(*[nn.Conv2d(256, 256, 3, padding=1) for _ in range(2 * blocks)])
        self.policy = nn.Sequential(nn.Conv2d(256, 2, 1), nn.Flatten(), nn.Linear(722, 362))
        self.value = nn.Sequential(
            nn.Conv2d(256, 1, 1), nn.Flatten(), nn.Linear(361, 256), nn.Linear(256, 1)
        )

    def forward(self, board: Tensor) -> tuple[Tensor, Tensor]:
        values = self.tower(self.stem(board))
        return self.policy(values), self.value(values)


def generator() -> nn.Module:
    return nn.Sequential(
        nn.Linear(100, 8000), nn.Linear(8000, 8000), nn.Unflatten(1, (80, 10, 10)),
        nn.ConvTranspose2d(80, 3, 5, stride=3),
    )  # fmt: skip


MODELS: dict[str, tuple[Callable[[], nn.Module], Tensor]] = {
    "alexnet": (alexnet, image(3, 227)),
    "zfnet": (zfnet, image(3, 224)),
    "dqn": (dqn, image(4, 84)),
    "vgg16": (lambda: vgg(2, 2, 3, 3, 3), image(3, 224)),
    "vgg19": (lambda: vgg(2, 2, 4, 4, 4), image(3, 224)),
    "resnet50": (lambda: resnet(3, 4, 6, 3), image(3, 224)),
    "resnet101": (lambda: resnet(3, 4, 23, 3), image(3, 224)),
    "resnet152": (lambda: resnet(3, 8, 36, 3), image(3, 224)),
    "xception": (xception, image(3, 299)),
    "alphago_zero_20": (lambda: GoPlayer(19), image(17, 19)),
    "alphago_zero_40": (lambda: GoPlayer(39), image(17, 19)),
    "gan_conv_generator": (generator, torch.empty(1, 100, device="meta")),
}


@pytest.mark.parametrize("architecture", MODELS)
def test_torch_counts_what_the_layer_table_counts(architecture: str) -> None:
    build, example = MODELS[architecture]
    with torch.device("meta"):
        model = build()
    assert counted_by_torch(model, example) == counted_multiply_adds(architecture)


def test_torch_counts_an_encoder_of_the_big_transformer_alike() -> None:
    # The table leaves out scores and weighted sums; the kind `attention` counts them.
    tokens = 30
    with torch.device("meta"):
        layer = nn.TransformerEncoderLayer(1024, 16, 4096, batch_first=True)
        model = nn.TransformerEncoder(layer, 6, enable_nested_tensor=False)
        sentence = torch.empty(1, tokens, 1024)
    attention = Layer("attention", "attention", 6, 1024, 1024, 1, tokens, 16, 1, tokens)
    expected = tokens * counted_multiply_adds("transformer_big_encoder") + multiply_adds(attention)
    assert counted_by_torch(model, sentence) == expected


@pytest.mark.parametrize(
    ("cell", "kind"), [(nn.RNNCell, "rnn"), (nn.LSTMCell, "lstm"), (nn.GRUCell, "gru")]
)
def test_torch_counts_a_step_of_a_recurrent_layer_alike(cell: type[nn.Module], kind: str) -> None:
    with torch.device("meta"):
        model = cell(620, 1000)
        word = torch.empty(1, 620)
    row = Layer("step", kind, in_channels=620, out_channels=1000)
    assert counted_by_torch(model, word) == multiply_adds(row)
