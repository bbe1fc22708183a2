"""Jupyter kernels for the pages of the book: forked from one warm process, or plain ones.

``warm_kernels`` and ``plain_kernels`` have the same interface and, page for page, the same outputs:
both give :class:`Kernels`, whose options have papermill run a notebook in a kernel of that sort::

    with warm_kernels({"SOURCE_DATE_EPOCH": "0"}, root) as kernels:
        papermill.execute_notebook(notebook, None, **kernels.options())

Nothing of the user's Jupyter or IPython is read or written: the kernelspec, the connection files
and the IPython profile live in a private directory that goes when the context ends.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aicompute.book.kernel_environment import kernel_environment
from aicompute.errors import BuildError

WARM = "aicompute-warm"
PLAIN = "aicompute-plain"

PRELOAD = (
    "pandas", "altair", "statsmodels.regression", "statsmodels.robust",
    "aicompute.report:rehearse",
)

SERVER = Path(__file__).with_name("kernel_server.py")

KERNEL_OPTIONS = (
    "--HistoryManager.enabled=False",
    "--InteractiveShellApp.exec_PYTHONSTARTUP=False",
    # What C code writes, and the kernel's own remarks, go to the log and not into a page.
    "--IPKernelApp.capture_fd_output=False",
)

LONGEST_BASE = 70
"""A Unix socket's path has at most 107 bytes; the directory of the private one, at most this."""

# Papermill reports by exceptions too; without a handler Python prints its log on the terminal.
logging.getLogger("papermill").addHandler(logging.NullHandler())


@dataclass
class Kernels:
    """Kernels of one sort, for the build to run notebooks in.

    Attributes
    ----------
    name, home : str, Path
        Name of the kernelspec, and the private directory it is in.
    cwd, env : Path, dict
        Directory every kernel works in, and its whole environment.
    transport : str
        ``ipc`` (Unix sockets in the private directory) or ``tcp``.
    server : Popen, optional
        The fork server, of warm kernels.
    stopped, groups : bool, set
        Whether no kernel may start any more, and the process groups of plain ones that run.
    """

    name: str
    home: Path
    cwd: Path
    env: dict[str, str]
    transport: str
    server: subprocess.Popen[bytes] | None = None
    stopped: bool = False
    groups: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _said: bytes = b""

    @property
    def log(self) -> Path:
        """What the kernels said besides their outputs, to quote when one dies; goes with them."""
        return self.home / "log"

    def next_number(self) -> int:
        """Return a number for the files of one kernel."""
        return next(self._numbers)

    def stop(self) -> None:
        """Kill every kernel there is; who waits for one hears that it died. No other starts."""
        self.stopped = True
        if self.server is not None and self.server.stdin is not None:
            self.server.stdin.close()
        for group in list(self.groups):
            with contextlib.suppress(OSError):
                os.killpg(group, signal.SIGKILL)

    def options(self) -> dict[str, Any]:
        """Keywords for ``papermill.execute_notebook``; waits until the server is warm.

        Raises
        ------
        BuildError
            The fork server could not start.
        """
        from aicompute.book.kernel_clients import BookKernelManager
        from aicompute.book.kernel_engine import ENGINE

        self._await_server()
        return {
            "kernel_name": self.name,
            "language": "python",
            "engine_name": ENGINE,
            "kernel_manager_class": type("Manager", (BookKernelManager,), {"kernels": self}),
            "shutdown_kernel": "immediate",
            "progress_bar": False,
            "record_timing": False,
            "autosave_cell_every": 0,
        }

    def _await_server(self) -> None:
        if self.server is None:
            return
        with self._lock:
            if not self._said and self.server.stdout is not None:
                self._said = self.server.stdout.readline() or b"error it ended at once"
        if self._said == b"threads\n":
            self.name = PLAIN
        elif self._said != b"ready\n":
            reason = self._said.decode(errors="replace").removeprefix("error ").strip()
            msg = f"the server of warm kernels could not start: {reason}"
            raise BuildError(msg)


def warm_is_possible() -> bool:
    """Whether kernels can be forked here: macOS forbids it to the frameworks numpy may load."""
    return sys.platform.startswith("linux") and hasattr(os, "fork") and _base() is not None


@contextmanager
def warm_kernels(
    environment: Mapping[str, str], cwd: Path, preload: tuple[str, ...] = PRELOAD
) -> Iterator[Kernels]:
    """Give kernels forked from one process that has imported the modules of ``preload``.

    Entering does not wait for the imports; the first :meth:`Kernels.options` does. Where kernels
    cannot be forked, or the modules have started threads, plain ones are given.

    Parameters
    ----------
    environment : mapping
        Variables the kernels have besides the build's own.
    cwd : Path
        Directory the kernels work in.
    preload : tuple of str
        Modules to import beforehand.
    """
    if not warm_is_possible():
        with plain_kernels(environment, cwd) as plain:
            yield plain
        return
    with _kernels(WARM, environment, cwd) as kernels:
        listen = kernels.home / "server"
        # Started first: what its clients need takes as long to import as the server to warm up.
        with _fork_server(kernels, listen, preload):
            from aicompute.book.kernel_clients import register_provisioner

            register_provisioner(WARM)
            config = {"provisioner_name": WARM, "config": {"server": str(listen)}}
            _write_kernelspec(kernels, WARM, config)
            yield kernels


@contextmanager
def plain_kernels(environment: Mapping[str, str], cwd: Path) -> Iterator[Kernels]:
    """Give kernels that each start from nothing; see :func:`warm_kernels`."""
    from aicompute.book.kernel_clients import create_factory

    create_factory()
    with _kernels(PLAIN, environment, cwd) as kernels:
        yield kernels


@contextmanager
def _kernels(name: str, environment: Mapping[str, str], cwd: Path) -> Iterator[Kernels]:
    base = _base()
    # A kernel works in another folder than the build, where a relative path leads elsewhere.
    home = Path(tempfile.mkdtemp(prefix="aic-", dir=base)).absolute()
    transport = "tcp" if base is None else "ipc"
    try:
        env = kernel_environment(environment, home)
        kernels = Kernels(name, home, cwd.resolve(), env, transport)
        kernels.log.touch()
        _write_kernelspec(kernels, PLAIN, {"provisioner_name": "local-provisioner"})
        yield kernels
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _base() -> str | None:
    """Directory for the private one, if there is one short enough for Unix sockets."""
    for base in () if sys.platform == "win32" else (tempfile.gettempdir(), "/tmp"):  # noqa: S108
        if len(os.fsencode(base)) <= LONGEST_BASE and os.access(base, os.W_OK | os.X_OK):
            return base
    return None


def _write_kernelspec(kernels: Kernels, name: str, provisioner: dict[str, Any]) -> None:
    launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {
        "argv": [*launch, *KERNEL_OPTIONS],
        "display_name": "Python 3",
        "language": "python",
        "metadata": {"kernel_provisioner": provisioner},
    }
    path = kernels.home / "kernels" / name / "kernel.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(spec), encoding="utf-8")


@contextmanager
def _fork_server(kernels: Kernels, listen: Path, preload: tuple[str, ...]) -> Iterator[None]:
    command = [sys.executable, str(SERVER), str(listen), *preload]
    with kernels.log.open("ab") as log:
        server = subprocess.Popen(
            command, cwd=kernels.cwd, env=kernels.env, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
    kernels.server = server
    with server:
        try:
            yield
        finally:
            # Its end of the pipe tells the server to end; leaving the block waits for that. One
            # that nobody has asked for a kernel has none to end, and may still be importing.
            if server.stdin is not None:
                server.stdin.close()
            if not kernels._said:
                server.kill()
