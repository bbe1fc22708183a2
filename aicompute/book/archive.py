"""The whole site in one file, to take away: the same bytes for the same site."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

FILE = "_downloads/site.zip"
#: Folder that the file unpacks to.
FOLDER = "ai-and-compute"
#: The earliest time a zip can hold; the real ones would differ from build to build.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16
#: Maps of scripts for those who debug the theme: half of the site's size.
_LEFT_OUT = {".map"}


def pack(site: Path) -> None:
    """Write every file of a site into a zip in it, in the order of their names."""
    files = sorted(path for path in site.rglob("*")
                   if path.is_file() and path.suffix not in _LEFT_OUT)
    write_zip(site / FILE, {f"{FOLDER}/{path.relative_to(site).as_posix()}": path.read_bytes()
                            for path in files})


def write_zip(target: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a zip, in their order."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.external_attr = _READABLE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
