"""Builds of one commit are the same to the byte, whatever the machine's settings and network."""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tiny import REPORT, Tiny

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow

#: As far from the usual as a machine can be without being broken.
ELSEWHERE = {
    "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "4711",
    "HOME": "/nonexistent", "COLUMNS": "40", "TERM": "dumb", "NO_COLOR": "1",
    "SOURCE_DATE_EPOCH": "1", "USER": "somebody",
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second copy of the repository as it stands, in a folder with a space and an umlaut."""
    folder = tmp_path_factory.mktemp("else where") / "zweiter Klön"
    unversioned = ("_build", ".*", "__pycache__", "*.egg-info")
    return Path(shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*unversioned)))


@pytest.fixture(scope="module")
def elsewhere(clone: Path) -> Path:
    """The book that the clone builds itself, everything about it other than in ``book``.

    Its kernels are plain, and its number of jobs, time zone, locale, hash seed, umask and home are
    others; where a network can be taken away, it has none.
    """
    ended = subprocess.run(
        [*without_network(), sys.executable, "-m", "aicompute", "build", "--jobs", "3",
         "--no-warm-kernels"],
        cwd=clone, env={**os.environ, **ELSEWHERE}, umask=0o077,
        capture_output=True, text=True, check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert f"{clone}/_build/html/index.html" in ended.stdout
    return clone / "_build"


def without_network() -> list[str]:
    """What a command is started with so that it has no network, not even to its own machine."""
    for cut in (["unshare", "-n"], ["unshare", "-r", "-n"]):
        if shutil.which(cut[0]) and not subprocess.run([*cut, "true"], check=False,
                                                       capture_output=True).returncode:
            return cut
    return []


def different(one: Path, other: Path) -> list[str]:
    """Every file of two folders that is not in both, with the same bytes."""
    files = [{p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
             for folder in (one, other)]
    common = sorted(files[0] & files[1])
    _, mismatched, failed = filecmp.cmpfiles(one, other, common, shallow=False)
    return sorted([*mismatched, *failed, *(files[0] ^ files[1])])


def test_the_site_is_the_same_to_the_byte_elsewhere_and_from_plain_kernels(
    book: Path, elsewhere: Path
) -> None:
    assert different(book / "html", elsewhere / "html") == []


def test_the_numbers_are_the_same_to_the_byte_elsewhere(book: Path, elsewhere: Path) -> None:
    results = [(folder / "results.json").read_bytes() for folder in (book, elsewhere)]
    assert results[0] == results[1]


def test_the_figures_are_the_same_to_the_byte_elsewhere(book: Path, elsewhere: Path) -> None:
    folders = [folder / "html" / "_downloads" / "figures" for folder in (book, elsewhere)]
    assert len(list(folders[0].iterdir())) > 40
    assert different(*folders) == []


def test_a_page_run_again_is_the_same_as_one_kept(tmp_path: Path) -> None:
    # Once the times at which cells had run stood in the downloadable notebook of a page.
    tiny = Tiny(tmp_path, report=REPORT)
    assert tiny.build() == (0, "")
    before = tiny.state()
    assert tiny.build(force=True) == (0, "")
    assert tiny.state() == before


def test_a_build_reaches_for_no_network(tmp_path: Path) -> None:
    # Also where no namespace can be had: any socket but those between processes is an error.
    (tmp_path / "sitecustomize.py").write_text(
        "import socket\n"
        "class Local(socket.socket):\n"
        "    def connect(self, address):\n"
        "        if self.family != socket.AF_UNIX:\n"
        "            raise RuntimeError(f'asks for {address}')\n"
        "        return super().connect(address)\n"
        "socket.socket = Local\n"
    )
    tiny = Tiny(tmp_path / "tiny", report=REPORT)
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    assert tiny.build(env={"PYTHONPATH": path}) == (0, "")
