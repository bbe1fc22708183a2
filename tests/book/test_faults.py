"""What a build leaves when it is killed, interrupted, starved or led into a trap: a whole book."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from tiny import Nursery, Tiny

pytestmark = pytest.mark.slow

State = tuple[str, str]
KILLS = 50
AT_ONCE = 2
TEXTS = ("Old.", "New.")
INTERRUPTED = "interrupted; what was there before is unchanged\n"
FOREVER = "import pathlib\npathlib.Path({0!r}).touch()\nwhile True:\n    pass"


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return Tiny(tmp_path)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """The small book, built once; what its copies keep is as good as if they had been built."""
    tiny = Tiny(tmp_path_factory.mktemp("first"))
    assert tiny.build() == (0, "")
    return tiny


@pytest.fixture
def built(first: Tiny, tmp_path: Path) -> Tiny:
    """A copy of the built book."""
    return first.copy(tmp_path)


def kill(pid: int, number: int, *, group: bool) -> None:
    """Send a signal to a build alone, or to it and all it has started in its group."""
    with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
        (os.killpg if group else os.kill)(pid, number)


def both_states(
    tiny: Tiny, build: Callable[..., tuple[int, str]]
) -> tuple[dict[str, State], float]:
    """The book of either text, and how many seconds a build takes when all is loaded."""
    states = {}
    for text in TEXTS:
        tiny.write("index", text)
        start = time.monotonic()
        assert build(force=True) == (0, "")
        seconds = time.monotonic() - start
        states[text] = tiny.state()
    return states, seconds


def killed_again_and_again(folder: Path, seed: int, kills: int) -> list[str]:
    """Kill builds at random moments; return every way in which a book was not whole."""
    faults: list[str] = []
    tiny, moments = Tiny(folder), random.Random(seed)
    with Nursery() as nursery:
        build = partial(nursery.build, tiny)
        states, seconds = both_states(tiny, build)
        for number in range(kills):
            text = TEXTS[number % 2]
            tiny.write("index", text)
            build_pid = nursery.start(tiny, force=True)
            time.sleep(moments.uniform(0, seconds))
            kill(build_pid, signal.SIGKILL, group=bool(moments.randrange(2)))
            nursery.wait(tiny)
            found = [f"left {process}" for process in tiny.left()]
            site, results = tiny.state()
            if site not in {state[0] for state in states.values()}:
                found.append("the site is neither book")
            if results not in {state[1] for state in states.values()}:
                found.append("results.json is of neither book")
            # Unforced, so that what the killed build has kept is used where it can be.
            if number % 3 == 2 and build() != (0, ""):
                found.append("the next build fails")
            if number % 3 == 2 and tiny.state() != states[text]:
                found.append("the next build makes another book")
            faults += [f"seed {seed}, kill {number}: {what}" for what in found]
    return faults


def test_a_build_killed_at_fifty_moments_leaves_a_whole_book_and_the_next_one_succeeds(
    tmp_path: Path,
) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(
            lambda n: killed_again_and_again(tmp_path / str(n), n, KILLS // AT_ONCE),
            range(AT_ONCE),
        )
        assert [fault for faults in found for fault in faults] == []


def test_a_first_build_that_is_killed_leaves_no_half_of_a_book(tiny: Tiny) -> None:
    process = tiny.start()
    time.sleep(1)
    kill(process.pid, signal.SIGKILL, group=True)
    process.communicate()
    assert not (tiny.html / "index.html").exists()
    assert tiny.build() == (0, "")
    assert tiny.left() == []


def test_a_build_where_another_works_is_refused_in_one_line(tiny: Tiny) -> None:
    touched = tiny.folder / "touched"
    tiny.write("one", code=FOREVER.format(str(touched)))
    first = tiny.start()
    wait_for(touched)
    code, said = tiny.build()
    kill(first.pid, signal.SIGKILL, group=False)
    first.communicate()
    assert (code, said) == (
        1, f"{tiny.output}: another build works there; wait for it to end\n"
    )
    assert tiny.left() == []


def wait_for(path: Path) -> None:
    """Wait until a page's cell has made a file."""
    end = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "plain"])
@pytest.mark.parametrize("group", [True, False], ids=["group", "process"])
def test_an_interrupt_while_a_page_runs_ends_the_build_and_its_kernels(
    built: Tiny, group: bool, warm: bool
) -> None:
    before = built.state()
    touched = built.folder / "touched"
    built.write("one", code=FOREVER.format(str(touched)))
    process = built.start(warm_kernels=warm)
    wait_for(touched)
    start = time.monotonic()
    kill(process.pid, signal.SIGINT, group=group)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, INTERRUPTED)
    assert time.monotonic() - start < 30
    assert built.left() == []
    assert built.state() == before


