"""Makes the book: checks the tables, runs the pages, has the site made of them, swaps it in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from nbformat import NotebookNode

from aicompute.assumptions import BOOKS
from aicompute.book import (
    archive,
    drawing,
    execute,
    extension,
    fingerprint,
    record,
    results_notebook,
    site,
    stage,
)
from aicompute.book.kernels import Kernels
from aicompute.book.notebook import chapter_notebook
from aicompute.book.order import Order
from aicompute.book.pages import Contents, read_contents
from aicompute.dataset.schema import expanded_package
from aicompute.study import Study, fitting_study


def make_book(order: Order, kernels: Kernels) -> tuple[list[str], list[str]]:
    """Make the book and put it where readers look.

    Parameters
    ----------
    order
        What to make.
    kernels
        Kernels to run the pages in; they may still warm up.

    Returns
    -------
    tuple
        The names of all pages, and of those that were run.

    Raises
    ------
    CallError
        If the assumptions leave too few systems for a fit.
    DataError
        If the data have problems: all of them.
    PageError
        If a page fails, or the site cannot be made of the pages.
    """
    with drawing.Drawings(order.work / "drawings") as draw:
        draw.script()  # begun here, beside all that comes before it is needed
        study = fitting_study(order.data, order.assumptions)
        contents = read_contents(order.root, study, order.scenario_books)
        pages = _Pages(order, contents, draw)
        site.get_ready()
        ran = pages.run(kernels)
        # Ended between the swap and its last line, a build would leave a book that this denies.
        fingerprint.forget(order.output)
        _publish(order, study, contents, pages, draw)
    return [page.name for page in contents.pages], ran


class _Pages:
    """The pages of one build, executed: kept ones where nothing changed, run ones elsewhere."""

    def __init__(self, order: Order, contents: Contents, draw: drawing.Drawings) -> None:
        self.order, self.draw = order, draw
        self.store = record.Executed(order.work / "executed", order.data)
        self.executed: dict[str, NotebookNode] = {}
        parameters = order.altered()
        # The longest first, and results.json takes longer than any page.
        jobs = [execute.Job(results_notebook.NAME, results_notebook.results_notebook(), parameters)]
        jobs += [execute.Job(page.name, chapter_notebook(page), {**parameters, **page.parameters})
                 for page in contents.pages]
        self.jobs = {job.page: job for job in jobs}

    def run(self, kernels: Kernels) -> list[str]:
        """Run what changed; return the names of the pages that were run."""
        stale = []
        for job in self.jobs.values():
            kept = None if self.order.force else self.store.find(job)
            if kept is None:
                stale.append(job)
            else:
                self._take(job, kept)
        ran = [job.page for job in stale if job.page != results_notebook.NAME]
        progress = execute.Progress(len(ran))

        def finished(job: execute.Job, notebook: NotebookNode) -> None:
            self.store.keep(job, notebook)
            self._take(job, notebook)
            if job.page != results_notebook.NAME:
                progress.step(job.page)

        if stale:
            execute.run_all(stale, kernels=kernels, workers=self.order.jobs, finished=finished,
                            cell_seconds=self.order.cell_seconds)
        return ran

    def _take(self, job: execute.Job, notebook: NotebookNode) -> None:
        """Take an executed page in, and begin to draw what it shows."""
        self.executed[job.page] = notebook
        for figure in stage.figures_of(notebook):
            self.draw.begin(figure)


def _publish(
    order: Order, study: Study, contents: Contents, pages: _Pages, draw: drawing.Drawings
) -> None:
    source, fresh = order.work / "source", order.work / "site" / "html"
    for folder in (source, fresh.parent):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    _stage_pages(contents, pages, draw, source, _banner(study))
    shutil.copyfile(order.data / "references.bib", source / "references.bib")
    draw.begin_files()
    site.make_site(order.root, source, fresh, contents.toc)
    (fresh / "_static" / extension.VEGA).write_bytes(draw.script().result())
    for name, folder in order.scenario_books.items():
        shutil.copytree(folder / "html", fresh / BOOKS / name)
    downloads = fresh / "_downloads"
    draw.export(downloads / "figures")
    draw.prune()
    _copy_data(order.data, downloads / "data", study)
    results = results_notebook.results_text(pages.executed[results_notebook.NAME])
    (fresh / "results.json").write_text(results, encoding="utf-8")
    archive.write_archive(fresh, downloads / archive.FILE)
    part = order.output / "results.json.part"
    part.write_text(results, encoding="utf-8")
    with site.undisturbed():
        site.swap(fresh, order.output / "html")
        part.replace(order.output / "results.json")
        # The site before, where there was one: removed last, so that site and numbers fit.
        shutil.rmtree(fresh, ignore_errors=True)


def _banner(study: Study) -> str:
    """What stands at the top of every page: nothing in the baseline's book."""
    if not study.assumptions.changed():
        return ""
    # A second of importing, which the baseline's book can do without.
    from aicompute.report import banner

    return banner(study)


def _stage_pages(
    contents: Contents, pages: _Pages, draw: drawing.Drawings, source: Path, text: str
) -> None:
    names = {page.name for page in contents.pages}
    for page in contents.pages:
        notebook = stage.stage(
            page.name, pages.executed[page.name], pages=names, banner=text, draw=draw.html
        )
        path = source / f"{page.name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(stage.contents(notebook), encoding="utf-8")


def _copy_data(data: Path, target: Path, study: Study) -> None:
    for file in study.dataset.files():
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(data / file, target / file)
    package = json.dumps(expanded_package(data), indent=1, ensure_ascii=False)
    (target / "datapackage.json").write_text(package + "\n", encoding="utf-8")
