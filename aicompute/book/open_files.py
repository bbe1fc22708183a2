"""As many pages at once as this process may have files open for.

A connection to a kernel is made of sockets, each with helpers of ZeroMQ, which ends the whole
process where it gets no file for one. What a system allows unless told otherwise (1024 files on
Linux, 256 on macOS) is less than a machine of many cores needs.
"""

from __future__ import annotations

import contextlib
import resource

#: Files that a page holds open while it runs, measured as 22; and the build besides, as 8.
PAGE, BUILD = 24, 40


def pages_at_once(wanted: int) -> int:
    """Number of pages to run at once: those wanted, or fewer where the system allows no more.

    The limit of this process is raised as far as that takes, and as the system lets it.
    """
    needed = BUILD + wanted * PAGE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        raised = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        # What is said to be without limit may have one all the same.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
            soft = raised
        wanted = min(wanted, (soft - BUILD) // PAGE)
    return max(wanted, 1)
