"""A build that is killed leaves a whole book, and the next one goes on as if nothing had been."""

from __future__ import annotations

import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tiny import FOREVER, TEXTS, Nursery, State, Tiny, both_states, wait_for

pytestmark = pytest.mark.slow

KILLS = 50
AT_ONCE = 2
#: What a build does at the end, one after the other: each lasts too short for a random moment.
STEPS = [
    ("after", "fingerprint", "forget"),
    ("before", "site", "_exchange"),
    ("after", "site", "_exchange"),
    ("after", "site", "swap"),
    ("before", "fingerprint", "keep"),
]


def faults_after_a_kill(tiny: Tiny, states: dict[str, State], text: str) -> list[str]:
    """Every way in which the book is not whole, or the next build not as if nothing had been."""
    found = [f"left {process}" for process in tiny.left()]
    site, results = tiny.state()
    if site not in {state[0] for state in states.values()}:
        found.append("the site is neither book")
    if results not in {state[1] for state in states.values()}:
        found.append("results.json is of neither book")
    # Unforced, so that what the killed build has kept is used where it can be.
    if (ended := tiny.build()) != (0, ""):
        found.append(f"the next build fails: {ended}")
    if tiny.state() != states[text]:
        found.append("the next build makes another book")
    return found


def killed_again_and_again(folder: Path, seed: int, kills: int) -> list[str]:
    """Kill builds at random moments, one in each part of their time; return what went wrong."""
    faults: list[str] = []
    draw, parts = random.Random(seed), list(range(kills))
    draw.shuffle(parts)
    with Nursery() as nursery:
        tiny = Tiny(folder, nursery=nursery)
        states, seconds = both_states(tiny)
        for number, part in enumerate(parts):
            text = TEXTS[number % 2]
            tiny.write("index", text)
            if number % 5 == 0:
                tiny.forget_drawings()
            build = tiny.start(force=True)
            time.sleep((part + draw.random()) / kills * seconds)
            build.kill(signal.SIGKILL, group=bool(draw.randrange(2)))
            build.end()
            faults += [f"seed {seed}, kill {number}: {what}"
                       for what in faults_after_a_kill(tiny, states, text)]
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


def test_a_build_killed_at_every_step_of_its_end_leaves_a_whole_book(tiny: Tiny) -> None:
    states, _ = both_states(tiny)
    for number, step in enumerate(STEPS):
        text = TEXTS[number % 2]
        tiny.write("index", text)
        assert tiny.build(die=step) == (-signal.SIGKILL, "")
        assert faults_after_a_kill(tiny, states, text) == [], step


def test_a_first_build_that_is_killed_leaves_no_half_of_a_book(tiny: Tiny) -> None:
    touched = tiny.folder / "touched"
    tiny.write("two", code=FOREVER.format(str(touched)))
    build = tiny.start()
    wait_for(touched)
    build.kill(signal.SIGKILL, group=True)
    build.end()
    assert not tiny.html.exists()
    tiny.write("two")
    assert tiny.build() == (0, "")
    assert tiny.left() == []
