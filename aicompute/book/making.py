"""Makes the book: runs the pages in two rounds, fills their text, has the site made, publishes."""

from __future__ import annotations

import html
import importlib
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Thread
from typing import Any

from nbformat import NotebookNode

from aicompute import cells, words
from aicompute.assumptions import BOOKS, Assumptions, as_text, scenario_of
from aicompute.book import drawing, results, running, site, staging
from aicompute.book.contents import Contents, Page, chapter_notebook, read_contents
from aicompute.book.keeping import Executed
from aicompute.book.order import Order, forget, unchanged
from aicompute.errors import AIComputeError, DataError, PageError
from aicompute.places import DATA_VARIABLE
from aicompute.prose import Numbers
from aicompute.recording import Number
from aicompute.showing import BUILD_VARIABLE, FIGURE_MIME

#: The page that compares the scenarios, and leads to their books.
SCENARIOS = "scenarios"


def make_book(order: Order) -> tuple[list[str], list[str]]:
    """Make the book and put it where readers look; return its pages, and those that were run.

    Raises
    ------
    DataError
        If the data have problems: all of them.
    PageError
        If a page fails, a sentence of the baseline does not hold, or no site can be made.
    """
    environment = {BUILD_VARIABLE: "1", DATA_VARIABLE: str(order.data)}
    running.warm_up(environment)
    # What makes the site takes a second to load, which the processes for the pages take as well.
    Thread(target=importlib.import_module, args=["jupyter_book.sphinx"], daemon=True).start()
    with ExitStack() as ending:
        check = _Check(order, ending)
        try:
            book = _Book(order, environment, ending)
            ran = book.run()
        except AIComputeError:
            check.refuse_problems()  # what is wrong with the data is said first
            raise
        check.refuse_problems()
        book.publish()
    return [page.name for page in book.contents.pages], ran


class _Check:
    """The check of the tables, which goes on beside the pages; not again for what was sound."""

    def __init__(self, order: Order, ending: ExitStack) -> None:
        self.note, self.checksum = order.work / "sound", results.data_sha256(order.data)
        self.call = None
        if not self.note.is_file() or self.note.read_text(encoding="utf-8") != self.checksum:
            self.call = ending.enter_context(running.running(_problems, order.data))

    def refuse_problems(self) -> None:
        """Wait for the check, and refuse what it found."""
        if self.call is None:
            return
        problems, self.call = self.call.result(), None
        if problems:
            raise DataError("\n".join(problems))
        self.note.write_text(self.checksum, encoding="utf-8")


def _problems(data: Path) -> list[str]:
    try:
        from aicompute.check import problems
    except ImportError:
        return []

    return [str(problem) for problem in problems(data)]


