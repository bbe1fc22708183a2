"""Turns drawings into pictures, in a process of its own.

Turning an SVG into a PNG holds Python's lock: in a thread, nothing else of the build could go on
beside it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from aicompute.errors import BuildError

SERVER = Path(__file__).with_name("picture_server.py")


class Painter:
    """Makes pictures one at a time, for one thread; its process starts with the first."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def png(self, svg: str, scale: int) -> bytes:
        """Turn a drawing into a PNG, scaled from its size in pixels.

        Raises
        ------
        BuildError
            If it is no drawing, or the process died.
        """
        if self._process is None:
            # Of a session of its own, as Ctrl-C is for the build to hear.
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(SERVER)], start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        request = json.dumps({"svg": svg, "scale": scale}).encode() + b"\n"
        head, picture = _exchange(self._process, request)
        if not picture:
            reason = head.removeprefix("error ") or "the process that makes pictures died"
            raise BuildError(f"a picture could not be made: {reason}")
        return picture

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


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
    picture = process.stdout.read(int(head))
    return (head, picture) if len(picture) == int(head) else ("", b"")
