"""The kernels that run the pages: warm and plain ones behave alike, and none outlives its build."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import papermill
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from aicompute.book import kernels as kernels_module
from aicompute.book.kernels import Kernels, plain_kernels, warm_kernels
from aicompute.errors import BuildError

pytestmark = pytest.mark.slow

PRELOAD = ("pandas", "altair")

needs_fork = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="kernels are forked on Linux only"
)

Sort = Callable[[dict[str, str], Path], AbstractContextManager[Kernels]]

both_sorts = pytest.mark.parametrize(
    "sort", [partial(warm_kernels, preload=()), plain_kernels], ids=["warm", "plain"]
)

HELPER = """
import sys
from pathlib import Path
from threading import Thread
import papermill
from nbformat.v4 import new_code_cell, new_notebook
from aicompute.book.kernels import plain_kernels, warm_kernels

def run(kernels, note):
    write = f"import os, time; open({note!r}, 'w').write(str(os.getpid()))"
    cells = [new_code_cell(write), new_code_cell("time.sleep(10**6)")]
    papermill.execute_notebook(new_notebook(cells=cells), None, **kernels.options())

with warm_kernels({}, Path.cwd(), ()) as warm, plain_kernels({}, Path.cwd()) as plain:
    threads = [Thread(target=run, args=pair) for pair in zip((warm, plain), sys.argv[1:])]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
"""


def notebook(*sources: str) -> NotebookNode:
    """Return a notebook of code cells."""
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def run(kernels: Kernels, *sources: str, **options: object) -> list[list[NotebookNode]]:
    """Run a notebook of these cells; the outputs of each."""
    result = papermill.execute_notebook(
        notebook(*sources), None, **(kernels.options() | options)
    )  # fmt: skip
    return [cell.outputs for cell in result.cells]


def text_of(outputs: list[NotebookNode]) -> str:
    """Return the plain text of a cell's one output."""
    (output,) = outputs
    return str(output.text if output.output_type == "stream" else output.data["text/plain"])


def descendants(root: int) -> set[int]:
    """Return the ids of the living processes that descend from one."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            parents[int(stat.parent.name)] = int(parent)
    found: set[int] = set()
    while new := {pid for pid, parent in parents.items() if parent in found | {root}} - found:
        found |= new
    return found


def is_alive(pid: int) -> bool:
    """Whether a process lives, a zombie not counting."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def soon_gone(pids: set[int]) -> bool:
    """Whether none of the processes lives; a busy machine gets time to end them.

    None of them would end by itself in that time.
    """
    end = time.monotonic() + 60
    while any(map(is_alive, pids)):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture(scope="module")
def warm() -> Iterator[Kernels]:
    """Warm kernels, shared by the tests that leave them as they were."""
    with warm_kernels({"GREETING": "hello"}, Path.cwd(), PRELOAD) as kernels:
        yield kernels


@pytest.fixture(scope="module")
def plain() -> Iterator[Kernels]:
    """Plain kernels, likewise."""
    with plain_kernels({"GREETING": "hello"}, Path.cwd()) as kernels:
        yield kernels


def test_a_warm_kernel_gives_the_outputs_of_a_plain_one(warm: Kernels, plain: Kernels) -> None:
    cells = (
        "import os, sys, altair, pandas",
        "print('out'); print('err', file=sys.stderr)\nos.environ['GREETING'], os.getcwd()",
        "pandas.DataFrame({'a': [1, 2]})",
        "altair.Chart(pandas.DataFrame({'a': [1]})).mark_bar().to_dict()",
        "sys.path, sys.flags.hash_randomization, hash('word'), __name__, 'In' in dir()",
        "get_ipython().execution_count, repr(get_ipython())[:40]",
        "os.system('echo from a subprocess')\nos.write(2, b'from C')",
    )
    assert run(warm, *cells) == run(plain, *cells)


def test_a_traceback_is_the_same_in_both_sorts(warm: Kernels, plain: Kernels) -> None:
    messages = []
    for kernels in (warm, plain):
        with pytest.raises(papermill.PapermillExecutionError) as caught:
            run(kernels, "def f():\n    return 1 / 0", "f()")
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


def test_an_exception_in_a_cell_is_papermills_own_error(warm: Kernels) -> None:
    with pytest.raises(papermill.PapermillExecutionError, match="ValueError: no such layer"):
        run(warm, "raise ValueError('no such layer')")


def test_execution_counts_start_at_one(warm: Kernels) -> None:
    result = papermill.execute_notebook(notebook("1", "2"), None, **warm.options())
    assert [cell.execution_count for cell in result.cells] == [1, 2]


