"""Makes the book: runs the pages in two rounds, fills their text, has the site made, publishes."""

from __future__ import annotations

import gc
import html
import json
import shutil
import signal
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import yaml
from nbformat import NotebookNode

from aicompute import cells
from aicompute.assumptions import BOOKS, Assumptions, as_text, scenario_of
from aicompute.book import drawing, running, site, staging
from aicompute.book.build import publish
from aicompute.book.contents import Page, chapter_notebook, read_contents
from aicompute.book.downloads import add_downloads, pack
from aicompute.book.keeping import Executed
from aicompute.book.order import Order, of_build, of_code, unchanged
from aicompute.book.results import (
    collect,
    data_files,
    data_sha256,
    document,
    outputs_of,
    results_text,
)
from aicompute.claims import judged, unexpected, verdicts
from aicompute.compare import BASELINE, Side, compare
from aicompute.errors import AIComputeError, DataError, PageError
from aicompute.export import exported_notebook
from aicompute.files import copy_files, write_text
from aicompute.prose import Numbers
from aicompute.recording import Number
from aicompute.results import conditional_sentences
from aicompute.showing import BUILD_VARIABLE, FIGURE_MIME
from aicompute.tables import table
from aicompute.what_moved import as_html, cut, what_moved

#: The page whose verdicts are to be as expected.
LEDGER = "claims"
#: Things of one kind that moved, named at most on the first page of an altered book.
MOST = 5


def make_book(order: Order) -> tuple[list[str], list[str]]:
    """Make the book and put it where readers look; return its pages, and those that were run."""
    with ExitStack() as ending:
        gc.disable()  # documents hold little garbage, and to look for it is a sixth of all
        ending.callback(gc.enable)
        ending.enter_context(running.environment({
            BUILD_VARIABLE: "1", cells.NUMBERS_VARIABLE: str(order.work / "numbers.json")}))
        sound, checksum = order.work / "sound", f"{data_sha256(order.data)} {of_code()}"
        known = sound.is_file() and sound.read_text(encoding="utf-8") == checksum
        check = None if known else ending.enter_context(running.calling(_problems, order.data))
        try:
            book = _Book(order, ending)
            ran = book.run()
        except AIComputeError:
            _refuse_problems(check)  # what is wrong with the data is said first
            raise
        _refuse_problems(check)
        write_text(sound, checksum)
        book.publish()
    return [page.name for page in book.pages], ran


def _refuse_problems(check: running.Call | None) -> None:
    if check is not None and (problems := check.result()):
        raise DataError("\n".join(problems))


def _problems(data: Path) -> list[str]:
    from aicompute.check import problems

    return [str(problem) for problem in problems(data)]


def _baseline(order: Order) -> dict[str, Number]:
    """The baseline's numbers: those of its book if that stands, else by its cells."""
    standing = unchanged(Order(data=order.data, root=order.root))
    if standing is None:
        cells.CHAPTERS = order.root / "chapters"
        return cells.all_numbers(Assumptions())
    found = json.loads(standing.results.read_text(encoding="utf-8"))["results"]
    return {name: Number(**number) for name, number in found.items()}


