"""Guards over the repository; each says which failure it exists for."""

from __future__ import annotations

import ast
import re
import subprocess
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from aicompute.cells import CELL

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "aicompute").rglob("*.py"))
LONGEST_MODULE = 300
#: Lines of package for one line of a chapter's cells at most; of tests, styles and scripts in all.
MOST_FOR_ONE, MOST_TESTS, MOST_STATIC = 4, 6970, 1300


def tracked() -> list[Path]:
    """Every text file git knows, with what is not yet added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):  # no git, or a tarball without it
        return [path for path in ROOT.rglob("*") if path.is_file() and not any(
            part[0] in "._" for part in path.relative_to(ROOT).parts)]
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_flops_is_written_nowhere() -> None:
    # It means an amount to one reader and a rate to another; a factor of a second hides there.
    word = re.compile(r"\bflops\b", re.IGNORECASE)
    suffixes = {".py", ".csv", ".md", ".yml", ".toml", ".css", ".js"}
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix in suffixes and path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if word.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_is_short_enough_to_read(module: Path) -> None:
    # A room that has grown untidy: move the walls.
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_asks_for_the_time_or_prints(module: Path) -> None:
    # A trend whose end was today's date once moved every day, though no data had changed.
    names = {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    assert not names & {"date.today", "datetime.now", "datetime.utcnow", "time.time"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_public_function_is_described(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    bare = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert bare == []


def test_no_file_names_a_machines_paths() -> None:
    # What works here alone works nowhere else.
    pattern = re.compile(r"(?<![\w.])/(?:work|root|home)/\w")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if path != Path(__file__)
        and path.suffix not in {".png", ".ico", ".woff2"}
        and pattern.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def lines(folder: str, *kinds: str) -> int:
    """The lines of the files of some kinds below a folder."""
    paths = [p for kind in kinds for p in (ROOT / folder).rglob(f"*{kind}")]
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def test_the_library_stays_small_beside_the_chapters() -> None:
    # The first edition had a hundred lines of package for one of a chapter's.
    written = sum(len([line for line in cell["code"].splitlines() if line.strip()])
                  for path in (ROOT / "chapters").glob("*.md")
                  for cell in CELL.finditer(path.read_text(encoding="utf-8")))
    assert lines("aicompute", ".py") <= MOST_FOR_ONE * written
    assert lines("tests", ".py") <= MOST_TESTS
    assert lines("aicompute/book/static", ".js", ".css") <= MOST_STATIC


def test_no_line_of_code_is_too_long_to_read() -> None:
    # A budget of lines that is met by long ones is not met.
    found = [f"{path.relative_to(ROOT)}:{number}" for folder in ("aicompute", "tests", "scripts")
             for path in (ROOT / folder).rglob("*.py")
             for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
             if len(line) > 100]
    assert found == []


@pytest.mark.parametrize("python", ["3.11.0", "3.11.2", "3.12.0", "3.13.0", "3.14.0"])
def test_every_pinned_version_admits_every_python_that_is_promised(python: str) -> None:
    # One pin needed 3.11.5, so that `make book` failed with Debian 12's own Python.
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = {name.lower() for name in re.findall(r"^([\w-]+)==", text, re.MULTILINE)}
    # What the weekly job alone installs is not here.
    needs = {found.name: found.metadata.get("Requires-Python") or "" for found in distributions()
             if found.name.lower() in pinned}
    assert len(needs) > 100
    assert [n for n, need in needs.items() if python not in SpecifierSet(need)] == []
