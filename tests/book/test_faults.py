"""A build that the disk or the tables fail says so in a line, and leaves the book before whole."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny import Nursery, Tiny

pytestmark = pytest.mark.slow


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path | None]:
    """A small disk of its own, where this user may mount one."""
    target = tmp_path / "disk"
    target.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(target)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    yield target
    subprocess.run(["umount", "--lazy", str(target)], check=True)


def test_a_full_disk_is_one_line_and_the_book_before_stays(
    tmp_path: Path, disk: Path | None, nursery: Nursery
) -> None:
    tiny = Tiny(tmp_path / "tiny", (disk or tmp_path) / "_build", nursery=nursery)
    assert tiny.build() == (0, "")
    before = tiny.state()
    tiny.write("index", "Longer words.")
    if disk is None:  # a limit on the size of a file is what a user without rights can set
        code, said = tiny.build(largest_file=200_000)
        reason = "File too large"
    else:
        filler = disk / "filler"
        fill(filler)
        code, said = tiny.build()
        filler.unlink()
        reason = "No space left on device"
    assert (code, said.count("\n")) == (1, 1), said
    assert said.endswith(f": {reason}\n")
    assert said.startswith(str(tiny.output))
    assert tiny.state() == before
    assert tiny.left() == []
    assert tiny.build() == (0, "")


def fill(path: Path) -> None:
    """Fill the disk up to the last 300 kB."""
    free = os.statvfs(path.parent)
    with path.open("wb") as file:
        file.write(bytes(free.f_bavail * free.f_frsize - 300_000))


def test_a_file_over_the_limit_is_one_line_and_the_book_before_stays(built: Tiny) -> None:
    before = built.state()
    built.write("index", "Longer words.")
    code, said = built.build(largest_file=200_000)
    assert (code, said.count("\n")) == (1, 1), said
    assert said.endswith(": File too large\n")
    assert built.state() == before


def test_a_target_that_is_read_only_is_one_line(
    tmp_path: Path, disk: Path | None, nursery: Nursery
) -> None:
    target = disk or tmp_path / "target"
    if disk is None:
        target.mkdir(mode=0o555)
    else:
        subprocess.run(["mount", "-o", "remount,ro", str(target)], check=True)
    tiny = Tiny(tmp_path / "tiny", target / "_build", nursery=nursery)
    code, said = tiny.build()
    assert (code, said.count("\n")) == (1, 1), said
    assert said.startswith(f"{target / '_build'}: ")
    assert tiny.left() == []


def test_a_target_that_is_a_file_is_one_line(tmp_path: Path, nursery: Nursery) -> None:
    tiny = Tiny(tmp_path, nursery=nursery)
    tiny.output.write_text("mine")
    code, said = tiny.build()
    assert (code, said) == (1, f"{tiny.output}: File exists\n")
    assert tiny.output.read_text() == "mine"


@pytest.mark.parametrize(
    ("file", "content"),
    [("systems.csv", b""), ("datapackage.json", b"{"), ("references.bib", b"@misc{a, \xe9")],
)
def test_damaged_tables_end_a_build_before_it_touches_the_book(
    built: Tiny, data: Path, file: str, content: bytes
) -> None:
    before = built.state()
    (data / file).write_bytes(content)
    code, said = built.build(data=str(data))
    assert code == 1
    assert all(line.startswith(f"{file}:") for line in said.splitlines()
               if "source_key" not in line), said
    assert "Traceback" not in said
    assert built.state() == before


def test_numbers_that_were_removed_are_made_again(built: Tiny) -> None:
    # Once only the first page was looked for, so that "nothing changed" was said without them.
    before = built.state()
    (built.output / "results.json").unlink()
    assert built.build() == (0, "")
    assert built.state() == before
