"""Jupyter kernels for the pages of the book: forked from one warm process, or plain ones.

``warm_kernels`` and ``plain_kernels`` are context managers with the same interface and, page for
page, the same outputs. Both give :class:`Kernels`, whose :meth:`~Kernels.options` are the
keywords that have papermill run a notebook in a new kernel of that sort::

    with warm_kernels({"SOURCE_DATE_EPOCH": "0"}, root, preload=("pandas",)) as kernels:
        papermill.execute_notebook(notebook, None, **kernels.options())

Nothing of the user's Jupyter or IPython is read or written: the kernelspec, the connection files
and the IPython profile live in a private directory that goes when the context ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from pathlib import Path
from queue import Empty
from typing import Any, ClassVar, cast

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets import Unicode

from aicompute.errors import BuildError

WARM = "aicompute-warm"
PLAIN = "aicompute-plain"

KERNEL_OPTIONS = (
    "--HistoryManager.enabled=False",
    "--InteractiveShellApp.exec_PYTHONSTARTUP=False",
    # What C code writes, and the kernel's own remarks, go to the log and not into a page.
    "--IPKernelApp.capture_fd_output=False",
    # Process 1 as parent: no greeting on the terminal, and no thread that polls the parent.
    "--IPKernelApp.parent_handle=1",
)

FIXED_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    # A library with a pool of threads could not be forked, and two kernels share two cores.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}

FOREIGN_PREFIXES = ("JUPYTER", "JPY_", "IPYTHON", "IPYKERNEL", "PYTHONSTARTUP", "PAPERMILL")

LONGEST_PRIVATE_PATH = 60
"""A Unix socket's whole path has at most 107 bytes, here its directory's at most this many."""

PACKAGE_ROOT = Path(__file__).resolve().parents[2]


class WarmProvisioner(LocalProvisioner):
    """Starts kernels by asking the fork server; otherwise as jupyter_client's local one.

    Attributes
    ----------
    server : str
        Path of the fork server's socket, from the kernelspec.
    """

    server = Unicode(config=True)
    _line: socket.socket | None = None
    _heard = b""
    _status: int | None = None

    @property
    def has_process(self) -> bool:
        """Whether a kernel was started and its end not yet waited for."""
        return self._line is not None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Have the server fork a kernel; return when it listens or has died."""
        loop = asyncio.get_running_loop()
        self._line, self._heard, self._status, self.pid = (
            socket.socket(socket.AF_UNIX), b"", None, None,
        )
        self._line.setblocking(False)
        await loop.sock_connect(self._line, self.server)
        request = {
            "arguments": cmd[cmd.index("ipykernel_launcher") + 1 :],
            "cwd": str(kwargs.get("cwd") or Path.cwd()),
            "env": kwargs["env"],
        }
        await loop.sock_sendall(self._line, json.dumps(request).encode() + b"\n")
        while self._status is None and b"ready\n" not in self._heard:
            self._take(await loop.sock_recv(self._line, 4096))
        return self.connection_info

    def _take(self, data: bytes) -> None:
        self._heard += data
        if b"exit " in self._heard and self._heard.endswith(b"\n"):
            self._status = int(self._heard.rpartition(b"exit ")[2])
        elif not data:
            self._status = -signal.SIGKILL  # the server has died, and with it its kernels
        elif self.pid is None and b"\n" in self._heard:
            self.pid = self.pgid = int(self._heard.split()[1])

    async def poll(self) -> int | None:
        """Exit status of the kernel, or None while it runs."""
        while self._line is not None and self._status is None:
            try:
                self._take(self._line.recv(4096))
            except BlockingIOError:
                return None
        return self._status or 0

    async def wait(self) -> int | None:
        """Wait for the kernel to end; its exit status."""
        loop = asyncio.get_running_loop()
        while await self.poll() is None:
            assert self._line is not None
            # A poll from another task may take the line's last word: look again now and then.
            with contextlib.suppress(TimeoutError):
                self._take(await asyncio.wait_for(loop.sock_recv(self._line, 4096), 0.1))
        self._hang_up()
        return self._status or 0

    async def send_signal(self, signum: int) -> None:
        """Have the server, which knows whether the kernel still lives, signal its group."""
        if self._line is not None and await self.poll() is None:
            with contextlib.suppress(OSError):
                self._line.sendall(f"signal {int(signum)}\n".encode())

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and see it dead, which spares the manager its waits of 0.1 s."""
        await self.send_signal(signal.SIGKILL)
        await self.wait()

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel to end."""
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """Close the line, which ends a kernel that still runs."""
        self._hang_up()
        await super().cleanup(restart)

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


class BookKernelClient(AsyncKernelClient):
    """A client without the waits that serve interactive use."""

    def start_channels(self, *_: bool, **__: bool) -> None:
        """Start the channels a notebook needs: no standard input, no heartbeat's thread."""
        super().start_channels(stdin=False, hb=False)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait for an answer on the shell channel and proof that outputs will be heard.

        The library's own goes on to drain the output channel until nothing has come for 0.2 s;
        nbclient passes over messages that answer none of its requests, so that is not needed.
        """
        end = time.monotonic() + (timeout or 60)
        while time.monotonic() < end:
            self.kernel_info()
            with contextlib.suppress(Empty):
                reply = await self.shell_channel.get_msg(timeout=1)
                await self.iopub_channel.get_msg(timeout=1)
                self._handle_kernel_info_reply(reply)
                return
            if not await self._async_is_alive():
                msg = "Kernel died before replying to kernel_info"
                raise RuntimeError(msg)
        msg = f"Kernel did not respond in {timeout} seconds"
        raise RuntimeError(msg)


@dataclass
class Kernels:
    """Kernels of one sort, for the build to run notebooks in.

    Attributes
    ----------
    name : str
        Name of the kernelspec.
    log : Path
        What the kernels themselves said; to quote when one dies. Goes with the context.
    """

    name: str
    log: Path
    home: Path
    cwd: Path
    env: dict[str, str]
    server: subprocess.Popen[bytes] | None = None
    _started: threading.Lock = field(default_factory=threading.Lock)
    _names: Iterator[int] = field(default_factory=itertools.count)
    _said: str = ""

    def options(self) -> dict[str, Any]:
        """Keywords for ``papermill.execute_notebook``; waits until the server is warm.

        Raises
        ------
        BuildError
            The fork server could not start.
        """
        self._await_server()
        manager = type("BoundKernelManager", (BookKernelManager,), {"kernels": self})
        return {
            "kernel_name": self.name,
            "language": "python",
            "kernel_manager_class": manager,
            "shutdown_kernel": "immediate",
            "progress_bar": False,
            "record_timing": False,
            "autosave_cell_every": 0,
        }
