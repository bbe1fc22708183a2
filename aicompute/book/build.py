"""Builds a book: refuses company, ends at once where nothing changed, else has the book made."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aicompute.book.order import Order, Outcome, unchanged
from aicompute.errors import BuildError, CallError
from aicompute.places import DATA_VARIABLE


def build(order: Order) -> Outcome:
    """Build a book, unless the one that stands was made from just what is there.

    A CallError if the output folder holds what is no book of ours; a DataError with all problems of
    the data; a PageError if a page fails, a sentence of the baseline does not hold, or no site can
    be made; a BuildError if the disk refuses, or another build works in the same folder.
    """
    try:
        refuse_foreign(order.output)
        order.work.mkdir(parents=True, exist_ok=True)
        with _alone(order.output):
            put_back(order.output / "html")
            return unchanged(order) or _made(order)
    except OSError as error:
        raise BuildError.refused(error, order.output) from error


def _made(order: Order) -> Outcome:
    from aicompute.book import running

    made_from = order.fingerprint()
    with running.environment({
        DATA_VARIABLE: str(order.data),
        "IPYTHONDIR": str(order.work / "ipython"),  # nothing of a home, which may be read-only
    }):
        if not order.note.is_file():  # else there may be no page to run
            running.warm_up()
        from aicompute.book.making import make_book  # takes as long to load as that to warm up

        pages, ran = make_book(order)
    order.note.write_text(json.dumps({"made_from": made_from, "pages": pages}), encoding="utf-8")
    return order.outcome(pages, ran)


def refuse_foreign(output: Path) -> None:
    """Refuse a folder in which somebody else's files would be replaced."""
    theirs = [name for name in ("html", "results.json") if (output / name).exists()]
    if theirs and not (output / ".work").is_dir():
        raise CallError(f"--output {output}: {theirs[0]} there is of no book of ours; allowed: a "
                        "folder without it, or one that a build has made")


@contextmanager
def _alone(output: Path) -> Iterator[None]:
    """Refuse to work where another build works; the lock goes with the process."""
    with (output / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildError(f"{output}: another build works there; wait for it to end") from None
        yield


def publish(fresh: Path, published: Path) -> None:
    """Put a finished folder where readers look; the one before goes aside until it stands there.

    Of a link, what it leads to is replaced.
    """
    place = published.resolve()
    if place.exists():
        place.rename(_aside(place))
    fresh.rename(place)
    shutil.rmtree(_aside(place), ignore_errors=True)


def put_back(published: Path) -> None:
    """Put back the book of a build that was killed between taking it away and putting a new one."""
    place = published.resolve()
    if _aside(place).exists() and not place.exists():
        _aside(place).rename(place)
    shutil.rmtree(_aside(place), ignore_errors=True)


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.before")
