"""A finished site takes the place of the one before, wherever that lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from aicompute.book import site
from aicompute.errors import BuildError


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A finished site."""
    folder = tmp_path / "fresh"
    folder.mkdir()
    (folder / "index.html").write_text("new")
    return folder


def old(folder: Path) -> Path:
    """A folder with the site before."""
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("old")
    return folder


def test_the_site_before_is_where_the_new_one_was(fresh: Path, tmp_path: Path) -> None:
    published = old(tmp_path / "html")
    site.swap(fresh, published)
    assert [(folder / "index.html").read_text() for folder in (published, fresh)] == ["new", "old"]


def test_a_first_site_just_moves(fresh: Path, tmp_path: Path) -> None:
    site.swap(fresh, tmp_path / "new" / "html")
    assert (tmp_path / "new" / "html" / "index.html").read_text() == "new"
    assert not fresh.exists()


@pytest.mark.parametrize("there", [True, False], ids=["there", "dangling"])
def test_a_link_stays_and_the_folder_it_leads_to_is_replaced(
    fresh: Path, tmp_path: Path, there: bool
) -> None:
    # Once the link itself was exchanged, could not be removed, and the build failed ever after.
    served = tmp_path / "served" / "html"
    if there:
        old(served)
    published = tmp_path / "html"
    published.symlink_to(served)
    site.swap(fresh, published)
    assert published.is_symlink()
    assert (served / "index.html").read_text() == "new"


def test_a_site_that_cannot_be_put_there_is_one_line(fresh: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BuildError, match=r"^.*file/html: cannot be replaced: File exists$"):
        site.swap(fresh, tmp_path / "file" / "html")
