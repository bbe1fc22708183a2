"""Papermill's engine for the book: a notebook's cells in IPython's own shell, in this process.

It is meant for a process of its own, since a cell that runs too long ends it.
"""

from __future__ import annotations

import contextlib
import io
import signal
from collections.abc import Iterator
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.history import HistoryManager
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from papermill.engines import Engine, papermill_engines
from traitlets import Type

from aicompute.recording import connect

#: The name papermill knows it by.
ENGINE = "aicompute"
#: A cell with this tag is shown and not run.
SKIPPED = "skip-execution"


class _Hook(DisplayHook):
    """Takes the value of a cell's last expression; prompt and line end are left to who shows it."""

    shell: Any

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        self.shell.outputs.append(NotebookNode(
            output_type="execute_result", data=format_dict, metadata=md_dict or {},
            execution_count=self.prompt_count))

    def finish_displayhook(self) -> None:
        self._is_active = False


class _Publisher(DisplayPublisher):
    """Takes what a cell displays."""

    shell: Any

    def publish(self, data: dict[str, Any], metadata: Any = None, source: Any = None,
                **_: Any) -> None:
        self.shell.outputs.append(NotebookNode(
            output_type="display_data", data=data, metadata=metadata or {}))


class _Stream(io.TextIOBase):
    """Takes what a cell prints; what follows at once on the same stream is one output."""

    def __init__(self, name: str, outputs: list[NotebookNode]) -> None:
        self.name, self.outputs = name, outputs

    def write(self, text: str) -> int:
        last = self.outputs[-1] if self.outputs else {}
        if last.get("name") == self.name:
            last["text"] += text
        elif text:
            self.outputs.append(NotebookNode(output_type="stream", name=self.name, text=text))
        return len(text)


class ZmqlessShell(InteractiveShell):
    """IPython's shell, which keeps what a cell puts out as a kernel would send it.

    By the letters zmq in its name pandas takes it for a notebook's, not a terminal's.
    """

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)

    def __init__(self, **options: Any) -> None:
        self.outputs: list[NotebookNode] = []
        super().__init__(**options)  # type: ignore[no-untyped-call]

    def init_history(self) -> None:
        """Keep the cells of this notebook alone, and write them nowhere."""
        self.history_manager = HistoryManager(shell=self, parent=self, enabled=False)

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.outputs.append(NotebookNode(
            output_type="error", ename=etype.__name__, evalue=str(evalue), traceback=stb))

    def run(self, source: str) -> list[NotebookNode]:
        """Run a cell and return its outputs."""
        self.outputs.clear()
        streams = [_Stream(name, self.outputs) for name in ("stdout", "stderr")]
        with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
            self.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
        return list(self.outputs)


class ShellEngine(Engine):  # type: ignore[misc]
    """Runs the cells of a notebook in :class:`ZmqlessShell`."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, execution_timeout: int = 0, **_: Any
    ) -> None:
        """Run a notebook's cells to the first that fails."""
        shell = ZmqlessShell.instance()
        connect()
        for cell in nb_man.nb.cells:
            if cell.cell_type != "code" or SKIPPED in cell.metadata.get("tags", []):
                continue
            cell.execution_count = shell.execution_count
            with _ended_after(execution_timeout):
                cell.outputs = shell.run(cell.source)
            if any(output.output_type == "error" for output in cell.outputs):
                nb_man.cell_exception(cell)
                break


@contextlib.contextmanager
def _ended_after(seconds: int) -> Iterator[None]:
    """Let the system end this process when the time is up, whatever it is at; 0 for no limit."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


papermill_engines.register(ENGINE, ShellEngine)
