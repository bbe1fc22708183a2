"""The script that measures utilization, on a processor: its networks, its counts, its rows."""

import csv
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

torch = pytest.importorskip("torch", reason="measuring needs `pip install torch`")

from torch.utils.flop_counter import FlopCounterMode  # noqa: E402 (after the skip)

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "measure_utilization"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    loader = SourceFileLoader("measure_utilization", str(SCRIPT))
    spec = spec_from_loader(loader.name, loader)
    assert spec
    module = module_from_spec(spec)
    sys.modules[loader.name] = module
    loader.exec_module(module)
    return module


# torch counts no recurrent layers, and a Transformer that infers by a faster way not at all.
@pytest.mark.parametrize("name", [
    "alexnet", "zfnet", "vgg16", "googlenet", "resnet152", "xception", "dqn", "alphago_zero_20",
    "transformer_big", "gpt2_like_24x1600"])
def test_a_network_does_the_multiply_adds_it_is_said_to(script: ModuleType, name: str) -> None:
    network = script.NETWORKS[name]
    with torch.device("meta"):
        model = network.build(False)
        inputs = [torch.empty(2, *shape) for shape in network.inputs(network.length)]
    with FlopCounterMode(display=False) as counter:
        model(*inputs)
    assert counter.get_total_flops() == 2 * 2 * network.multiply_adds


def test_a_dry_run_prints_a_row_a_network() -> None:
    names = ["alexnet", "dqn", "seq2seq", "deepspeech2_article", "gpt2_like_24x1600"]
    ran = subprocess.run(
        [sys.executable, SCRIPT, "--dry-run", "--network", *names, "--precision", "fp32", "bf16"],
        capture_output=True, text=True, check=True)
    rows = list(csv.reader(ran.stdout.splitlines()))
    assert [row[0] for row in rows] == [name for name in names for _ in range(2)]
    assert {len(row) for row in rows} == {17}
