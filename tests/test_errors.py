"""What the system refuses is one line that says where and why."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from aicompute.errors import BuildError


def test_a_refusal_names_the_file_that_the_system_names() -> None:
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "some/file")
    assert str(BuildError.refused(error, Path("place"))) == "some/file: No space left on device"


def test_a_refusal_without_a_file_names_the_place() -> None:
    error = OSError(errno.EROFS, os.strerror(errno.EROFS))
    assert str(BuildError.refused(error, Path("place"))) == "place: Read-only file system"


def test_a_refusal_without_a_reason_of_the_system_gives_its_own() -> None:
    assert str(BuildError.refused(OSError("is a link"), Path("place"))) == "place: is a link"


@pytest.mark.parametrize("named", [True, False], ids=["named", "unnamed"])
def test_a_folder_that_cannot_be_copied_is_named_by_its_first_file(
    tmp_path: Path, named: bool
) -> None:
    # Once "None" stood in the place of the reason: copying lists its errors, and has none itself.
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "file").touch()

    def full(source: str, target: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), target if named else None)

    with pytest.raises(shutil.Error) as raised:
        shutil.copytree(tmp_path / "from", tmp_path / "to", copy_function=full)
    assert str(BuildError.refused(raised.value, Path("place"))) == (
        f"{tmp_path / 'to' / 'file'}: No space left on device"
    )


def test_a_file_that_is_copied_onto_itself_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(shutil.SameFileError) as raised:
        shutil.copyfile(tmp_path / "file", tmp_path / "file")
    assert "are the same file" in str(BuildError.refused(raised.value, Path("place")))
