"""Builds a report: check, run the pages that changed, stage, make the site, swap it in."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from aicompute.assumptions import Assumptions, as_json, as_text
from aicompute.book import archive, drawing, execute, record, site, stage
from aicompute.book.kernels import plain_kernels, warm_kernels
from aicompute.book.notebook import chapter_notebook
from aicompute.book.pages import Contents, Page, read_contents
from aicompute.dataset import DATA, Dataset, open_dataset
from aicompute.errors import BuildError
from aicompute.figures import BUILD_VARIABLE
from aicompute.report import DATA_VARIABLE, banner
from aicompute.results import results_document
from aicompute.schema import expanded_package
from aicompute.study import Study
from aicompute.topics.scenarios import BOOKS

ROOT = Path(__file__).resolve().parent.parent.parent
OUTPUT = ROOT / "_build"
#: Files of the build itself that decide what the site looks like.
PARTS = {".py", ".css", ".js", ".yml", ".svg", ".html"}
#: Notebooks run at once for every core: a kernel waits for its client half of the time.
JOBS_PER_CORE = 2


@dataclass(frozen=True)
class Order:
    """What to build: under which assumptions, from which data, where to, and how."""

    assumptions: Assumptions = field(default_factory=Assumptions)
    data: Path = DATA
    output: Path = OUTPUT
    root: Path = ROOT
    jobs: int = (os.cpu_count() or 1) * JOBS_PER_CORE
    force: bool = False
    warm_kernels: bool = True
    cell_seconds: int = execute.CELL_SECONDS
    scenario_books: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a build did: where the book is, which pages there are, and which were run."""

    index: Path
    results: Path
    pages: tuple[str, ...]
    ran: tuple[str, ...]
    changed: bool


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
        raise BuildError(f"{error.filename or order.output}: {error.strerror}") from error


def scenario_folder(settings: dict[str, Any], scenario: str | None = None) -> Path:
    """Where a report under altered assumptions goes: a folder that says what it is."""
    altered = ",".join(f"{name}={as_text(value)}" for name, value in settings.items())
    named = ",".join(part for part in (scenario, altered) if part)
    return OUTPUT / "scenarios" / named.replace("/", "-")[:120]


def _build(order: Order) -> Outcome:
    study = Study(open_dataset(order.data), order.assumptions)
    contents = read_contents(order.root, study, order.scenario_books)
    work = order.output / ".work"
    executed = record.Executed(work / "executed", order.data)
    parameters = {n: as_json(v) for n, v in order.assumptions.changed().items()}
    notebooks = {page.name: chapter_notebook(page) for page in contents.pages}
    outcome = _Run(order, contents, parameters, notebooks, executed)
    ran = outcome.run()
    names = tuple(page.name for page in contents.pages)
    index, results = order.output / "html" / "index.html", order.output / "results.json"
    fingerprint = _fingerprint(order, contents)
    whole = index.is_file() and results.is_file()
    if not ran and whole and _same(work / "fingerprint", fingerprint):
        return Outcome(index, results, names, (), changed=False)
    # Ended between the swap and its last line, a build would leave a book that this does not name.
    (work / "fingerprint").unlink(missing_ok=True)
    _publish(order, study, contents, outcome, work)
    (work / "fingerprint").write_text(fingerprint, encoding="utf-8")
    return Outcome(index, results, names, tuple(ran), changed=True)


class _Run:
    """The pages of one build, executed: kept ones where nothing changed, run ones elsewhere."""

    def __init__(
        self, order: Order, contents: Contents, parameters: dict[str, Any],
        notebooks: dict[str, NotebookNode], store: record.Executed,
    ) -> None:
        self.order, self.contents, self.parameters = order, contents, parameters
        self.notebooks, self.store = notebooks, store
        self.executed: dict[str, NotebookNode] = {}

    def run(self) -> list[str]:
        """Run what changed; return the names of the pages that were run."""
        stale = []
        for page in self.contents.pages:
            kept = None if self.order.force else self.store.find(
                page.name, self.notebooks[page.name], self._parameters(page)
            )
            if kept is None:
                stale.append(page)
            else:
                self.executed[page.name] = kept
        if stale:
            self._execute(stale)
        return [page.name for page in stale]

    def _execute(self, pages: list[Page]) -> None:
        kernels = warm_kernels if self.order.warm_kernels else plain_kernels
        environment = {BUILD_VARIABLE: "1", DATA_VARIABLE: str(self.order.data.resolve())}
        progress = execute.Progress(len(pages))
        by_name = {page.name: page for page in pages}

        def finished(name: str, notebook: NotebookNode) -> None:
            self.store.keep(
                name, self.notebooks[name], self._parameters(by_name[name]), notebook
            )
            self.executed[name] = notebook
            progress.step(name)

        jobs = [execute.Job(p.name, self.notebooks[p.name], self._parameters(p)) for p in pages]
        chapters = self.order.root / "chapters"
        with kernels(environment, chapters) as started:
            execute.run_all(
                jobs, kernels=started, workers=self.order.jobs, finished=finished,
                cell_seconds=self.order.cell_seconds,
            )

    def _parameters(self, page: Page) -> dict[str, Any]:
        return {**self.parameters, **page.parameters}


def _publish(
    order: Order, study: Study, contents: Contents, outcome: _Run, work: Path
) -> None:
    source, fresh = work / "source", work / "site" / "html"
    for folder in (source, fresh.parent):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    draw = drawing.Drawings(work / "drawings")
    names = {page.name for page in contents.pages}
    text = banner(study)
    for page in contents.pages:
        notebook = stage.stage(
            page.name, outcome.executed[page.name], pages=names, banner=text, draw=draw.html
        )
        path = source / f"{page.name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(stage.contents(notebook), encoding="utf-8")
    shutil.copyfile(order.data / "references.bib", source / "references.bib")
    site.make_site(order.root, source, fresh, contents.toc, workers=1)
    for name, folder in order.scenario_books.items():
        shutil.copytree(folder / "html", fresh / BOOKS / name)
    downloads = fresh / "_downloads"
    draw.export(downloads / "figures")
    _copy_data(order.data, downloads / "data", study)
    document = json.dumps(results_document(study), indent=1, ensure_ascii=False) + "\n"
    (fresh / "results.json").write_text(document, encoding="utf-8")
    archive.write_archive(fresh, downloads / archive.FILE)
    part = order.output / "results.json.part"
    part.write_text(document, encoding="utf-8")
    with site.undisturbed():
        site.swap(fresh, order.output / "html")
        part.replace(order.output / "results.json")


def _copy_data(data: Path, target: Path, study: Study) -> None:
    for file in study.dataset.files():
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(data / file, target / file)
    package = json.dumps(expanded_package(data), indent=1, ensure_ascii=False)
    (target / "datapackage.json").write_text(package + "\n", encoding="utf-8")


def _fingerprint(order: Order, contents: Contents) -> str:
    """Checksum of what the site is made from besides the executed pages."""
    digest = hashlib.sha256(record.code_sha256().encode())
    digest.update(Dataset(order.data).sha256().encode())
    digest.update(repr([page.name for page in contents.pages]).encode())
    own = [order.root / "_config.yml", order.root / "_toc.yml", *sorted(record.BUILD.rglob("*"))]
    for path in own:
        if path.suffix in PARTS:
            digest.update(path.name.encode() + path.read_bytes())
    for name, folder in order.scenario_books.items():
        digest.update(name.encode() + (folder / ".work" / "fingerprint").read_bytes())
    return digest.hexdigest()


def _same(path: Path, content: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == content
    except OSError:
        return False


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
