"""An interrupt is heard wherever Python meets it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Seconds until an interrupt comes again: long enough to be out of what let no exception through.
SOON = 0.01


def ask_again() -> None:
    """Have an interrupt come again that Python met in a callback, which lets no exception through.

    Python would print a traceback of it, and go on as if it had never come.
    """
    before = sys.unraisablehook

    def met(lost: Any) -> None:
        if lost.exc_type is not KeyboardInterrupt:
            before(lost)
            return
        again = threading.Timer(SOON, os.kill, (os.getpid(), signal.SIGINT))
        again.daemon = True
        again.start()

    sys.unraisablehook = met


@contextmanager
def postponed() -> Iterator[None]:
    """Let an interrupt wait for the end of a short step that cannot be left half done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        signal.raise_signal(signal.SIGINT)
