"""No chapter takes a file of the machine into the site: each way to ask for one ends the build."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tiny import Nursery, Tiny

pytestmark = pytest.mark.slow

UP = "../" * 12
WAYS = {
    "include": "```{{include}} {file}\n```",
    "literalinclude": "```{{literalinclude}} {file}\n```",
    "download": "{{download}}`{file}`",
    "link": "[a link]({file})",
    "image": "![a picture]({file}.png)",
    "figure": "```{{figure}} {file}.png\n```",
    "raw": "```{{raw}} html\n:file: {file}\n```",
    "csv-table": "```{{csv-table}} T\n:file: {file}\n```",
    "eval-rst": "```{{eval-rst}}\n.. include:: {file}\n```",
    "eval-rst raw": "```{{eval-rst}}\n.. raw:: html\n   :file: {file}\n```",
    "eval-rst image": "```{{eval-rst}}\n.. image:: {file}.png\n```",
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Tiny:
    """The small book, built once; what its pages ask for next never reaches it."""
    folder = tmp_path_factory.mktemp("guard")
    (folder / "secret").write_text("the secret\n")
    (folder / "secret.png").write_bytes(b"the secret")
    tiny = Tiny(folder, nursery=nursery)
    assert tiny.build() == (0, "")
    return tiny


@pytest.mark.parametrize("way", WAYS)
def test_a_page_that_asks_for_a_file_outside_the_book_is_refused_and_named(
    tiny: Tiny, way: str
) -> None:
    # From the staged page to the folder above the build, where the secret is.
    file = os.path.relpath(tiny.folder / "secret", tiny.output / ".work" / "source")
    before = tiny.state()
    tiny.write("one", WAYS[way].format(file=file))
    code, said = tiny.build()
    assert code == 1
    assert said.startswith("page one: "), said
    assert "Traceback" not in said
    assert tiny.state() == before


def test_the_secret_reaches_no_file_of_the_site(tiny: Tiny) -> None:
    found = [path for path in tiny.html.rglob("*")
             if path.is_file() and b"the secret" in path.read_bytes()]
    assert found == []


def test_a_chapter_that_is_a_link_out_of_the_book_is_refused(
    tmp_path: Path, nursery: Nursery
) -> None:
    tiny = Tiny(tmp_path, nursery=nursery)
    (tiny.root / "chapters" / "one.md").unlink()
    (tiny.root / "chapters" / "one.md").symlink_to("/etc/passwd")
    code, said = tiny.build()
    assert (code, said.count("\n")) == (1, 1)
    assert "chapters/one.md" in said
    assert "root:" not in said
