"""The environment variables of a kernel: what makes pages the same wherever they are run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

PACKAGE_ROOT = Path(__file__).resolve().parents[2]

FIXED_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    # Libraries that start threads when imported could not be forked.
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}

FOREIGN_PREFIXES = (
    "JUPYTER", "JPY_", "IPYTHON", "IPYKERNEL", "PYTHONSTARTUP", "PAPERMILL",
    "PYTHONOPTIMIZE",  # takes the docstrings away, of which Altair makes its own
)


def kernel_environment(given: Mapping[str, str], home: Path) -> dict[str, str]:
    """The whole environment of a kernel: the build's, without what would let the user's in."""
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(FOREIGN_PREFIXES)
    }
    private = {"IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"}
    path = os.pathsep.join(filter(None, (str(PACKAGE_ROOT), own.get("PYTHONPATH"))))
    return {
        **own,
        "PYTHONPATH": path,
        **given,
        **FIXED_ENVIRONMENT,
        **dict.fromkeys(private, str(home / "profile")),
    }
