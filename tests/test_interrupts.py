"""Ctrl-C is heard even where Python lets no exception through."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: An interrupt that Python meets in the callback of a weak reference, as imports have them.
MET_IN_A_CALLBACK = """
import signal
import time
import weakref

from aicompute import interrupts

class Thing:
    pass

interrupts.ask_again()
thing = Thing()
held = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
try:
    del thing
    time.sleep(60)
except KeyboardInterrupt:
    print("heard")
"""
#: Any other exception there.
RAISED_IN_A_CALLBACK = MET_IN_A_CALLBACK.replace("signal.raise_signal(signal.SIGINT)", "1 / 0") \
    .replace("60", "0")


def run(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own."""
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True,
                          check=False)


def test_an_interrupt_that_a_callback_swallows_comes_again_and_prints_nothing() -> None:
    done = run(MET_IN_A_CALLBACK)
    assert (done.stdout, done.stderr) == ("heard\n", "")


def test_what_else_a_callback_raises_is_told_as_ever() -> None:
    done = run(RAISED_IN_A_CALLBACK)
    assert done.stdout == ""
    assert "ZeroDivisionError" in done.stderr


def test_children_of_tests_hear_interrupts_though_the_tests_began_in_the_background() -> None:
    # A test of interrupts waited for ever under `make test &`: what ignores them hands that on.
    script = ("import subprocess, sys; sys.path.insert(0, 'tests'); import conftest; "
              "told = 'import signal; print(signal.getsignal(signal.SIGINT).__name__)'; "
              "subprocess.run([sys.executable, '-c', told])")
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    assert done.stdout == "default_int_handler\n"


def test_every_test_has_a_time_limit(pytestconfig: pytest.Config) -> None:
    assert 0 < float(pytestconfig.getini("timeout")) <= 600