def test_a_kernel_starts_without_the_variables_of_another(warm: Kernels) -> None:
    run(warm, "leftover = 1")
    assert text_of(run(warm, "'leftover' in dir()")[0]) == "False"


def test_kernels_that_run_at_once_do_not_share_variables(warm: Kernels) -> None:
    def mark(number: int) -> str:
        cells = (f"import time; mark = {number}", "time.sleep(0.3)", "mark")
        return text_of(run(warm, *cells)[2])

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(mark, range(2))) == ["0", "1"]


def test_twelve_notebooks_run_six_at_a_time(warm: Kernels) -> None:
    def square(number: int) -> str:
        return text_of(run(warm, "import pandas", f"pandas.Series([{number}]).pow(2).sum()")[1])

    with ThreadPoolExecutor(6) as pool:
        squares = list(pool.map(square, range(12)))
    assert squares == [f"np.int64({number**2})" for number in range(12)]


def test_numpys_random_state_is_the_same_in_every_warm_kernel(warm: Kernels) -> None:
    cells = ("import numpy", "numpy.random.random()")
    assert run(warm, *cells) == run(warm, *cells)


def test_a_notebook_that_runs_inside_an_event_loop_leaves_it_whole(warm: Kernels) -> None:
    # Once it cancelled the loop's tasks: those of a browser under test, or of a Jupyter server.
    async def inside() -> tuple[str, str]:
        other = asyncio.create_task(asyncio.sleep(0, "done"))
        return text_of(run(warm, "1 + 1")[0]), await other

    assert asyncio.run(inside()) == ("2", "done")


@needs_fork
def test_a_preloaded_module_is_there_before_it_is_imported(warm: Kernels) -> None:
    assert text_of(run(warm, "import sys; 'altair' in sys.modules")[0]) == "True"


@needs_fork
def test_a_warm_kernel_is_forked_from_the_server(warm: Kernels) -> None:
    assert warm.server is not None
    assert text_of(run(warm, "import os; os.getppid()")[0]) == str(warm.server.pid)


@pytest.mark.parametrize("last_words", ["os._exit(3)", "os.kill(os.getpid(), 9)"])
def test_a_kernel_that_dies_is_noticed_within_two_seconds(warm: Kernels, last_words: str) -> None:
    # The clock is the machine's own, the same in both processes. What else runs here may delay
    # every single notice, so that one of many decides.
    dying = f"import os, time; os.write(2, b'died at %r\\n' % time.monotonic()); {last_words}"

    def delay() -> float:
        with pytest.raises(DeadKernelError):
            run(warm, dying)
        noticed = time.monotonic()
        return noticed - float(warm.log.read_text().rpartition("died at ")[2].split()[0])

    assert any(delay() < 2 for _ in range(20))


def test_what_a_kernel_wrote_before_it_died_is_in_the_log(warm: Kernels) -> None:
    with pytest.raises(DeadKernelError):
        run(warm, "import os; os.write(2, b'last words'); os._exit(1)")
    assert "last words" in warm.log.read_text()


def test_a_cell_that_never_ends_is_stopped(warm: Kernels) -> None:
    with pytest.raises(CellTimeoutError):
        run(warm, "while True: pass", execution_timeout=1)


def test_a_stopped_kernel_is_gone_with_what_it_started(warm: Kernels, tmp_path: Path) -> None:
    note = tmp_path / "pids"
    start = "import os, subprocess; child = subprocess.Popen(['sleep', '1000000'])"
    write = f"open({str(note)!r}, 'w').write(f'[{{os.getpid()}}, {{child.pid}}]')"
    # On a busy machine a second may be too short for even the first of the cells.
    for seconds in (1, 10, 100):
        with pytest.raises(CellTimeoutError):
            run(warm, start, write, "while True: pass", execution_timeout=seconds)
        if note.exists():
            break
    assert soon_gone(set(json.loads(note.read_text())))


@needs_fork
def test_no_process_is_left_when_the_context_ends() -> None:
    before = descendants(os.getpid())
    with warm_kernels({}, Path.cwd(), ()) as kernels:
        run(kernels, "1")
    assert descendants(os.getpid()) <= before


def test_no_private_file_is_left_when_the_context_ends() -> None:
    with plain_kernels({}, Path.cwd()) as kernels:
        run(kernels, "1")
    assert not kernels.home.exists()


