"""Guards over the repository; each says which failure it exists for."""

import re
import subprocess
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from aicompute.cells import CELL

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 300
#: Lines of package for one line of a chapter's cells at most; of tests, styles and scripts in all.
MOST_FOR_ONE, MOST_TESTS, MOST_STATIC = 4, 6303, 1300


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


def test_a_module_is_short_enough_to_read() -> None:
    # A room that has grown untidy: move the walls.
    sizes = {path.name: len(path.read_text(encoding="utf-8").splitlines())
             for path in (ROOT / "aicompute").rglob("*.py")}
    assert {name: size for name, size in sizes.items() if size > LONGEST_MODULE} == {}


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
    """The lines of the files of some kinds below a folder; to join them saves none."""
    paths = [p for kind in kinds for p in (ROOT / folder).rglob(f"*{kind}")]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    return sum(1 + len(line) // 121 for text in texts for line in text.splitlines())


def test_the_library_stays_small_beside_the_chapters() -> None:
    # The first edition had a hundred lines of package for one of a chapter's.
    written = sum(len([line for line in cell["code"].splitlines() if line.strip()])
                  for path in (ROOT / "chapters").glob("*.md")
                  for cell in CELL.finditer(path.read_text(encoding="utf-8")))
    assert lines("aicompute", ".py") <= MOST_FOR_ONE * written
    assert lines("tests", ".py") <= MOST_TESTS
    assert lines("aicompute/book/static", ".js", ".css") <= MOST_STATIC


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
