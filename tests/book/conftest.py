"""What the tests of failing builds share: a tiny book, its first build, and what forks builds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny import Nursery, Tiny


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where builds of tiny books are forked."""
    with Nursery() as nursery:
        yield nursery


@pytest.fixture(scope="session")
def first(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """The tiny book, built once; what its copies keep is as good as if they had been built."""
    tiny = Tiny(tmp_path_factory.mktemp("first"), nursery=nursery)
    assert tiny.build() == (0, "")
    return tiny


@pytest.fixture
def tiny(first: Tiny, tmp_path: Path) -> Tiny:
    """A tiny book that was never built; only the script of Vega, the same in all, is there."""
    shutil.copytree(first.output / ".work" / "drawings", tmp_path / "_build" / ".work" / "drawings")
    return Tiny(tmp_path, nursery=first.nursery)


@pytest.fixture
def built(first: Tiny, tmp_path: Path) -> Tiny:
    """A copy of the built book."""
    shutil.copytree(first.folder, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Tiny(tmp_path, nursery=first.nursery)
