"""The guard of conftest.py: where CI runs the tests, one that was skipped fails the run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent


@pytest.mark.parametrize(
    ("ci", "test", "code"),
    [
        ("true", "pytest.skip('no browser')", 1),
        ("", "pytest.skip('no browser')", 0),
        ("true", "assert pytest", 0),
    ],
    ids=["a skip in CI", "a skip elsewhere", "no skip in CI"],
)
def test_a_skip_fails_the_run_in_ci_alone(tmp_path: Path, ci: str, test: str, code: int) -> None:
    # A test of the browser was once skipped for want of one, and nobody saw that it never ran.
    (tmp_path / "conftest.py").write_bytes((TESTS / "conftest.py").read_bytes())
    (tmp_path / "test_one.py").write_text(f"import pytest\n\n\ndef test_one():\n    {test}\n")
    found = os.pathsep.join([str(TESTS.parent), os.environ.get("PYTHONPATH", "")])
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    run = subprocess.run(command, cwd=tmp_path, env={**kept, "CI": ci, "PYTHONPATH": found},
                         capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == code, run.stdout + run.stderr
    assert ("1 tests were skipped, which CI does not allow" in run.stdout) == (code == 1)