def test_an_interrupt_at_any_moment_is_one_line_and_leaves_a_whole_book(tiny: Tiny) -> None:
    states, seconds = both_states(tiny, tiny.build)
    moments = random.Random(0)
    for number in range(12):
        tiny.write("index", TEXTS[number % 2])
        process = tiny.start(force=True)
        time.sleep(moments.uniform(0.05, 0.95) * seconds)
        kill(process.pid, signal.SIGINT, group=bool(number % 3))
        _, said = process.communicate(timeout=60)
        # Once Python itself is ending, the signal ends it, which a shell shows as 130 too.
        assert (process.returncode, said) in {(130, INTERRUPTED), (0, ""), (-signal.SIGINT, "")}
        assert tiny.state() in states.values()
        assert tiny.left() == []


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "plain"])
@pytest.mark.parametrize(
    ("code", "seconds", "what"),
    [
        ("while True:\n    pass", 5, "a cell ran longer than 5 s"),
        ("import time\ntime.sleep(10**6)", 5, "a cell ran longer than 5 s"),
        ("import os\nos.kill(os.getpid(), 9)", 60, "its kernel died"),
        ("import os\nos._exit(3)", 60, "its kernel died"),
    ],
    ids=["busy", "asleep", "killed", "gone"],
)
def test_a_page_that_never_ends_or_kills_its_kernel_is_named(
    built: Tiny, code: str, seconds: int, what: str, warm: bool
) -> None:
    before = built.state()
    built.write("one", code=code)
    assert built.build(cell_seconds=seconds, warm_kernels=warm) == (1, f"page one: {what}\n")
    assert built.left() == []
    assert built.state() == before


def test_the_page_that_fails_is_named_and_not_one_that_was_stopped_for_it(built: Tiny) -> None:
    built.write("index", code="while True:\n    pass")
    built.write("two", code="1 / 0")
    code, said = built.build()
    assert (code, said) == (1, "page two: cell 3: ZeroDivisionError: division by zero\n")


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "plain"])
def test_a_process_that_a_page_started_ends_with_the_build(tiny: Tiny, warm: bool) -> None:
    tiny.write("one", code="import subprocess\nbool(subprocess.Popen(['sleep', '1000']))")
    assert tiny.build(warm_kernels=warm) == (0, "")
    assert tiny.left() == []


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path | None]:
    """A small disk of its own, where this user may mount one."""
    target = tmp_path / "disk"
    target.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(target)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    yield target
    subprocess.run(["umount", "--lazy", str(target)], check=True)


def test_a_full_disk_is_one_line_and_the_book_before_stays(
    tmp_path: Path, disk: Path | None
) -> None:
    tiny = Tiny(tmp_path / "tiny", (disk or tmp_path) / "_build")
    assert tiny.build() == (0, "")
    before = tiny.state()
    tiny.write("index", "Longer words.")
    if disk is None:  # a limit on the size of a file is what a user without rights can set
        code, said = limited(tiny, 200_000)
        reason = "File too large"
    else:
        filler = disk / "filler"
        fill(filler)
        code, said = tiny.build()
        filler.unlink()
        reason = "No space left on device"
    assert (code, said.count("\n")) == (1, 1), said
    assert said.endswith(f": {reason}\n")
    assert said.startswith(str(tiny.output))
    assert tiny.state() == before
    assert tiny.left() == []
    assert tiny.build() == (0, "")


def fill(path: Path) -> None:
    """Fill the disk up to the last 300 kB."""
    free = os.statvfs(path.parent)
    with path.open("wb") as file:
        file.write(bytes(free.f_bavail * free.f_frsize - 300_000))


def limited(tiny: Tiny, size: int) -> tuple[int, str]:
    """Build with a limit on the size of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        return tiny.build()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_over_the_limit_is_one_line_and_the_book_before_stays(built: Tiny) -> None:
    before = built.state()
    built.write("index", "Longer words.")
    code, said = limited(built, 200_000)
    assert (code, said.count("\n")) == (1, 1), said
    assert said.endswith(": File too large\n")
    assert built.state() == before


def test_a_target_that_is_read_only_is_one_line(tmp_path: Path, disk: Path | None) -> None:
    target = disk or tmp_path / "target"
    if disk is None:
        target.mkdir(mode=0o555)
    else:
        subprocess.run(["mount", "-o", "remount,ro", str(target)], check=True)
    tiny = Tiny(tmp_path / "tiny", target / "_build")
    code, said = tiny.build()
    assert (code, said.count("\n")) == (1, 1), said
    assert said.startswith(f"{target / '_build'}: ")
    assert tiny.left() == []


def test_a_target_that_is_a_file_is_one_line(tiny: Tiny) -> None:
    tiny.output.write_text("mine")
    code, said = tiny.build()
    assert (code, said) == (1, f"{tiny.output}: File exists\n")
    assert tiny.output.read_text() == "mine"


@pytest.mark.parametrize(
    ("file", "content"),
    [("systems.csv", b""), ("datapackage.json", b"{"), ("references.bib", b"@misc{a, \xe9")],
)
def test_damaged_tables_end_a_build_before_it_touches_the_book(
    built: Tiny, data: Path, file: str, content: bytes
) -> None:
    before = built.state()
    (data / file).write_bytes(content)
    code, said = built.build(data=str(data))
    assert code == 1
    assert all(line.startswith(f"{file}:") for line in said.splitlines()
               if "source_key" not in line), said
    assert "Traceback" not in said
    assert built.state() == before


def test_numbers_that_were_removed_are_made_again(built: Tiny) -> None:
    # Once only the first page was looked for, so that "nothing changed" was said without them.
    before = built.state()
    (built.output / "results.json").unlink()
    assert built.build() == (0, "")
    assert built.state() == before


def test_a_kept_page_cut_short_is_run_again(built: Tiny) -> None:
    before = built.state()
    for path in (built.output / ".work").rglob("one.ipynb"):
        path.write_bytes(path.read_bytes()[:1000])
    assert built.build() == (0, "")
    assert built.state() == before
