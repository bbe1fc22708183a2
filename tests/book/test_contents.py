"""The table of contents: its pages are chapters of the book, and nothing else is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from aicompute.book.pages import read_contents
from aicompute.errors import PageError
from aicompute.study import Study


def with_page(root: Path, name: Any) -> Path:
    """Put a page into the contents of a copy of the book."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    toc["parts"][0]["chapters"].append({"file": name})
    (root / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    return root


@pytest.mark.parametrize("name", ["../secret", "../../secret", "systems/../../secret", "/secret",
                                  "index.md", "", 5, None, ["index"]])
def test_a_page_whose_name_is_none_of_a_chapter_is_refused(
    root: Path, study: Study, name: Any
) -> None:
    # A path led out of chapters/, and what is no text ended in a traceback.
    (root / "secret.md").write_text("the secret", encoding="utf-8")
    with pytest.raises(PageError, match=r"^_toc\.yml: [^\n]*: must be a name of the form [^\n]*$"):
        read_contents(with_page(root, name), study)


def test_a_page_that_is_a_link_out_of_the_chapters_is_refused(root: Path, study: Study) -> None:
    (root / "secret.md").write_text("the secret", encoding="utf-8")
    (root / "chapters" / "linked.md").symlink_to(root / "secret.md")
    with pytest.raises(PageError, match=r"^_toc\.yml: linked: there is no chapters/linked\.md$"):
        read_contents(with_page(root, "linked"), study)


def test_a_page_that_is_a_chapter_is_taken_in(root: Path, study: Study) -> None:
    (root / "chapters" / "more.md").write_text("# More", encoding="utf-8")
    names = [page.name for page in read_contents(with_page(root, "more"), study).pages]
    assert "more" in names
    assert "systems/alexnet" in names
