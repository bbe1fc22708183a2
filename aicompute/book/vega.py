"""Asks Vega for what holds Python's lock while it is made, in a process of its own.

Pictures and the script for the pages are such: in a thread, nothing else of the build could go on
beside them. Drawings are not; ``drawing`` makes those itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from aicompute.errors import BuildError

SERVER = Path(__file__).with_name("vega_server.py")


class VegaProcess:
    """Makes one thing at a time, for one thread; its process starts with the first."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def png(self, svg: str, scale: int) -> bytes:
        """Turn a drawing into a PNG, scaled from its size in pixels.

        Raises
        ------
        BuildError
            If it is no drawing, or the process died.
        """
        return self._made("a picture", svg=svg, scale=scale)

    def script(self, exported: str) -> bytes:
        """Vega, Vega-Lite and what embeds them, with a line that says what pages may call of it.

        Raises
        ------
        BuildError
            If the line is no JavaScript, or the process died.
        """
        return self._made("the script of Vega", exported=exported)

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _made(self, what: str, **request: Any) -> bytes:
        if self._process is None:
            # Of a session of its own, as Ctrl-C is for the build to hear.
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(SERVER)], start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        head, made = _exchange(self._process, json.dumps(request).encode() + b"\n")
        if not made:
            reason = head.removeprefix("error ") or "the process that makes it died"
            raise BuildError(f"{what} could not be made: {reason}")
        return made


def _exchange(process: subprocess.Popen[bytes], request: bytes) -> tuple[str, bytes]:
    """Send a request; return the line that answers it and the bytes after it, if all are there."""
    if process.stdin is None or process.stdout is None:
        raise AssertionError("both were opened as pipes")
    try:
        process.stdin.write(request)
        process.stdin.flush()
    except BrokenPipeError:
        return "", b""
    head = process.stdout.readline().decode().strip()
    if not head.isdecimal():
        return head, b""
    made = process.stdout.read(int(head))
    return (head, made) if len(made) == int(head) else ("", b"")
