"""What a book is made from: the libraries it was made with are a part of it."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from aicompute.book import fingerprint


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    fingerprint.of_code.cache_clear()


def test_another_version_of_a_library_makes_another_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    made = []
    for name in ("numbers-1.0.dist-info", "numbers-1.1.dist-info"):
        (tmp_path / name).mkdir()
        fingerprint.of_code.cache_clear()
        made.append(fingerprint.of_code())
        (tmp_path / name).rmdir()
    assert made[0] != made[1]


def test_what_is_pinned_is_found_with_its_version() -> None:
    assert f"altair-{version('altair')}.dist-info" in fingerprint._installed()
