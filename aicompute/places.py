"""Where the report's files lie; nothing here takes time to load."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Names the folder of tables where it is not the report's own.
DATA_VARIABLE = "AICOMPUTE_DATA"
PACKAGE = Path(__file__).resolve().parent
#: Files beside the package in a checkout, inside it where it is installed.
HOME = PACKAGE if (PACKAGE / "data").is_dir() else PACKAGE.parent
DATA = HOME / "data"
#: The chapter that is run once for every system, and the folder of its pages.
TEMPLATE, FOLDER = "system", "systems"
#: Ends the names of pages in Chinese.
CHINESE = "_zh"


def data_folder() -> Path:
    """The folder of tables in use: the report's own unless AICOMPUTE_DATA names another."""
    return Path(os.environ.get(DATA_VARIABLE) or DATA)


@contextmanager
def using_data(folder: Path) -> Iterator[None]:
    """Use another folder of tables within a block."""
    before = os.environ.get(DATA_VARIABLE)
    os.environ[DATA_VARIABLE] = str(folder.absolute())
    try:
        yield
    finally:
        if before is None:
            del os.environ[DATA_VARIABLE]
        else:
            os.environ[DATA_VARIABLE] = before
