"""The client's side of one kernel: provisioner, client and manager in jupyter_client's terms."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
import socket
import time
from importlib.metadata import EntryPoint
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any, ClassVar

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Unicode

from aicompute.errors import BuildError

if TYPE_CHECKING:
    from aicompute.book.kernels import Kernels

RECONNECT_MS = 10
"""How soon to knock again at a kernel that does not listen yet; 100 ms unless told."""


class WarmProvisioner(LocalProvisioner):
    """Starts kernels by asking the fork server; otherwise as jupyter_client's local one.

    Attributes
    ----------
    server : str
        Path of the fork server's socket, from the kernelspec.
    """

    server = Unicode().tag(config=True)
    _line: socket.socket | None = None
    _heard = b""
    _status: int | None = None

    @property
    def has_process(self) -> bool:
        """Whether a kernel was started and its end not yet waited for."""
        return self._line is not None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Have the server fork a kernel; return when it listens, or has died."""
        self._heard, self._status = b"", None
        self.cwd = kwargs.get("cwd") or Path.cwd()
        request = {
            "arguments": cmd[cmd.index("ipykernel_launcher") + 1 :],
            "cwd": str(self.cwd),
            "env": kwargs["env"],
        }
        line = self._line = socket.socket(socket.AF_UNIX)
        line.setblocking(False)
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_connect(line, self.server)
            await loop.sock_sendall(line, json.dumps(request).encode() + b"\n")
            while self._status is None and b"ready\n" not in self._heard:
                self._take(await loop.sock_recv(line, 4096))
        except OSError as error:
            self._hang_up()
            msg = f"the server of warm kernels has ended: {error}"
            raise BuildError(msg) from None
        return self.connection_info

    def _take(self, data: bytes) -> None:
        self._heard += data
        if forked := re.search(rb"pid (\d+)\n", self._heard):
            self.pid = self.pgid = int(forked[1])
        if ended := re.search(rb"exit (-?\d+)\n", self._heard):
            self._status = int(ended[1])
        elif not data:
            self._status = -signal.SIGKILL  # the server has died, and with it its kernels

    async def poll(self) -> int | None:
        """Exit status of the kernel, or None while it runs."""
        while self._line is not None and self._status is None:
            try:
                self._take(self._line.recv(4096))
            except BlockingIOError:
                return None
            except OSError:
                self._take(b"")
        return self._status or 0

    async def wait(self) -> int | None:
        """Wait for the kernel to end; its exit status."""
        loop = asyncio.get_running_loop()
        while await self.poll() is None and self._line is not None:
            # A poll from another task may take the line's last word: look again now and then.
            with contextlib.suppress(asyncio.TimeoutError, OSError):
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


class BookKernelManager(AsyncKernelManager):
    """Manages one kernel of ``kernels``, which a subclass names; nothing of it is the user's."""

    kernels: ClassVar[Kernels]

    def __init__(self, **kwargs: Any) -> None:
        home = self.kernels.home
        kwargs["kernel_spec_manager"] = KernelSpecManager(
            kernel_dirs=[str(home / "kernels")], ensure_native_kernel=False
        )
        kwargs["transport"] = self.kernels.transport
        kwargs["connection_file"] = str(home / f"{self.kernels.next_number()}.json")
        super().__init__(**kwargs)
        self.client_factory = BookKernelClient
        self.context.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MS)

    async def start_kernel(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Start the kernel in its environment, what it says besides its outputs going to a log."""
        with self.kernels.log.open("ab") as log:
            kwargs |= {"env": dict(self.kernels.env), "cwd": str(self.kernels.cwd)}
            try:
                await super().start_kernel(**kwargs, stdout=log, stderr=log)
            except Exception:
                await self.cleanup_resources()  # nbclient does that only for what has started
                raise
        self.kernels.groups.update(self._own_group())
        if self.kernels.stopped:
            self.kernels.stop()

    async def cleanup_resources(self, restart: bool = False) -> None:  # type: ignore[override]
        """Forget the kernel, whose process has ended."""
        self.kernels.groups.difference_update(self._own_group())
        await super().cleanup_resources(restart)

    def _own_group(self) -> set[int]:
        """The process group of a plain kernel; that of a forked one its server alone may kill."""
        forked = isinstance(self.provisioner, WarmProvisioner)
        group = None if forked else getattr(self.provisioner, "pgid", None)
        return set() if group is None else {group}


def create_factory() -> KernelProvisionerFactory:
    """Return what jupyter_client makes provisioners by: made before threads could race to do it."""
    return KernelProvisionerFactory.instance()


def register_provisioner(name: str) -> None:
    """Let kernelspecs name :class:`WarmProvisioner`."""
    entry = EntryPoint(name, f"{__name__}:{WarmProvisioner.__name__}", "")
    # The class's own table, the one entry points fill: no step of installing is needed.
    create_factory().provisioners[name] = entry
