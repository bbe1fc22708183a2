"""A page is run only where there are files to reach its kernel by."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tiny import Nursery, Tiny

from aicompute.book.open_files import BUILD, PAGE

ROOT = Path(__file__).resolve().parents[2]
#: Asks for pages under a soft and a hard limit; says how many it gets, and the limit then.
ASKED = """
import resource
import sys

from aicompute.book.open_files import pages_at_once

wanted, *limits = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, limits)
print(pages_at_once(wanted), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("wanted", "soft", "hard", "pages", "limit"),
    [
        (4, 1000, 1000, 4, 1000),
        (20, 256, 1000, 20, BUILD + 20 * PAGE),
        # 40 + 9 x 24 = 256, and a tenth page would want 24 more.
        (20, 256, 256, 9, 256),
        (20, 64, 256, 9, 256),
        (2, 45, 45, 1, 45),
    ],
    ids=["enough", "raised", "fewer", "raised and fewer", "hardly any"],
)
def test_the_limit_is_raised_as_far_as_it_may_be_and_the_rest_waits(
    wanted: int, soft: int, hard: int, pages: int, limit: int
) -> None:
    asked = [sys.executable, "-c", ASKED, *map(str, (wanted, soft, hard))]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == f"{pages} {limit}\n"


@pytest.mark.slow
def test_a_build_with_few_files_runs_fewer_pages_at_once_and_succeeds(
    tmp_path: Path, nursery: Nursery
) -> None:
    # Once a library ended it in a word: many cores want more than the usual 1024 files.
    tiny = Tiny(tmp_path, nursery=nursery)
    assert tiny.build(open_files=BUILD + PAGE) == (0, "")
    assert tiny.left() == []
