"""``python -m aicompute`` is the ``aicompute`` command."""

import sys


def run() -> None:
    """Run the command line; interrupted while it still loads, it ends as quietly as later on."""
    try:
        from aicompute.cli import main

        main(prog_name="aicompute")
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; what was there before is unchanged\n")
        sys.exit(130)


if __name__ == "__main__":
    run()
