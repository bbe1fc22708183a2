"""Vega works in a process of its own, which is named when it fails and never outlives."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from aicompute.book import vega
from aicompute.book.vega import SERVER, VegaProcess
from aicompute.errors import BuildError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><path d="M0 0h9v9z"/></svg>'
DIED = "^a picture could not be made: the process that makes it died$"


@pytest.fixture
def process() -> Iterator[VegaProcess]:
    """One that ends with the test."""
    found = VegaProcess()
    yield found
    found.stop()


def _popen(process: VegaProcess) -> subprocess.Popen[bytes]:
    assert process._process is not None
    return process._process


@pytest.mark.parametrize("scale", [1, 2])
def test_a_picture_has_the_size_of_its_drawing_times_the_scale(
    process: VegaProcess, scale: int
) -> None:
    picture = process.png(SVG, scale)
    # A PNG: 8 bytes of signature, 8 of the first chunk's head, then width and height.
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == (30 * scale, 20 * scale)


def test_what_is_no_drawing_is_named_and_the_next_picture_is_made(process: VegaProcess) -> None:
    with pytest.raises(BuildError, match=r"^a picture could not be made: .+$"):
        process.png("<svg", 1)
    assert process.png(SVG, 1)


def test_the_script_of_vega_says_what_pages_may_call(process: VegaProcess) -> None:
    assert b"window.called=" in process.script("window.called = vegaEmbed;").replace(b" ", b"")
    assert process.png(SVG, 1)


def test_a_script_that_is_none_is_named(process: VegaProcess) -> None:
    with pytest.raises(BuildError, match=r"^the script of Vega could not be made: .+$"):
        process.script("} nothing")


def test_a_process_that_dies_is_named(process: VegaProcess) -> None:
    process.png(SVG, 1)
    os.kill(_popen(process).pid, signal.SIGKILL)
    _popen(process).wait()
    with pytest.raises(BuildError, match=DIED):
        process.png(SVG, 1)


def test_a_process_that_dies_over_a_picture_is_named(process: VegaProcess) -> None:
    process.png(SVG, 1)
    os.kill(_popen(process).pid, signal.SIGSTOP)
    killer = threading.Timer(0.2, os.kill, (_popen(process).pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(BuildError, match=DIED):
        process.png(SVG, 1)
    killer.join()


def test_a_process_that_dies_within_an_answer_is_named(
    process: VegaProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Once the half of the picture that had come was taken for the whole.
    dying = tmp_path / "dying.py"
    dying.write_text("input()\nprint('9\\nhalf')")
    monkeypatch.setattr(vega, "SERVER", dying)
    with pytest.raises(BuildError, match=DIED):
        process.png(SVG, 1)


def test_the_process_ends_with_its_input() -> None:
    # What a build that is killed leaves to it.
    done = subprocess.run([sys.executable, "-P", str(SERVER)], input=b"", check=False)
    assert done.returncode == 0
