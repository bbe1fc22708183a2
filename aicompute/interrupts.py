"""An interrupt is heard wherever Python meets it."""

from __future__ import annotations

import os
import signal
import sys
import threading
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
