"""The whole site in one file, to take away: the same bytes for the same site."""

from __future__ import annotations

import zipfile
from pathlib import Path

from aicompute import interrupts

FILE = "site.zip"
#: Folder that the file unpacks to.
FOLDER = "ai-and-compute"
#: The earliest time a zip can hold; the real ones would differ from build to build.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16
#: Maps of scripts for those who debug the theme: half of the site's size.
_LEFT_OUT = {".map"}


def write_archive(site: Path, target: Path) -> None:
    """Write every file of a site into a zip, in the order of their names.

    Parameters
    ----------
    site
        The finished site.
    target
        The file to write; no file of its name becomes a part of it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    files = sorted(
        path for path in site.rglob("*")
        if path.is_file() and path.suffix not in _LEFT_OUT and path.name != target.name
    )
    with zipfile.ZipFile(target, "w") as archive:
        for path in files:
            name = f"{FOLDER}/{path.relative_to(site).as_posix()}"
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.external_attr = _READABLE
            entry.compress_type = zipfile.ZIP_DEFLATED
            # A file in whose midst it is left, an archive refuses to close: an error of its own
            # would then hide the interrupt.
            with interrupts.postponed():
                archive.writestr(entry, path.read_bytes())
