"""``python -m aicompute`` is the ``aicompute`` command."""

from aicompute.cli import main

main()
