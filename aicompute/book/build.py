"""Builds a report: refuses company, ends at once where nothing changed, else has the book made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aicompute.book import fingerprint
from aicompute.book.kernels import plain_kernels, warm_kernels
from aicompute.book.order import Order, Outcome, unchanged
from aicompute.errors import BuildError
from aicompute.variables import BUILD_VARIABLE, DATA_VARIABLE


def build(order: Order) -> Outcome:
    """Build a report.

    Raises
    ------
    DataError
        If the data have problems: all of them.
    PageError
        If a page fails, or the site cannot be made of the pages.
    BuildError
        If the disk refuses, or another build works in the same folder.
    """
    try:
        order.output.mkdir(parents=True, exist_ok=True)
        with _alone(order.output):
            return _build(order)
    except OSError as error:
        raise BuildError.refused(error, order.output) from error


def _build(order: Order) -> Outcome:
    kept = unchanged(order)
    if kept is not None:
        return kept
    made_from = order.fingerprint()
    environment = {BUILD_VARIABLE: "1", DATA_VARIABLE: str(order.data.resolve())}
    kernels = warm_kernels if order.warm_kernels else plain_kernels
    with kernels(environment, order.root / "chapters") as started:
        # Imported here, while the kernels warm up: it takes as long as they do.
        from aicompute.book.making import make_book

        names, ran = make_book(order, started)
    fingerprint.keep(order.output, made_from, names)
    return order.outcome(names, ran)


@contextmanager
def _alone(output: Path) -> Iterator[None]:
    """Refuse to work where another build works; the lock goes with the process."""
    import fcntl

    with (output / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildError(f"{output}: another build works there; wait for it to end") from None
        yield
