"""An independent second count: real torch models, counted by torch itself.

The models are written out here from their papers and run on the ``meta`` device, which works
out shapes but no values. torch counts two operations a multiply-add.
"""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from aicompute.layers import Layer, multiply_adds

ARCHITECTURES = Path(__file__).parents[1] / "data" / "architectures"


def counted_by_table(architecture: str) -> int:
    """Sum the multiply-adds of one layer table, read with the csv module alone."""
    texts = ("layer", "kind", "input")
    total = 0
    with (ARCHITECTURES / f"{architecture}.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            given: dict[str, Any] = {
                name: cell if name in texts else int(cell)
                for name, cell in row.items()
                if cell and name != "note"
            }
            total += multiply_adds(Layer(**given))
    return total


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


def vgg16() -> nn.Module:
    layers: list[nn.Module] = []
    channels = 3
    for width, convolutions in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(convolutions):
            layers.append(nn.Conv2d(channels, width, 3, padding=1))
            channels = width
        layers.append(nn.MaxPool2d(2))
    dense = (nn.Linear(25_088, 4096), nn.Linear(4096, 4096), nn.Linear(4096, 1000))
    return nn.Sequential(*layers, nn.Flatten(), *dense)


class Bottleneck(nn.Module):
    """The block of ResNet-50 as in the paper: the stride is on the first convolution."""

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


def resnet50() -> nn.Module:
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 7, 2, 3), nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for width, blocks, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for block in range(blocks):
            layers.append(Bottleneck(channels, width, 1 if block else stride))
            channels = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000))


def generator() -> nn.Module:
    return nn.Sequential(
        nn.Linear(100, 8000), nn.Linear(8000, 8000), nn.Unflatten(1, (80, 10, 10)),
        nn.ConvTranspose2d(80, 3, 5, stride=3),
    )  # fmt: skip


MODELS: dict[str, tuple[Callable[[], nn.Module], Tensor]] = {
    "alexnet": (alexnet, image(3, 227)),
    "vgg16": (vgg16, image(3, 224)),
    "resnet50": (resnet50, image(3, 224)),
    "gan_conv_generator": (generator, torch.empty(1, 100, device="meta")),
}


@pytest.mark.parametrize("architecture", MODELS)
def test_torch_counts_what_the_layer_table_counts(architecture: str) -> None:
    build, example = MODELS[architecture]
    with torch.device("meta"):
        model = build()
    assert counted_by_torch(model, example) == counted_by_table(architecture)


def test_torch_counts_a_separable_convolution_alike() -> None:
    # The last separable convolution of Xception: 10 x 10 x (1536 x 9 + 1536 x 2048).
    with torch.device("meta"):
        depthwise = nn.Conv2d(1536, 1536, 3, padding=1, groups=1536, bias=False)
        model = nn.Sequential(depthwise, nn.Conv2d(1536, 2048, 1, bias=False))
    rows = [
        Layer("depthwise", "depthwise_conv", 1, 1536, 1536, 3, 3, 1, 10, 10),
        Layer("pointwise", "conv", 1, 1536, 2048, 1, 1, 1, 10, 10),
    ]
    assert counted_by_torch(model, image(1536, 10)) == sum(map(multiply_adds, rows))


def test_torch_counts_an_encoder_of_the_big_transformer_alike() -> None:
    # The table leaves out scores and weighted sums; the kind `attention` counts them.
    tokens = 30
    with torch.device("meta"):
        layer = nn.TransformerEncoderLayer(1024, 16, 4096, batch_first=True)
        model = nn.TransformerEncoder(layer, 6, enable_nested_tensor=False)
        sentence = torch.empty(1, tokens, 1024)
    attention = Layer("attention", "attention", 6, 1024, 1024, 1, tokens, 16, 1, tokens)
    expected = tokens * counted_by_table("transformer_big_encoder") + multiply_adds(attention)
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
