"""How long a whole book takes, beside Jupyter Book executing the same pages itself.

Run it from the repository: ``.venv/bin/python benchmarks/full_build.py``. Both sides start from
nothing, in folders of their own, one after the other on the same machine; what counts is the ratio.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
RUNS = 3


def timed(command: list[str], **environment: str) -> float:
    """Seconds a command takes; it must succeed."""
    started = time.perf_counter()
    subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, env={**os.environ, **environment}
    )
    return time.perf_counter() - started


def aicompute_build(output: Path, *options: str) -> float:
    """Seconds of one `aicompute build` into a folder."""
    return timed([sys.executable, "-m", "aicompute", "build", "--output", str(output), *options])


#: Builds the chapters of one folder into another.
BUILD = """import sys
from pathlib import Path
from aicompute.book.build import build
from aicompute.book.order import Order
build(Order(root=Path(sys.argv[1]), output=Path(sys.argv[2])))
"""


def changed_sentence(copy: Path, output: Path) -> float:
    """Seconds of a build after one word of a page was put in, beside a copy of the chapters."""
    shutil.copytree(ROOT / "chapters", copy / "chapters")
    for name in ("_toc.yml", "_config.yml"):
        shutil.copy(ROOT / name, copy)
    with (copy / "chapters" / "colophon.md").open("a", encoding="utf-8") as page:
        page.write("\nA sentence.\n")
    return timed([sys.executable, "-c", BUILD, str(copy), str(output)])


def plain_sources(built: Path, target: Path) -> Path:
    """The pages of a built book for Jupyter Book to execute: the same cells, no outputs."""
    shutil.copytree(built / ".work" / "site" / "source", target)
    for path in target.rglob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
        path.write_text(json.dumps(notebook), encoding="utf-8")
    config_path = target / "_config.yml"
    config = yaml.safe_load(config_path.read_text(encoding="utf-8"))
    config["execute"] = {"execute_notebooks": "force", "timeout": 120}
    config_path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return target


def main() -> None:
    """Print both times, the median of a few runs each, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        ours = [aicompute_build(place / f"ours{run}") for run in range(RUNS)]
        unchanged = aicompute_build(place / "ours0")
        sentence = changed_sentence(place / "copy", place / "ours0")
        source = plain_sources(place / "ours0", place / "source")
        pages = len(list(source.rglob("*.ipynb")))
        book = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(source)]
        numbers = str(place / "ours0" / ".work" / "numbers.json")
        theirs = timed(book, PYTHONPATH=str(ROOT), AICOMPUTE_BUILD="1", AICOMPUTE_NUMBERS=numbers)
    median = sorted(ours)[RUNS // 2]
    report = [
        f"pages                                      {pages}",
        f"aicompute build, clean (median of {RUNS})        {median:6.1f} s",
        f"aicompute build, nothing changed           {unchanged:6.2f} s",
        f"aicompute build, one sentence changed      {sentence:6.1f} s",
        f"jupyter-book build, execute_notebooks force {theirs:5.1f} s",
        f"ratio                                      {theirs / median:6.1f}",
    ]
    sys.stdout.write("\n".join(report) + "\n")


if __name__ == "__main__":
    main()
