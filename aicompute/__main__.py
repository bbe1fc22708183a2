"""``python -m aicompute`` is the ``aicompute`` command."""

import signal
import sys

from aicompute import interrupts


def run() -> None:
    """Run the command line; interrupted while it still loads, it ends as quietly as later on."""
    interrupts.ask_again()
    try:
        from aicompute.cli import main
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; what was there before is unchanged\n")
        sys.exit(130)
    try:
        main(prog_name="aicompute")
    finally:
        # All is said and done; while Python ends, an interrupt would only print where it met it.
        signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    run()
