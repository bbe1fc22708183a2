"""Papermill's engine for the book: a loop for each notebook, and none left behind."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from jupyter_core.utils import ensure_event_loop
from papermill.engines import NBClientEngine, papermill_engines

ENGINE = "aicompute"
"""Name papermill knows :class:`BookEngine` by."""


class BookEngine(NBClientEngine):  # type: ignore[misc]
    """Papermill's own engine, with an event loop for each notebook that is gone afterwards."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Run a notebook as papermill does."""
        run = partial(cls._execute_and_close_loop, nb_man, kernel_name, **kwargs)
        if not _loop_is_running():
            return run()
        # The loop of this thread is another's (a Jupyter cell, say), who goes on with it.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(run).result()

    @classmethod
    def _execute_and_close_loop(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        finally:
            # The loop that nbclient made for this thread; it makes another for the next notebook.
            # A cell that ran out of time has left a task there, still waiting for outputs.
            loop = ensure_event_loop()
            waiting = asyncio.all_tasks(loop)
            for task in waiting:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
            loop.close()
            asyncio.set_event_loop(None)


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


papermill_engines.register(ENGINE, BookEngine)
