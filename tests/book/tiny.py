"""A book of three small pages, built by a process of its own: a real build of some seconds.

Only the calculation of all results is left out, because what can go wrong with files, kernels and
signals is the same without it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("index", "one", "two")
TOC = """format: jb-book
root: index
parts:
  - caption: Pages
    chapters:
      - file: one
      - file: two
"""
CHAPTER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
---

# Page {name}

{text}

```{{code-cell}} ipython3
:tags: [parameters]
```

```{{code-cell}} ipython3
:tags: [remove-cell]
from aicompute import open_report

report = open_report(globals())
```

```{{code-cell}} ipython3
{code}
```
"""
RUN = """
import json
import os
import sys
from pathlib import Path

from aicompute.book import build, results_notebook
from aicompute.options import reporting_errors
from aicompute.mime import RESULTS_MIME

results_of = results_notebook.results_notebook

def run(root, output, how):
    root = Path(root)
    how |= {"data": Path(how["data"])} if "data" in how else {}
    def cheap_results():
        notebook, text = results_of(), json.dumps((root / "chapters/index.md").read_text())
        notebook.cells[1].source = (
            "from IPython.display import display\\n"
            "from aicompute.report import open_report\\n"
            "report = open_report(globals())\\n"
            f"display({ {RESULTS_MIME: text}!r}, raw=True)")
        return notebook
    results_notebook.results_notebook = cheap_results
    order = build.Order(output=Path(output), root=root, **how)
    reporting_errors(lambda: build.build(order) and None)()
"""
ONE = """
print("started", flush=True)
run(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
"""
MANY = """
import jupyter_book.sphinx, myst_nb.sphinx_ext, sphinx.builders.html, sphinx_book_theme

for line in sys.stdin:
    mark, said, *what = json.loads(line)
    pid = os.fork()
    if not pid:
        os.setsid()
        os.environ.update(mark)
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        sys.exit(run(*what))
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""
MARK = "AICOMPUTE_TEST_MARK"


@dataclass
class Tiny:
    """The small book in a folder, and the processes that build it."""

    folder: Path
    output: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __init__(self, folder: Path, output: Path | None = None) -> None:
        self.folder, self.mark = folder, uuid.uuid4().hex
        self.output = output or folder / "_build"
        (self.root / "chapters").mkdir(parents=True, exist_ok=True)
        (self.root / "_toc.yml").write_text(TOC)
        (self.root / "_config.yml").write_bytes((ROOT / "_config.yml").read_bytes())
        for name in PAGES:
            self.write(name)

    def copy(self, folder: Path) -> Tiny:
        """The same book in another folder, as far as it is built."""
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        return Tiny(folder)

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def html(self) -> Path:
        return self.output / "html"

    def write(self, name: str, text: str = "Words.", code: str = "1 + 1") -> None:
        """Write a chapter."""
        path = self.root / "chapters" / f"{name}.md"
        path.write_text(CHAPTER.format(name=name, text=text, code=code), encoding="utf-8")

    def start(self, env: Mapping[str, str] | None = None, **how: Any) -> subprocess.Popen[str]:
        """Start a build in a process group of its own; return when Python has loaded it."""
        process = subprocess.Popen(
            [sys.executable, "-c", RUN + ONE, str(self.root), str(self.output), json.dumps(how)],
            cwd=self.folder, start_new_session=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), MARK: self.mark, **(env or {})},
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        return process

    def build(self, env: Mapping[str, str] | None = None, **how: Any) -> tuple[int, str]:
        """Build to the end; exit status and what was said."""
        process = self.start(env, **how)
        _, said = process.communicate(timeout=300)
        return process.returncode, said

    def state(self) -> tuple[str, str]:
        """One checksum of every file of the site, and one of the numbers beside it."""
        digest = hashlib.sha256()
        for path in sorted(self.html.rglob("*")):
            if path.is_file():
                name = path.relative_to(self.html).as_posix()
                digest.update(f"{name}\0".encode() + path.read_bytes())
        results = (self.output / "results.json").read_bytes()
        json.loads(results)
        return digest.hexdigest(), hashlib.sha256(results).hexdigest()

    def left(self, seconds: float = 20) -> list[str]:
        """The processes of this book's builds that are still there when time is up."""
        end = time.monotonic() + seconds
        while (found := marked(self.mark)) and time.monotonic() < end:
            time.sleep(0.05)
        return found


class Nursery:
    """A process that has loaded the build and forks one after the other: none takes time to start.

    What it forks runs the same code as a process of its own does, with its own group and kernels.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", RUN + MANY], text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        )

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def start(self, tiny: Tiny, **how: Any) -> int:
        """Start a build; its process id."""
        said = str(tiny.folder / "said")
        order = [{MARK: tiny.mark}, said, str(tiny.root), str(tiny.output), how]
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        return self._answer()

    def wait(self, tiny: Tiny) -> tuple[int, str]:
        """Wait for the build to end; exit status and what was said."""
        return self._answer(), (tiny.folder / "said").read_text(encoding="utf-8")

    def build(self, tiny: Tiny, **how: Any) -> tuple[int, str]:
        """Build to the end; exit status and what was said."""
        self.start(tiny, **how)
        return self.wait(tiny)

    def _answer(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


def marked(mark: str) -> list[str]:
    """Every living process that was started with a mark in its environment."""
    found = []
    wanted = f"{MARK}={mark}".encode()
    for process in Path("/proc").iterdir():
        try:
            if not process.name.isdigit() or wanted not in (process / "environ").read_bytes():
                continue
            if (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it has just ended
    return found
