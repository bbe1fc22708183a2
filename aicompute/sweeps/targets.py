"""What a sweep writes, refused before anything is calculated where it could not be written."""

from __future__ import annotations

import tempfile
from pathlib import Path

from aicompute.errors import BuildError, CallError

SUFFIXES = (".csv", ".parquet")


def check_targets(file: Path, output: Path, summary: Path | None) -> None:
    """Refuse a table or a summary that could not be written, or would overwrite another file.

    Parameters
    ----------
    file
        The sweep file.
    summary
        The file of the summary, where one is wanted.

    Raises
    ------
    CallError
        If two of the paths are one, the table's suffix is unknown, it is a folder, or its library
        is not installed.
    BuildError
        If the disk would refuse the summary; where it refuses the table, the chunks beside it
        come to know.
    """
    _check_table(output)
    _check_apart("--output", output, file, "sweep file")
    if summary is not None:
        _check_apart("--summary", summary, file, "sweep file")
        _check_apart("--summary", summary, output, "table")
        _check_writable(summary)


def _check_table(output: Path) -> None:
    if output.suffix not in SUFFIXES or output.is_dir():
        raise CallError(f"--output {output}: allowed: a file ending in {' or '.join(SUFFIXES)}")
    if output.suffix == ".parquet":
        try:
            import pyarrow  # noqa: F401
        except ImportError:
            raise CallError(
                f"--output {output}: Parquet needs pyarrow; pip install 'aicompute[parquet]'"
            ) from None


def _check_apart(option: str, path: Path, other: Path, what: str) -> None:
    if path.resolve() == other.resolve():
        raise CallError(f"{option} {path}: is the {what}; allowed: another file")


def _check_writable(path: Path) -> None:
    """Try a file in the folder, or where that has yet to be made, in the nearest above it."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise BuildError(f"--summary {path}: cannot be written: {error.strerror}") from None