def _tables(environment: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Id and name of the systems that have a page, and every system of the tables."""
    from aicompute.tables import table

    os.environ.update(environment)
    systems = table("systems")
    names = dict(zip(systems["system_id"], systems["name"], strict=True))
    return {name: str(names[name]) for name in cells.systems_with_pages()}, list(names)


def _all_numbers(chapters: Path, environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The baseline's numbers, by its cells."""
    os.environ.update(environment)
    cells.CHAPTERS = chapters
    return {name: number.as_json() for name, number in cells.all_numbers(Assumptions()).items()}


class _Book:
    """One build: its pages, the numbers they record, and the texts these fill."""

    def __init__(self, order: Order, environment: Mapping[str, str], ending: ExitStack) -> None:
        self.order, self.environment = order, environment
        with running.running(_tables, environment) as call:
            systems, self.systems = call.result()
        self.contents: Contents = read_contents(order.root, systems)
        self.store = Executed(order.work / "pages", order.data)
        self.draw = drawing.Drawings(order.work / "drawings")
        ending.callback(self.draw.close)
        self.executed: dict[str, NotebookNode] = {}
        self.numbers: dict[str, Number] = {}
        self.script = drawing.kept_script(order.work)
        self.bundling = None
        if not self.script.is_file():
            self.bundling = ending.enter_context(running.running(drawing.vega_script))
        self.baseline = _Baseline(order, environment, ending)

    def run(self) -> list[str]:
        """Run what changed, in two rounds; return the names of the pages that were run."""
        second = [page for page in self.contents.pages if cells.reads_numbers(page.chapter)]
        first = [page for page in self.contents.pages if page not in second]
        ran = self._round(first, "")
        found = json.dumps({name: n.as_json() for name, n in sorted(self.numbers.items())})
        (self.order.work / "numbers.json").write_text(found, encoding="utf-8")
        return ran + self._round(second, found)

    def _round(self, pages: list[Page], numbers: str) -> list[str]:
        stale = []
        for page in pages:
            job = self._job(page)
            has_code = any(cell.cell_type == "code" for cell in job.notebook.cells)
            kept = None if self.order.force else self.store.find(job, numbers)
            if has_code and kept is None:
                stale.append(job)
            else:
                self._take(page.name, kept or job.notebook)

        def finished(job: running.Job, notebook: NotebookNode, read: Any) -> None:
            self._take(job.page, self.store.keep(job, notebook, read, numbers))

        running.run_all(stale, self.order.jobs, finished)
        for page in pages:
            results.collect(self.numbers, page.name, self.executed[page.name])
        return [job.page for job in stale]

    def _job(self, page: Page) -> running.Job:
        numbers = str(self.order.work / "numbers.json")
        return running.Job(
            page.name, page.file, chapter_notebook(page),
            {**self.order.altered(), **page.parameters},
            {**self.environment, cells.NUMBERS_VARIABLE: numbers}, page.chapter.parent,
            self.order.cell_seconds, self.order.kernel,
        )

    def _take(self, page: str, notebook: NotebookNode) -> None:
        """Take an executed page in, and begin to draw what it shows."""
        self.executed[page] = notebook
        for _, figure in results.outputs_of(notebook, FIGURE_MIME):
            self.draw.begin(figure)

    def publish(self) -> None:
        """Fill the texts, have the site made, and put it where readers look."""
        order, work = self.order, self.order.work
        baseline = self.baseline.numbers(self.numbers)
        stage = staging.Staging(self.numbers, baseline, {p.name for p in self.contents.pages},
                                banner(order.assumptions, self.numbers, baseline))
        source, fresh = work / "source", work / "site" / "html"
        for folder in (source, fresh.parent):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        for page in self.contents.pages:
            notebook = stage.stage(page, self.executed[page.name])
            if page.name == SCENARIOS and order.scenario_books:
                notebook.cells.append(stage.books(order.scenario_books))
            path = source / f"{page.name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(staging.contents(notebook), encoding="utf-8")
        if not order.altered():
            _refuse_failures(stage)
        shutil.copyfile(order.data / "references.bib", source / "references.bib")
        site.make_site(order.root, source, fresh, self.contents.toc)
        self._add_figures(stage, fresh)
        for name, folder in order.scenario_books.items():
            shutil.copytree(folder / "html", fresh / BOOKS / name)
        self._add_files(stage, fresh)
        text = (fresh / "results.json").read_text(encoding="utf-8")
        part = order.output / "results.json.part"
        part.write_text(text, encoding="utf-8")
        # Ended between here and the last line, a build would leave a book that its note denies.
        forget(order)
        with site.undisturbed():
            site.publish(fresh, order.output / "html")
            part.replace(order.output / "results.json")

    def _add_figures(self, stage: staging.Staging, fresh: Path) -> None:
        """Put the drawings, which were made meanwhile, into the pages."""
        by_page: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        for (page, label), figure in stage.figures.items():
            by_page.setdefault(page, []).append((label, figure))
        for page, figures in by_page.items():
            path = fresh / f"{page}.html"
            text = path.read_text(encoding="utf-8")
            for label, figure in figures:
                files = stage.path(page, "_downloads/figures")
                drawn = self.draw.page_html(figure, label, files)
                text = text.replace(staging.place_of(label), drawn)
            path.write_text(text, encoding="utf-8")
        if self.bundling is not None:
            self.script.write_text(self.bundling.result(), encoding="utf-8")
        shutil.copyfile(self.script, fresh / "_static" / drawing.VEGA)

    def _add_files(self, stage: staging.Staging, fresh: Path) -> None:
        """Add what readers can take away."""
        order, downloads = self.order, fresh / "_downloads"
        self.draw.export(list(stage.figures.values()), downloads / "figures")
        self.draw.prune()
        for file in results.data_files(order.data):
            (downloads / "data" / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(order.data / file, downloads / "data" / file)
        document = results.document(order.assumptions, order.data, self.numbers, stage.sentences,
                                    self.systems, {})
        (fresh / "results.json").write_text(results.as_text(document), encoding="utf-8")


class _Baseline:
    """The baseline's numbers, which an altered book tells failing sentences and changes with."""

    def __init__(self, order: Order, environment: Mapping[str, str], ending: ExitStack) -> None:
        self.path, self.altered = order.work / "baseline.json", bool(order.altered())
        self.call = None
        if not self.altered:
            return
        plain = Order(data=order.data, root=order.root)
        kept = unchanged(plain)
        self.key = plain.fingerprint()
        try:
            if kept is not None:
                found = json.loads(kept.results.read_text(encoding="utf-8"))["results"]
            else:
                held = json.loads(self.path.read_text(encoding="utf-8"))
                found = held["numbers"] if held["key"] == self.key else None
        except (OSError, ValueError, KeyError):
            found = None
        self.found = found
        if found is None:
            self.call = ending.enter_context(
                running.running(_all_numbers, order.root / "chapters", environment))

    def numbers(self, own: Numbers) -> Numbers:
        """The baseline's numbers; of the baseline's book its own."""
        if not self.altered:
            return own
        if self.call is not None:
            self.found = self.call.result()
            note = json.dumps({"key": self.key, "numbers": self.found})
            self.path.write_text(note, encoding="utf-8")
        return results.as_numbers(self.found)


def _refuse_failures(stage: staging.Staging) -> None:
    """Refuse a baseline whose text does not hold: every such sentence."""
    failing = {f"{s.file}:{s.line}: holds: {s.condition}: does not hold: {s.because}": None
               for s in stage.sentences if not s.holds}
    if failing:
        raise PageError("\n".join(failing))


def banner(assumptions: Assumptions, numbers: Numbers, baseline: Numbers) -> str:
    """What stands at the top of every page of an altered book: what differs from the baseline.

    Returns
    -------
    str
        HTML; empty for the baseline.
    """
    changed, default = assumptions.changed(), Assumptions()
    if not changed:
        return ""
    scenario = scenario_of(assumptions)
    title = f": {html.escape(scenario['title'])}" if scenario else ""
    why = f"{html.escape(' '.join(scenario['why'].split()))} " if scenario else ""
    items = "".join(
        f"<li><code>{html.escape(name)}</code> = {html.escape(as_text(value))} "
        f"(baseline {html.escape(as_text(getattr(default, name)) or 'none')})</li>"
        for name, value in changed.items()
    )
    here = numbers.get(f"trend.{assumptions.values}.doubling_time_months")
    there = baseline.get(f"trend.{default.values}.doubling_time_months")
    moved = "Too few systems are left to fit a trend. "
    if here is not None and here.value is not None and there is not None:
        moved = (f"The doubling time is {words.in_form(here, 'range')}, "
                 f"where the baseline has {words.in_form(there, 'range')}. ")
    return ('<div class="scenario-banner" role="note">'
            f"<p><strong>A scenario, not the baseline{title}.</strong> {why}{html.escape(moved)}"
            f"Assumptions that differ:</p><ul>{items}</ul></div>")
