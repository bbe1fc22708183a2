"""An interrupt, a second build or a page gone wrong: a line, no process left, the book whole."""

from __future__ import annotations

import random
import signal
import time

import pytest
from tiny import FOREVER, TEXTS, Tiny, both_states, wait_for

pytestmark = pytest.mark.slow

INTERRUPTED = "interrupted; what was there before is unchanged\n"
#: More than any test lasts: a cell that ends did not do so because its time was up.
WITHOUT_LIMIT = 10**6
INTERRUPTS = 12


def test_a_build_where_another_works_is_refused_in_one_line(tiny: Tiny) -> None:
    touched = tiny.folder / "touched"
    tiny.write("one", code=FOREVER.format(str(touched)))
    first = tiny.start(cell_seconds=WITHOUT_LIMIT)
    wait_for(touched)
    second = Tiny(tiny.folder, nursery=tiny.nursery).build()
    first.kill(signal.SIGKILL, group=False)
    first.end()
    assert second == (1, f"{tiny.output}: another build works there; wait for it to end\n")
    assert tiny.left() == []


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "plain"])
@pytest.mark.parametrize("group", [True, False], ids=["group", "process"])
def test_an_interrupt_while_a_page_runs_ends_the_build_and_its_kernels(
    built: Tiny, group: bool, warm: bool
) -> None:
    before = built.state()
    touched = built.folder / "touched"
    built.write("one", code=FOREVER.format(str(touched)))
    build = built.start(warm_kernels=warm, cell_seconds=WITHOUT_LIMIT)
    wait_for(touched)
    build.kill(signal.SIGINT, group=group)
    assert build.end() == (130, INTERRUPTED)
    assert built.left() == []
    assert built.state() == before


def test_an_interrupt_at_any_moment_is_one_line_and_leaves_a_whole_book(tiny: Tiny) -> None:
    states, seconds = both_states(tiny)
    draw, parts = random.Random(0), list(range(INTERRUPTS))
    draw.shuffle(parts)
    for number, part in enumerate(parts):
        tiny.write("index", TEXTS[number % 2])
        if number % 3 == 0:
            tiny.forget_drawings()
        build = tiny.start(force=True)
        time.sleep((part + draw.random()) / INTERRUPTS * seconds)
        build.kill(signal.SIGINT, group=bool(number % 3))
        # Once Python itself is ending, the signal ends it, which a shell shows as 130 too.
        assert build.end() in {(130, INTERRUPTED), (0, ""), (-signal.SIGINT, "")}
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
    code, said = built.build(cell_seconds=WITHOUT_LIMIT)
    assert (code, said) == (1, "page two: cell 3: ZeroDivisionError: division by zero\n")


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "plain"])
def test_a_process_that_a_page_started_ends_with_the_build(tiny: Tiny, warm: bool) -> None:
    tiny.write("one", code="import subprocess\nbool(subprocess.Popen(['sleep', '1000']))")
    assert tiny.build(warm_kernels=warm) == (0, "")
    assert tiny.left() == []
