"""What a sweep's worker needs, wherever it runs: the plan, the tables, and which code to run."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aicompute.dataset import Dataset
from aicompute.errors import BuildError, CallError
from aicompute.sweeps.evaluate import RESULTS, Evaluator
from aicompute.sweeps.plan import Plan

#: Settings in one chunk: the same wherever the sweep runs, so that its bits are the same too.
CHUNK = 8192
PACKAGE = Path(__file__).resolve().parent.parent
#: What a chunk's results come from: whole rooms, and modules beside them; a test holds it complete.
ROOMS = ("dataset", "layers", "methods", "sweeps")
MODULES = (
    "assumption_model", "assumptions", "errors", "names", "study", "trend", "units", "wording",
    "yaml_file",
)
#: Libraries whose version may change the last bit of a result.
LIBRARIES = ("numpy", "scipy", "pandas")


@dataclass(frozen=True)
class Task:
    """A sweep in one piece that can be sent to another machine."""

    plan: Plan
    tables: tuple[tuple[str, bytes], ...]
    code: str

    @classmethod
    def of(cls, plan: Plan, dataset: Dataset) -> Task:
        """Pack a plan with its tables."""
        files = dataset.files()
        packed = ((file, zlib.compress((dataset.directory / file).read_bytes())) for file in files)
        return cls(plan, tuple(packed), code_sha256())

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return -(-self.plan.size // CHUNK)

    def settings(self, number: int) -> int:
        """Number of settings in one chunk."""
        return min(CHUNK, self.plan.size - number * CHUNK)

    @cached_property
    def key(self) -> str:
        """Checksum of all that the results depend on."""
        plan = json.dumps(
            [self.plan.fixed, [repr(axis) for axis in self.plan.axes], self.plan.samples,
             self.plan.seed, self.plan.design, self.code, RESULTS, CHUNK],
            default=str, sort_keys=True,
        )
        digest = hashlib.sha256(plan.encode())
        for file, content in self.tables:
            digest.update(f"{file}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


def calculate_chunk(task: Task, number: int) -> NDArray[np.float64]:
    """Calculate one chunk of a sweep, in any process on any machine.

    Raises
    ------
    CallError
        If this machine runs another version of the code: its results would not fit the others'.
    """
    if task.code != code_sha256():
        raise CallError("a worker runs another version of the code or of its libraries")
    return _evaluator(task).results(number * CHUNK, (number + 1) * CHUNK)


@lru_cache(maxsize=1)
def code_sha256() -> str:
    """Checksum of the modules and of the libraries that calculate."""
    digest = hashlib.sha256()
    modules = [PACKAGE / f"{name}.py" for name in MODULES]
    modules += [path for room in ROOMS for path in sorted((PACKAGE / room).glob("*.py"))]
    for path in modules:
        digest.update(str(path.relative_to(PACKAGE)).encode() + path.read_bytes())
    for library in LIBRARIES:
        digest.update(f"{library}=={version(library)}".encode())
    return digest.hexdigest()


#: The evaluator of the last task, by its key: a worker gets many chunks of one sweep.
_EVALUATORS: dict[str, Evaluator] = {}


def _evaluator(task: Task) -> Evaluator:
    key = task.key
    if key not in _EVALUATORS:
        _EVALUATORS.clear()
        _EVALUATORS[key] = Evaluator(task.plan, _dataset(task))
    return _EVALUATORS[key]


def _dataset(task: Task) -> Dataset:
    """The tables as the sweep's owner has them, whatever lies on this machine."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _unpacked(task, Path(folder))
    except OSError as error:
        raise BuildError.refused(error, "the folder for temporary files (TMPDIR)") from None


def _unpacked(task: Task, folder: Path) -> Dataset:
    """The tables, written to a folder and all read before that goes."""
    for file, content in task.tables:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zlib.decompress(content))
    dataset = Dataset(folder)
    for name in dataset.schemas:
        if name != "architectures":
            dataset.rows(name)
    for name in dataset.architectures():
        dataset.rows(f"architectures/{name}")
    return dataset
