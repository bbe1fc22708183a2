"""A book of three small pages, built by a process of its own: a real build of some seconds.

What can go wrong with files, kernels and signals is the same without the calculation of all
results, which is left out; and without the report on its pages, which is left out unless asked for:
then every kernel is a second faster, and so is what they are forked from.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
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
{report}
```

```{{code-cell}} ipython3
{code}
```
"""
#: A cell that makes a file and never ends.
FOREVER = "import pathlib\npathlib.Path({0!r}).touch()\nwhile True:\n    pass"
#: A cell that shows a figure, for the build to draw.
FIGURE = """from IPython.display import display

chart = {'data': {'values': [{'a': 1}, {'a': 2}]}, 'mark': 'point',
         'encoding': {'x': {'field': 'a', 'type': 'quantitative'}}}
display({'application/vnd.aicompute.figure+json': {
    'name': 'points', 'caption': 'Two points.', 'alt': 'Two points.', 'csv': 'a\\n1\\n2\\n',
    'wide': chart, 'narrow': chart}}, raw=True)"""
#: What a page's cells find under the name of the report.
REPORT = """from aicompute import open_report

report = open_report(globals())"""
NO_REPORT = """from IPython.display import display

class report:
    def numbers(_):
        data = {'texts': {}, 'files_read': []}
        display({'application/vnd.aicompute.numbers+json': data}, raw=True)"""
PROCESS = [sys.executable, str(Path(__file__).with_name("tiny_process.py"))]
#: One checksum of every file of the site, and one of the numbers beside it.
State = tuple[str, str]
#: What the first page may say.
TEXTS = ("Old.", "New.")
PAGES = {"index": "1 + 1", "one": "1 + 1", "two": FIGURE}
MARK = "AICOMPUTE_TEST_MARK"


@dataclass(frozen=True)
class Running:
    """A build under way, the leader of a process group of its own."""

    pid: int
    #: Waits for its end; exit status and what was said.
    end: Callable[[], tuple[int, str]]

    def kill(self, number: int, *, group: bool) -> None:
        """Send a signal to the build alone, or to it and all it has started in its group."""
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            (os.killpg if group else os.kill)(self.pid, number)


class Nursery:
    """A process that has loaded the build and forks one whenever asked: none takes time to start.

    What it forks runs the same code as a process of its own does, with its own group and kernels.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            PROCESS, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        )

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def start(self, mark: str, said: Path, what: list[Any]) -> Running:
        """Start a build; return when it leads its group."""
        pid = self._ask(0, {MARK: mark}, str(said), what)

        def end() -> tuple[int, str]:
            return self._ask(pid), said.read_text(encoding="utf-8")

        return Running(pid, end)

    def _ask(self, *what: Any) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        return int(self._process.stdout.readline())


class Tiny:
    """The small book in a folder, and the processes that build it."""

    def __init__(self, folder: Path, output: Path | None = None, *,
                 nursery: Nursery | None = None, report: str = NO_REPORT) -> None:
        self.folder, self.mark = folder, uuid.uuid4().hex
        self.output = output or folder / "_build"
        self.nursery, self.report = nursery, report
        (self.root / "chapters").mkdir(parents=True, exist_ok=True)
        (self.root / "_toc.yml").write_text(TOC)
        (self.root / "_config.yml").write_bytes((ROOT / "_config.yml").read_bytes())
        for name, code in PAGES.items():
            self.write(name, code=code)

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def html(self) -> Path:
        return self.output / "html"

    def write(self, name: str, text: str = "Words.", code: str = "1 + 1") -> None:
        """Write a chapter."""
        chapter = CHAPTER.format(name=name, text=text, code=code, report=self.report)
        (self.root / "chapters" / f"{name}.md").write_text(chapter, encoding="utf-8")

    def start(self, env: Mapping[str, str] | None = None, **how: Any) -> Running:
        """Start a build in a process group of its own; return when Python has loaded it."""
        what = [str(self.root), str(self.output), self.report, how]
        if self.nursery is not None:
            assert env is None
            return self.nursery.start(self.mark, self.folder / "said", what)
        process = subprocess.Popen(
            [*PROCESS, json.dumps(what)], cwd=self.folder, start_new_session=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), MARK: self.mark, **(env or {})},
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"

        def end() -> tuple[int, str]:
            _, said = process.communicate()
            return process.returncode, said

        return Running(process.pid, end)

    def build(self, env: Mapping[str, str] | None = None, **how: Any) -> tuple[int, str]:
        """Build to the end; exit status and what was said."""
        return self.start(env, **how).end()

    def forget_drawings(self) -> None:
        """Have the next build draw again, with all the processes that takes."""
        for path in (self.output / ".work" / "drawings").glob("*.*g"):
            path.unlink()

    def state(self) -> State:
        """One checksum of every file of the site, and one of the numbers beside it."""
        digest = hashlib.sha256()
        for path in sorted(self.html.rglob("*")):
            if path.is_file():
                name = path.relative_to(self.html).as_posix()
                digest.update(f"{name}\0".encode() + path.read_bytes())
        results = (self.output / "results.json").read_bytes()
        json.loads(results)
        return digest.hexdigest(), hashlib.sha256(results).hexdigest()

    def left(self, seconds: float = 60) -> list[str]:
        """The processes of this book's builds that are still there when time is up."""
        end = time.monotonic() + seconds
        while (found := marked(self.mark)) and time.monotonic() < end:
            time.sleep(0.05)
        return found


def both_states(tiny: Tiny) -> tuple[dict[str, State], float]:
    """The book of either text, and how many seconds a build takes when all is loaded."""
    states = {}
    for text in TEXTS:
        tiny.write("index", text)
        start = time.monotonic()
        assert tiny.build(force=True) == (0, "")
        seconds = time.monotonic() - start
        states[text] = tiny.state()
    return states, seconds


def wait_for(path: Path, seconds: float = 300) -> None:
    """Wait until a page's cell has made a file."""
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path} was not made"
        time.sleep(0.02)


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
