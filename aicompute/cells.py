"""The chapters' own cells, run in this process without a kernel: for tests, results and comparing.

A chapter is a MyST Markdown notebook of ``chapters/``; ``system.md`` is the template that is run
once for every system with a page. A chapter that calls ``collected`` reads the numbers of the
others, so it runs in a second round.
"""

from __future__ import annotations

import io
import json
import math
import os
import re
import traceback
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

from aicompute import recording
from aicompute.assumptions import INJECTED, Assumptions, as_json
from aicompute.errors import DataError, Gathered, PageError, of_cell
from aicompute.methods import estimates, has_page
from aicompute.places import FOLDER, HOME, TEMPLATE
from aicompute.recording import Number

CHAPTERS = HOME / "chapters"
#: Names a file of the numbers that the first round has collected.
NUMBERS_VARIABLE = "AICOMPUTE_NUMBERS"
#: What the first round has recorded, while the second is run in this process.
_first_round: dict[str, Number] = {}
#: Two records of one name agree within this share.
AGREE = 1e-9
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(?P<options>(?::[^\n]*\n)*)(?P<code>.*?)^```[ \t]*$",
                   re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6}[ \t]+(?P<title>[^\n]+)$", re.MULTILINE)


def run_cells(page: str, parameters: Mapping[str, Any] | None = None) -> dict[str, Number]:
    """Run one page's cells and return the numbers they record.

    The page is ``trend``, or ``systems/alexnet``; the parameters are assumptions that differ from
    the defaults, as papermill would inject them. A cell that raises is a PageError: the chapter,
    the line and the error.
    """
    system_id = page.partition("/")[2]
    path = CHAPTERS / f"{TEMPLATE if system_id else page}.md"
    given = {**(parameters or {}), **({"system_id": system_id} if system_id else {})}
    injected = INJECTED + "".join(f"{name} = {value!r}\n" for name, value in given.items())
    names: dict[str, Any] = {"__name__": "__main__", "In": []}
    numbers: dict[str, Number] = {}
    with recording.set_aside():  # it knows no other page's, under other assumptions perhaps
        for section, has_parameters, code in _cells(path, path.stat().st_mtime_ns):
            try:
                with redirect_stdout(io.StringIO()):  # what a cell prints is for its page
                    exec(code, names)
                    if has_parameters and given:
                        names["In"].append(injected)
                        exec(injected, names)
            except (DataError, PageError):
                raise
            except Exception as error:
                frames = traceback.extract_tb(error.__traceback__)
                line = [frame.lineno for frame in frames if frame.filename == str(path)][-1]
                told = of_cell(type(error).__name__, str(error))
                raise PageError(f"chapters/{path.name}:{line}: {told}") from error
            for name, number in recording.take_recorded():
                merge(numbers, name, replace(number, page=page, section=section))
    return numbers


def merge(numbers: dict[str, Number], name: str, number: Number) -> None:
    """Add a number to those collected; PageError if its name has another value there."""
    before = numbers.get(name)
    if before is None:
        numbers[name] = number
    elif before.unit != number.unit or not math.isclose(
            *(math.inf if n.value is None else n.value for n in (before, number)),
            rel_tol=AGREE, abs_tol=1e-300):
        two = [f"{n.value} {n.unit}".strip() + f" on {n.page}" + f" ({n.section})" * bool(n.section)
               for n in (before, number)]
        raise PageError(f"number {name}: recorded as {' and as '.join(two)}; allowed: one value")
    elif (before.low, before.high) == (None, None) != (number.low, number.high):
        numbers[name] = number  # a worked example has the value alone, the library its range too


@lru_cache(maxsize=64)
def _cells(path: Path, stamp: int) -> list[tuple[str, bool, CodeType]]:
    """The cells of a chapter: under which heading, whether of parameters, compiled in its lines."""
    del stamp  # a file that has changed is another one
    text = path.read_text(encoding="utf-8")
    return [(section_above(text[:cell.start()]), "parameters" in cell["options"],
             compile("\n" * text.count("\n", 0, cell.start("code")) + cell["code"], path, "exec"))
            for cell in CELL.finditer(text) if "skip-execution" not in cell["options"]]


def section_above(text: str) -> str:
    """The anchor of the last heading of a text; empty under the title, or where there is none."""
    titles = [m["title"] for m in HEADING.finditer(CELL.sub("", text))][1:]
    return anchor(titles[-1]) if titles else ""


def anchor(title: str) -> str:
    """The anchor that MyST gives a heading.

    >>> anchor("What would change it"), anchor("Moore's law")
    ('what-would-change-it', 'moores-law')
    """
    return re.sub(r"[^\w -]", "", title.strip().lower()).replace(" ", "-")


def systems_with_pages() -> list[str]:
    """The systems that have a page, by date: listed by the article, or with a value of ours."""
    rows = estimates(Assumptions())
    return [str(name) for name in rows.loc[has_page(rows), "system_id"]]


def all_pages() -> tuple[list[str], list[str]]:
    """The pages of the first round, and those of the second."""
    chapters = sorted(path.stem for path in CHAPTERS.glob("*.md"))
    second = [name for name in chapters if reads_numbers(CHAPTERS / f"{name}.md")]
    first = [name for name in chapters if name not in second and name != TEMPLATE]
    systems = systems_with_pages() if TEMPLATE in chapters else []
    return [*first, *(f"{FOLDER}/{name}" for name in systems)], second


def reads_numbers(chapter: Path) -> bool:
    """Whether a chapter reads the numbers of others."""
    return any("collected(" in m["code"] for m in CELL.finditer(chapter.read_text("utf-8")))


def collected(assumptions: Assumptions) -> dict[str, Number]:
    """The numbers that the first round of chapters records under given assumptions, by name.

    In a build they are those that its pages have recorded; elsewhere the chapters' cells are run
    here, which takes some seconds. A PageError tells of chapters that fail, or that record one
    name with different values.
    """
    path = os.environ.get(NUMBERS_VARIABLE)
    if _first_round:
        numbers = dict(_first_round)
    elif path:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        numbers = {name: Number(**number) for name, number in found.items()}
    else:
        numbers = run_pages(all_pages()[0], assumptions)
    recording.asked.update(numbers)
    return numbers


def run_pages(
    pages: Iterable[str], assumptions: Assumptions, numbers: Mapping[str, Number] | None = None
) -> dict[str, Number]:
    """Run pages one after another and return what they record, beside the numbers there are.

    A PageError says what is wrong with each that fails.
    """
    given = {name: as_json(value) for name, value in assumptions.changed().items()}
    found, wrong = dict(numbers or {}), Gathered()
    for page in pages:
        with wrong.part():
            for name, number in run_cells(page, given).items():
                merge(found, name, number)
    wrong.tell()
    return found


def all_numbers(assumptions: Assumptions) -> dict[str, Number]:
    """Every number of the report under given assumptions, both rounds."""
    first, second = all_pages()
    _first_round.update(run_pages(first, assumptions))
    try:
        return run_pages(second, assumptions, _first_round)
    finally:
        _first_round.clear()
