"""What every test shares: copies of the data to damage, one built book, and no skip in CI."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# Read when numpy is loaded: the threads of its algebra wait for each other by spinning, and would
# keep a processor from the tests beside them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from aicompute.assumptions import Assumptions
from aicompute.dataset import DATA, Dataset
from aicompute.study import Study

# A script that starts the tests in the background has them ignore interrupts, and so would every
# process that a test starts, and waits for the end of.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("chapters", "data", "_config.yml", "_toc.yml")

#: The files that take longest, the longest first: begun last, one would hold up the end of all.
LONGEST = (
    "test_kills", "test_pages", "test_hostile_book", "test_sameness", "test_build",
    "test_interrupts", "test_damaged_data", "test_guard", "test_faults", "test_sweep",
    "test_workflow", "test_cli", "test_what_if", "test_scenarios", "test_kernels",
)

# What takes a moment longer on a busy machine is no fault of what is tested.
settings.register_profile("book", deadline=None)
settings.load_profile("book")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


@pytest.fixture(scope="session")
def study() -> Study:
    """The baseline: the report's own data under the default assumptions."""
    return Study(Dataset(DATA), Assumptions())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the tables, to change."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


@pytest.fixture
def change(data: Path) -> Callable[[str, str, str], None]:
    """Replace a text that stands exactly once in a file of the copy."""

    def replace(file: str, before: str, after: str) -> None:
        text = (data / file).read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in {file}"
        (data / file).write_text(text.replace(before, after), encoding="utf-8")

    return replace


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of the baseline, built once for all tests that only read it.

    Where tests run in several processes, the first that asks builds, and the others wait for it.
    """
    from aicompute.book.build import Order, build

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    output = shared / "book" / "_build"
    with (shared / "book.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (output / "results.json").is_file():
            build(Order(output=output))
    return output


@pytest.fixture
def rebuilt(book: Path, tmp_path: Path) -> Path:
    """A copy of the built output folder, to build in again: kept pages are not run again."""
    return Path(shutil.copytree(book, tmp_path / "_build", symlinks=True))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the chapters, the contents and the configuration, to change."""
    target = tmp_path / "report"
    target.mkdir()
    for name in COPIED:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copyfile
        copy(source, target / name)
    return target


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a test that was skipped fails the run: a skip would hide what should have run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", [])) if reporter else 0
    if os.environ.get("CI") and skipped and exitstatus == 0:
        reporter.write_line(f"{skipped} tests were skipped, which CI does not allow", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
