"""What every test shares: the tables to damage, numbers of every setting, and no skip in CI."""

import fcntl
import hashlib
import os
import pickle
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

# Read when numpy is loaded: the threads of its algebra wait for each other by spinning, and would
# keep a processor from the tests beside them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from aicompute import check
from aicompute.assumptions import Assumptions, parse_assumptions
from aicompute.cells import all_numbers, run_cells
from aicompute.check.cells import Problem
from aicompute.cli import main
from aicompute.recording import Number
from aicompute.tables import DATA, DATA_VARIABLE

ROOT = Path(__file__).resolve().parent.parent
#: In a shell that runs tests in the background interrupts are ignored, by their children too.
signal.signal(signal.SIGINT, signal.default_int_handler)

#: What takes longest, first: of two processes none then sits idle while the other ends such a file,
#: or, since the check of tables needs none, waits for the chapters' numbers.
FIRST = ("/book/", "/browser/", "test_chapters", "test_check", "test_sweep", "test_comments",
         "test_add", "test_scripts")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files before the short ones."""
    items.sort(key=lambda item: next(
        (place for place, name in enumerate(FIRST) if name in str(item.path)), len(FIRST)))


def _checked_once(problems: Callable[[Path], list[Problem]]) -> Callable[[Path], list[Problem]]:
    """The check of the tables, once for every content: many ask for the same."""
    told: dict[str, list[Problem]] = {}

    @wraps(problems)
    def remembered(folder: Path = DATA) -> list[Problem]:
        # What is no ordinary file is told apart by its name: it may never end.
        content = hashlib.sha256(repr([
            (path.relative_to(folder), path.is_file() and path.read_bytes())
            for path in sorted(folder.rglob("*"))]).encode()).hexdigest()
        if content not in told:
            told[content] = problems(folder)
        return told[content]

    return remembered


check.problems = _checked_once(check.problems)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Fail a skipped test in CI: one that skips there tests nothing anywhere."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which CI counts as failed"
    return report


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tables that a test may damage, in place of the report's own."""
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    monkeypatch.setenv(DATA_VARIABLE, str(folder))
    return folder


@contextmanager
def _made_once(name: str) -> Iterator[Path]:
    """A place that all processes of this run share, while none but this one works at it."""
    base = Path(os.environ["AICOMPUTE_TESTS"])
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield base / name


@pytest.fixture(scope="session", autouse=True)
def _shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where tests run in several processes, what one has made the others take up."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AICOMPUTE_TESTS", str(shared))
        yield


@cache
def numbers_under(**altered: object) -> dict[str, Number]:
    """Every number of the report under altered assumptions, from the chapters' own cells."""
    name = hashlib.sha256(repr(sorted(altered.items())).encode()).hexdigest()
    with _made_once(f"numbers-{name[:12]}") as kept:
        if not kept.is_file():
            assumptions = parse_assumptions(altered) if altered else Assumptions()
            kept.write_bytes(pickle.dumps(all_numbers(assumptions)))
        return dict(pickle.loads(kept.read_bytes()))


def value(name: str) -> float:
    """A number of the report that must be there."""
    found = numbers_under()[name].value
    assert found is not None, name
    return found


def run(*arguments: str, columns: int = 100, answers: str = "") -> Result:
    """Call a command in this process, in a terminal of that many columns."""
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(main, arguments, input=answers)


def edit(path: Path, old: str, new: str) -> None:
    """Replace one place of a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path}: {old!r} stands there {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")


def git(folder: Path, *arguments: str) -> str:
    """What git says in a folder, where its commits are nobody's."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org",
                "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True,
                          text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, str, str], dict[str, Number]]:
    """What a chapter records where one place of it is changed."""
    def run_changed(page: str, old: str, new: str) -> dict[str, Number]:
        shutil.copy(ROOT / "chapters" / f"{page}.md", tmp_path)
        edit(tmp_path / f"{page}.md", old, new)
        with monkeypatch.context() as patch:
            patch.setattr("aicompute.cells.CHAPTERS", tmp_path)
            return run_cells(page)

    return run_changed


@pytest.fixture(scope="session")
def book() -> Path:
    """The output folder of the baseline, for all tests that only read it.

    It takes up what `make book` has left, in which a build makes anew what has changed since.
    """
    from aicompute.book.build import build
    from aicompute.book.order import OUTPUT, Order

    with _made_once("book") as folder:
        if (OUTPUT / ".work").is_dir() and not folder.is_dir():
            shutil.copytree(OUTPUT, folder, ignore=shutil.ignore_patterns("scenarios"))
        build(Order(output=folder))
    return folder
