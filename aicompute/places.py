"""Where the report's files lie; nothing here takes time to load."""

from __future__ import annotations

import os
from pathlib import Path

#: Names the folder of tables where it is not the report's own.
DATA_VARIABLE = "AICOMPUTE_DATA"
PACKAGE = Path(__file__).resolve().parent
#: Files beside the package in a checkout, inside it where it is installed.
HOME = PACKAGE if (PACKAGE / "data").is_dir() else PACKAGE.parent
DATA = HOME / "data"


def data_folder() -> Path:
    """The folder of tables in use: the report's own unless AICOMPUTE_DATA names another."""
    return Path(os.environ.get(DATA_VARIABLE) or DATA)
