"""The process that builds a tiny book, and the one that forks such processes; see ``tiny``."""

from __future__ import annotations

import functools
import json
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import nbformat
from nbformat import NotebookNode

from aicompute import interrupts
from aicompute.book import build, fingerprint, results_notebook, site
from aicompute.commands.options import reporting_errors
from aicompute.dataset import DATA, open_dataset
from aicompute.mime import RESULTS_MIME

ROOT = Path(__file__).resolve().parents[2]
ORIGINAL = results_notebook.results_notebook
LIMITS = {"largest_file": resource.RLIMIT_FSIZE, "open_files": resource.RLIMIT_NOFILE}
STEPS = {"fingerprint": fingerprint, "site": site}


def run(root: str, output: str, report: str, how: dict[str, Any]) -> None:
    """Build as the command does; then this process has ended.

    Parameters
    ----------
    root, output
        The chapters, and where the book goes.
    report
        What the pages call the report.
    how
        Parts of the order, and what is to happen to it: ``largest_file``, a limit in bytes;
        ``open_files``, a limit of their number; ``die``, at which step to be killed.
    """
    results_notebook.results_notebook = functools.partial(cheap_results, Path(root), report)
    if "open_report" not in report:
        build.warm_kernels = functools.partial(build.warm_kernels, preload=())
    for name, what in LIMITS.items():
        if limit := how.pop(name, None):
            resource.setrlimit(what, (limit, limit))
    if death := how.pop("die", None):
        when, module, name = death
        setattr(STEPS[module], name, dying(getattr(STEPS[module], name), when))
    how |= {"data": Path(how["data"])} if "data" in how else {}

    def command() -> None:
        # An interrupt that came before has waited: to load quietly is the command's own care.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        build.build(build.Order(output=Path(output), root=Path(root), **how))

    reporting_errors(command)()


def cheap_results(root: Path, report: str) -> NotebookNode:
    """The notebook of results.json with the first page's text in place of all results."""
    notebook, text = ORIGINAL(), json.dumps((root / "chapters" / "index.md").read_text())
    notebook.cells[1].source = (
        f"{report}\nfrom IPython.display import display\n"
        f"display({ {RESULTS_MIME: text}!r}, raw=True)"
    )
    return notebook


def dying(step: Callable[..., Any], when: str) -> Callable[..., Any]:
    """A step of the build before or after which its group is killed, as if from outside."""

    def last(*given: Any) -> None:
        if when == "after":
            step(*given)
        os.killpg(0, signal.SIGKILL)

    return last


def rehearse() -> None:
    """Do once what every process does anew that builds: load, compile templates, read tables."""
    compile_template, compiled = jinja2.Environment.compile, {}

    def compile_once(environment: jinja2.Environment, source: Any, *named: Any) -> Any:
        if (source, named) not in compiled:
            compiled[source, named] = compile_template(environment, source, *named)
        return compiled[source, named]

    jinja2.Environment.compile = compile_once  # type: ignore[assignment]
    open_dataset(DATA)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.mkdir()
        page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A page")])
        for name in ("index", "one"):
            nbformat.write(page, source / f"{name}.ipynb")
        (source / "references.bib").touch()
        part = {"caption": "Pages", "chapters": [{"file": "one"}]}
        toc = {"format": "jb-book", "root": "index", "parts": [part]}
        site.make_site(ROOT, source, Path(folder) / "html", toc)


def fork_on_demand() -> None:
    """Fork a build for every line that orders one, and wait for one that a line names."""
    rehearse()
    for line in sys.stdin:
        pid, *order = json.loads(line)
        if not order:
            answer(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            continue
        heard, told = os.pipe()
        pid = os.fork()
        if not pid:
            os.setsid()
            mark, said, what = order
            os.environ.update(mark)
            os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
            os.write(told, b".")
            os.close(told)
            status = run(*what)
            # As aicompute/__main__.py does once all is said and done.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            sys.exit(status)
        os.read(heard, 1)
        os.close(heard)
        os.close(told)
        answer(pid)


def answer(number: int) -> None:
    """Answer who has given the line."""
    os.write(1, f"{number}\n".encode())


if __name__ == "__main__":
    interrupts.ask_again()
    # Not a moment may be left in which an interrupt would end all in a traceback.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    if len(sys.argv) == 1:
        fork_on_demand()
    else:
        os.write(1, b"started\n")
        run(*json.loads(sys.argv[1]))