class _Book:
    """One build: its pages, the numbers they record, and the texts these fill."""

    def __init__(self, order: Order, ending: ExitStack) -> None:
        self.order = order
        names = table("systems").set_index("system_id")["name"]
        paged = {name: str(names[name]) for name in cells.systems_with_pages()}
        self.systems = list(names.index)
        self.pages, self.toc = read_contents(order.root, paged)
        self.store = Executed(order.work / "pages", order.data)
        self.draw = drawing.Drawings(order.work / "drawings")
        ending.callback(self.draw.draughtsman.shutdown, cancel_futures=True)
        sources, self.sources = Pipe(duplex=False)
        self.site = ending.enter_context(running.calling(
            site.make_site, order.work / "site", sources, of_build(), warm=False))
        sources.close()  # else to write to it would wait for a process that has died
        self.executed: dict[str, NotebookNode] = {}
        self.numbers: dict[str, Number] = {}
        self.script = drawing.kept_script(order.work)
        self.bundle = (None if self.script.is_file() else
                       ending.enter_context(running.calling(drawing.make_script, self.script)))
        self.before = (ending.enter_context(running.calling(_baseline, order))
                       if order.altered() else None)

    def run(self) -> list[str]:
        """Run what changed, in two rounds; return the names of the pages that were run."""
        second = [page for page in self.pages if cells.reads_numbers(page.chapter)]
        ran = self._round([page for page in self.pages if page not in second], "")
        found = json.dumps({name: vars(n) for name, n in sorted(self.numbers.items())})
        write_text(self.order.work / "numbers.json", found)
        return ran + self._round(second, found)

    def _round(self, pages: list[Page], numbers: str) -> list[str]:
        stale = []
        for page in pages:
            job = running.Job(
                page.name, page.file, chapter_notebook(page), page.chapter.parent,
                {**self.order.altered(), **page.parameters}, self.order.cell_seconds,
                self.order.kernel)
            has_code = any(cell.cell_type == "code" for cell in job.notebook.cells)
            kept = None if self.order.force else self.store.find(job, numbers)
            if has_code and kept is None:
                stale.append(job)
            else:
                self._take(page.name, kept or job.notebook)

        def finished(job: running.Job, notebook: NotebookNode, read: Any) -> None:
            self._take(job.page, self.store.keep(job, notebook, read, numbers))

        # Two kernels that start at once may choose the same port, and one then never answers.
        running.run_all(stale, 1 if self.order.kernel else self.order.jobs, finished)
        for page in pages:
            collect(self.numbers, page.name, self.executed[page.name])
        return [job.page for job in stale]

    def _take(self, page: str, notebook: NotebookNode) -> None:
        """Take an executed page in, and begin to draw what it shows."""
        self.executed[page] = notebook
        for _, figure in outputs_of(notebook, FIGURE_MIME):
            self.draw.begin(figure)

    def publish(self) -> None:
        """Fill the texts, have the site made, and put it where readers look."""
        order = self.order
        baseline = self.before.result() if self.before else self.numbers
        here = self._document(order.assumptions, self.numbers, baseline)
        if self.before is None:
            self._refuse_unexpected(here)
        note = banner(order.assumptions)
        opening = self._opening(here, baseline)
        stage = staging.Staging(self.numbers, baseline, {page.name for page in self.pages}, note,
                                list(order.scenario_books))
        sources = {
            "_config.yml": (order.root / "_config.yml").read_bytes(),
            "_toc.yml": yaml.safe_dump(self.toc, sort_keys=False).encode(),
            "references.bib": (order.data / "references.bib").read_bytes(),
        }
        for page in self.pages:
            stage.banner = note + opening * (page is self.pages[0])  # what moved stands on it alone
            text = stage.stage(page, self.executed[page.name])
            sources[f"{page.name}.ipynb"] = text.encode()
        if order.force:
            shutil.rmtree(order.work / "site", ignore_errors=True)
        with suppress(BrokenPipeError):  # why it has died, its result tells
            self.sources.send(sources)
        fresh = order.work / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        self._add_files(fresh / "_downloads", stage.figures.values(), baseline)
        text = results_text(here)
        write_text(fresh / "results.json", text)
        # Without Sphinx's note to itself, which depends on where the sources lay, and the themes'
        # own templates, which would be published as they stand.
        shutil.copytree(self.site.result(), fresh, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns(".buildinfo", "*macros.html"))
        self._finish_pages(stage, fresh, here["version"])
        pack(fresh)
        for name, folder in order.scenario_books.items():
            shutil.copytree(folder / "html", fresh / BOOKS / name)
        # Ended between here and the last line, a build would leave a book that its note denies.
        order.note.unlink(missing_ok=True)
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        publish(fresh, order.output / "html")
        write_text(order.output / "results.json", text)
        signal.signal(signal.SIGINT, before)

    def _document(
        self, assumptions: Assumptions, numbers: Numbers, baseline: Numbers
    ) -> dict[str, Any]:
        """The content of results.json for this book, or for the baseline's."""
        held = conditional_sentences(numbers, baseline, self.order.root / "chapters")
        has_ledger = LEDGER in {page.name for page in self.pages}
        claims = verdicts(judged(numbers)) if has_ledger else {}
        return document(assumptions, self.order.data, numbers, held, self.systems, claims,
                        self.order.root)

    def _opening(self, here: dict[str, Any], baseline: Numbers) -> str:
        """What moved from the baseline, as HTML for the first page; empty in the baseline."""
        if self.before is None:
            return ""
        there = self._document(Assumptions(), baseline, baseline)
        sides = (Side(name, document, self.order.data)
                 for name, document in ((BASELINE, there), ("here", here)))
        parts = cut(what_moved(compare(*sides)), MOST)
        return f'<div class="scenario-banner">{as_html(parts)}</div>'

    def _refuse_unexpected(self, here: dict[str, Any]) -> None:
        """In the baseline every sentence has to hold, and every verdict to be as expected."""
        failing = [f"{s['file']}:{s['line']}: holds: {s['condition']}: does not hold: "
                   f"{s['because']}" for s in here["holds"] if not s["holds"]]
        failing += unexpected(judged(self.numbers)) if here["claims"] else []
        if failing:
            raise PageError("\n".join(failing))

    def _finish_pages(
        self, stage: staging.Staging, fresh: Path, version: Mapping[str, str]
    ) -> None:
        """Put drawings, which were made meanwhile, and the version into the pages."""
        words = {site.VERSION: html.escape("; ".join(f"{p}: {of}" for p, of in version.items()))}
        drawn: dict[str, dict[str, str]] = {}
        for (page, label), figure in stage.figures.items():
            shown = self.draw.page_html(figure, label, stage.path(page, "_downloads/figures"))
            drawn.setdefault(f"{page}.html", {})[staging.place_of(label)] = shown
        for path in fresh.rglob("*.html"):
            text = path.read_text(encoding="utf-8")
            own = drawn.get(path.relative_to(fresh).as_posix(), {})
            for place, shown in {**words, **own}.items():
                text = text.replace(place, shown)
            path.write_text(text, encoding="utf-8")
        if self.bundle is not None:
            self.bundle.result()
        shutil.copyfile(self.script, fresh / "_static" / site.VEGA)

    def _add_files(
        self, downloads: Path, figures: Iterable[dict[str, Any]], baseline: Numbers
    ) -> None:
        """Add figures, tables, the notebooks and their sources, for readers to take away."""
        self.draw.export(figures, downloads / "figures")
        self.draw.prune()
        data = self.order.data
        for page in self.pages:
            path = downloads / "notebooks" / f"{page.name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(exported_notebook(page, baseline, data)), encoding="utf-8")
        copy_files(self.order.root / "chapters", downloads / "source",
                   {page.chapter.name for page in self.pages})
        copy_files(data, downloads / "data", data_files(data))
        add_downloads(downloads, data, self.order.assumptions, self.numbers)


def banner(assumptions: Assumptions) -> str:
    """What stands at the top of every page of an altered book, as HTML: what differs.

    In the baseline nothing does.
    """
    changed, default = assumptions.changed(), Assumptions()
    if not changed:
        return ""
    scenario = scenario_of(assumptions) or {"title": "", "why": ""}
    items = "".join(
        f"<li><code>{name}</code> = {html.escape(as_text(value))} "
        f"(baseline {html.escape(as_text(getattr(default, name)) or 'none')})</li>"
        for name, value in changed.items()
    )
    return ('<div class="scenario-banner" role="note"><p><strong>A scenario, not the baseline. '
            f"{html.escape(scenario['title'])}</strong> {html.escape(scenario['why'])} "
            "The first page says what moved. Assumptions that differ:</p>"
            f"<ul>{items}</ul></div>")
