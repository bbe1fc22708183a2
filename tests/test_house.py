"""Guards over the repository; each says which failure it exists for."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
from importlib.metadata import metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "aicompute").rglob("*.py"))
LONGEST_MODULE = 250


def tracked() -> list[Path]:
    """Every text file git knows, with what is not yet added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
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


def room(name: str) -> str:
    """The room or the module at the top of the package that an import names."""
    return name.removeprefix("aicompute.").partition(".")[0]


def needs(path: Path) -> set[str]:
    """What a module imports of the package, wherever in it; what only types need is left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    whole = {alias.name for node in found if node.module == "aicompute" for alias in node.names}
    parts = {room(node.module) for node in found if node.module.startswith("aicompute.")}
    return whole | parts


def test_no_two_rooms_of_the_package_need_each_other() -> None:
    # Then neither could be understood, or tested, without the other.
    package = ROOT / "aicompute"
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        own = path.relative_to(package).parts[0].removesuffix(".py")
        graph.setdefault(own, set()).update(needs(path) - {own})
    assert {"units", "dataset"} < graph["methods"]  # imports of both forms are seen
    order = list(graphlib.TopologicalSorter(graph).static_order())
    assert order.index("units") < order.index("book") < order.index("cli")


@pytest.mark.parametrize("python", ["3.11.0", "3.11.2", "3.12.0", "3.13.0", "3.14.0"])
def test_every_pinned_version_admits_every_python_that_is_promised(python: str) -> None:
    # One pin needed 3.11.5, so that `make book` failed with Debian 12's own Python.
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w-]+)==", text, re.MULTILINE)
    assert len(pinned) > 100
    needs = {name: metadata(name).get("Requires-Python", "") for name in pinned}
    assert [n for n, need in needs.items() if python not in SpecifierSet(need)] == []
