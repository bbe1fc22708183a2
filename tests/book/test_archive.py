"""The whole site in one file."""

from __future__ import annotations

import os
import signal
import zipfile
from pathlib import Path
from typing import Any

import pytest

from aicompute.book.archive import write_archive


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of three files, one of them a map of a script."""
    folder = tmp_path / "html"
    (folder / "_static").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>A</h1>", encoding="utf-8")
    (folder / "_static" / "a.js").write_text("1", encoding="utf-8")
    (folder / "_static" / "a.js.map").write_text("{}", encoding="utf-8")
    return folder


def test_it_holds_the_site_in_a_folder_of_its_own(site: Path, tmp_path: Path) -> None:
    write_archive(site, tmp_path / "site.zip")
    names = zipfile.ZipFile(tmp_path / "site.zip").namelist()
    assert names == ["ai-and-compute/_static/a.js", "ai-and-compute/index.html"]


def test_the_same_site_gives_the_same_bytes_at_another_time(site: Path, tmp_path: Path) -> None:
    write_archive(site, tmp_path / "one" / "site.zip")
    os.utime(site / "index.html", (0, 0))
    write_archive(site, tmp_path / "two" / "site.zip")
    one, two = ((tmp_path / name / "site.zip").read_bytes() for name in ("one", "two"))
    assert one == two


def test_it_is_not_a_part_of_itself(site: Path) -> None:
    target = site / "_downloads" / "site.zip"
    write_archive(site, target)
    write_archive(site, target)
    assert not [name for name in zipfile.ZipFile(target).namelist() if name.endswith("site.zip")]


def test_an_interrupt_in_the_midst_of_a_file_is_heard_as_one(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The archive, left there, would not close: its own error once ended the build in a traceback.
    begin = zipfile.ZipFile.open

    def begin_and_interrupt(archive: zipfile.ZipFile, *given: Any, **more: Any) -> Any:
        begun = begin(archive, *given, **more)
        signal.raise_signal(signal.SIGINT)
        return begun

    monkeypatch.setattr(zipfile.ZipFile, "open", begin_and_interrupt)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            write_archive(site, tmp_path / "site.zip")
    finally:
        signal.signal(signal.SIGINT, before)
