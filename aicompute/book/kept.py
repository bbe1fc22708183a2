"""Files that a build keeps for the next one: one that is not as it was written counts as not there.

They are written whole, so that a build that is killed leaves none by halves. What a disk or a hand
does to them afterwards, the checksum at the end of each gives away.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

_LENGTH = hashlib.sha256().digest_size


def read(path: Path) -> bytes | None:
    """What was written to a file; None if it is not there, cut short or altered."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    content, checksum = content[:-_LENGTH], content[-_LENGTH:]
    return content if hashlib.sha256(content).digest() == checksum else None


def write(path: Path, content: bytes) -> None:
    """Write a file whole, with its checksum.

    Raises
    ------
    OSError
        If the disk refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(content + hashlib.sha256(content).digest())
    part.replace(path)