@needs_fork
def test_a_killed_build_leaves_no_orphan(tmp_path: Path) -> None:
    notes = [tmp_path / "warm", tmp_path / "plain"]
    root = str(Path(kernels_module.__file__).parents[2])
    command = [sys.executable, "-c", HELPER, *map(str, notes)]
    environment = os.environ | {"PYTHONPATH": root, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, env=environment) as build:
        while not all(note.exists() and note.read_text() for note in notes):
            assert build.poll() is None
            time.sleep(0.02)
        started = descendants(build.pid)
        build.kill()
    assert {int(note.read_text()) for note in notes} <= started
    assert soon_gone(started)


@needs_fork
def test_a_build_killed_while_its_server_warms_up_leaves_no_private_file(tmp_path: Path) -> None:
    # Once the server died of saying that it was warm to a build that was no more.
    home = tmp_path / "home"
    home.mkdir()
    command = [sys.executable, str(kernels_module.SERVER), str(home / "server")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.close()
        server.stdout.close()
        assert (server.wait(), server.stderr and server.stderr.read()) == (0, b"")
    assert not home.exists()


def test_a_platform_that_cannot_fork_gets_plain_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with warm_kernels({}, Path.cwd(), PRELOAD) as kernels:
        assert text_of(run(kernels, "import sys; 'altair' in sys.modules")[0]) == "False"


def test_a_temporary_directory_too_long_for_sockets_is_no_obstacle(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with warm_kernels({}, Path.cwd(), ()) as kernels:
        assert text_of(run(kernels, "1")[0]) == "1"


@both_sorts
def test_a_temporary_directory_named_from_where_the_build_works_is_found_by_its_kernels(
    sort: Sort, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", ".")
    with sort({}, tmp_path / "elsewhere") as kernels:
        assert text_of(run(kernels, "1")[0]) == "1"


@both_sorts
def test_a_kernel_keeps_its_docstrings_where_the_build_has_none(
    sort: Sort, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without them Altair makes no chart.
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    with sort({}, Path.cwd()) as kernels:
        assert text_of(run(kernels, "import pathlib; bool(pathlib.Path.__doc__)")[0]) == "True"


def test_kernels_run_over_tcp_where_no_directory_is_short_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kernels_module, "LONGEST_BASE", 0)
    with warm_kernels({}, Path.cwd(), ()) as kernels:
        assert text_of(run(kernels, "1")[0]) == "1"


@needs_fork
def test_a_server_that_has_died_is_one_line_of_error() -> None:
    with warm_kernels({}, Path.cwd(), ()) as kernels:
        options = kernels.options()
        assert kernels.server is not None
        kernels.server.kill()
        kernels.server.wait()
        with pytest.raises(BuildError, match="the server of warm kernels has ended"):
            papermill.execute_notebook(notebook("1"), None, **options)


@needs_fork
def test_a_module_that_cannot_be_imported_is_one_line_of_error() -> None:
    with (
        warm_kernels({}, Path.cwd(), ("no_such_module",)) as kernels,
        pytest.raises(BuildError, match=r"^.*could not start: ModuleNotFoundError: .*$"),
    ):
        kernels.options()


@needs_fork
def test_a_preload_that_starts_a_thread_gets_plain_kernels(tmp_path: Path) -> None:
    source = "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True)"
    (tmp_path / "threaded.py").write_text(source + ".start()\n")
    with warm_kernels({"PYTHONPATH": str(tmp_path)}, Path.cwd(), ("threaded",)) as kernels:
        assert text_of(run(kernels, "import sys; 'threaded' in sys.modules")[0]) == "False"


@both_sorts
def test_the_users_own_settings_are_neither_read_nor_written(
    sort: Sort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    startup = tmp_path / ".ipython" / "profile_default" / "startup" / "own.py"
    startup.parent.mkdir(parents=True)
    startup.write_text("raise SystemExit('the startup file of the user')")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / ".ipython"))
    before = sorted(tmp_path.rglob("*"))
    with sort({}, Path.cwd()) as kernels:
        run(kernels, "1")
    assert sorted(tmp_path.rglob("*")) == before


@both_sorts
def test_a_run_writes_nothing_to_the_builds_terminal(
    sort: Sort, capfd: pytest.CaptureFixture[str]
) -> None:
    with sort({}, Path.cwd()) as kernels:
        run(kernels, "1")
    assert capfd.readouterr() == ("", "")


def test_a_death_writes_nothing_to_the_builds_terminal(
    warm: Kernels, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DeadKernelError):
        run(warm, "import os; os._exit(1)")
    assert capfd.readouterr() == ("", "")


def test_a_notebook_without_a_kernelspec_of_its_own_takes_parameters(warm: Kernels) -> None:
    bare = new_notebook(cells=[new_code_cell("layers")])
    result = papermill.execute_notebook(bare, None, {"layers": 8}, **warm.options())
    assert text_of(result.cells[-1].outputs) == "8"
