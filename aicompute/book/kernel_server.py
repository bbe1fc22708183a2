"""The fork server: one warm Python process that turns copies of itself into Jupyter kernels.

It imports once what takes every kernel a second (pandas, altair); for each request it forks, and
the child becomes an ordinary ipykernel. ``aicompute.book.kernels`` runs it as a script:
``kernel_server.py SOCKET MODULE[:FUNCTION]...`` (what to preload, and to call once). Standard input
is a pipe held by the build, whose end ends the server; standard output takes one line, ``ready``,
``threads`` (the modules started some, so do not fork) or ``error ...``; all else goes to a log.

One connection asks for one kernel: a line of JSON (``arguments``, ``cwd``, ``env``), then any
number of lines ``signal N``. The answers are lines: ``pid N``, ``ready`` (from the kernel itself,
its sockets bound) and ``exit N`` (as in ``subprocess``). Closing the connection kills the kernel.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1  # has Linux signal a process when its parent ends
SPEEDUPS = {
    "IPython.core": ("completerlib", "debugger", "logger", "oinspect"),
    "IPython.extensions": ("storemagic",),
    "pandas.io.formats": ("html",),
    "tornado.platform": ("asyncio",),
}
"""What a kernel imports late; a version that lacks one of them is only slower."""


@dataclass
class Kernel:
    """One connection and, once it has asked for one, the kernel forked for it."""

    line: socket.socket
    heard: bytes = b""
    pid: int | None = None

    def tell(self, text: str) -> None:
        """Send one line to the client, who may have gone."""
        with contextlib.suppress(OSError):
            self.line.sendall(text.encode() + b"\n")

    def signal(self, number: int) -> None:
        """Signal the kernel and what it started; a child not yet leading its group, alone."""
        if self.pid is None:
            return
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            # The process is not reaped yet (the server alone does that), so its id is still its.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


@dataclass(frozen=True)
class Request:
    """What a forked child is to become."""

    arguments: list[str]
    cwd: str
    env: dict[str, str]
    line: socket.socket
    server: int


class ForkServer:
    """Hears requests, forks kernels, reports their ends; no thread, so that forking is safe."""

    def __init__(self, path: str) -> None:
        self.parent = os.getppid()
        self.pid = os.getpid()
        self.ended = False
        self.kernels: dict[socket.socket, Kernel] = {}
        self.selector = selectors.DefaultSelector()
        self.path = Path(path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(64)
        self.woken, self.waker = socket.socketpair()
        self.woken.setblocking(False)
        self.waker.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.waker.fileno(), warn_on_full_buffer=False)

    def serve(self) -> Request | None:
        """Serve until the build ends, then return nothing; in a forked child, what to become."""
        self.selector.register(self.listener, selectors.EVENT_READ, self._accept)
        self.selector.register(self.woken, selectors.EVENT_READ, self._reap)
        self.selector.register(sys.stdin.fileno(), selectors.EVENT_READ, self._hear_end)
        while True:
            for key, _ in self.selector.select(timeout=0.5):
                request: Request | None = key.data(key.fileobj)
                if request is not None:
                    return request
            # The pipe tells at once that the build ended, unless a process that the build forked
            # still holds it; then the change of parent tells.
            if self.ended or os.getppid() != self.parent:
                self._end()
                return None

    def _hear_end(self, _: int) -> None:
        self.ended = True

    def _accept(self, listener: socket.socket) -> None:
        line, _ = listener.accept()
        self.kernels[line] = Kernel(line)
        self.selector.register(line, selectors.EVENT_READ, self._hear)

    def _hear(self, line: socket.socket) -> Request | None:
        if (kernel := self.kernels.get(line)) is None:  # reaped a moment ago
            return None
        data = b""
        with contextlib.suppress(OSError):
            data = line.recv(1 << 16)
        if not data:
            self.selector.unregister(line)
            kernel.signal(signal.SIGKILL)
            if kernel.pid is None:
                self._forget(kernel)
            return None
        *lines, kernel.heard = (kernel.heard + data).split(b"\n")
        for text in lines:
            if kernel.pid is not None:
                kernel.signal(int(text.split()[1]))
            elif (request := self._fork(kernel, text)) is not None:
                return request
        return None

    def _fork(self, kernel: Kernel, text: bytes) -> Request | None:
        wanted = json.loads(text)
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self._let_go(kernel.line)
            return Request(**wanted, line=kernel.line, server=self.pid)
        kernel.pid = pid
        kernel.tell(f"pid {pid}")
        return None

    def _let_go(self, own: socket.socket) -> None:
        """Close, in a child, what is the server's, else no client would see its line close."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.selector.close()
        for held in (self.listener, self.woken, self.waker, *self.kernels):
            if held is not own:
                held.close()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

    def _reap(self, woken: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            woken.recv(4096)
        look = os.WEXITED | os.WNOHANG | os.WNOWAIT
        for kernel in list(self.kernels.values()):
            if kernel.pid is None or os.waitid(os.P_PID, kernel.pid, look) is None:
                continue
            kernel.signal(signal.SIGKILL)  # not yet reaped, it names its group: all of it ends
            _, status = os.waitpid(kernel.pid, 0)
            kernel.pid = None
            kernel.tell(f"exit {os.waitstatus_to_exitcode(status)}")
            self._forget(kernel)

    def _forget(self, kernel: Kernel) -> None:
        del self.kernels[kernel.line]
        with contextlib.suppress(KeyError):
            self.selector.unregister(kernel.line)
        kernel.line.close()

    def _end(self) -> None:
        for kernel in self.kernels.values():
            kernel.signal(signal.SIGKILL)
            if kernel.pid is not None:
                os.waitpid(kernel.pid, 0)
        # A build that was killed could not remove its private directory.
        shutil.rmtree(self.path.parent, ignore_errors=True)


def preload(modules: list[str]) -> None:
    """Import what every kernel will need, and make forking it cheap."""
    for name in ("ipykernel.kernelapp", *modules):
        module, _, function = name.partition(":")
        loaded = importlib.import_module(module)
        if function:
            getattr(loaded, function)()
    # The debugger is 140 modules that every kernel would load, threads and all; it is optional.
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    importlib.import_module("ipykernel.debugger")
    del sys.modules["debugpy"]
    for package, late in SPEEDUPS.items():
        for module in late:
            with contextlib.suppress(ImportError):
                importlib.import_module(f"{package}.{module}")
    gc.collect()
    gc.freeze()  # what no collection touches stays shared with the children
    gc.set_threshold(100_000, 20, 20)


def become_kernel(request: Request) -> None:
    """Run an ipykernel in this process until it is told to end."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != request.server:
        return
    os.environ.clear()
    os.environ.update(request.env)
    time.tzset()
    os.chdir(request.cwd)
    sys.argv = ["ipykernel_launcher.py", *request.arguments]
    app: Any = importlib.import_module("ipykernel.kernelapp").IPKernelApp.instance()
    # Process 1 as parent: no greeting in the log, and no thread to poll the parent.
    app.initialize([*request.arguments, "--IPKernelApp.parent_handle=1"])
    with request.line as line:
        line.sendall(b"ready\n")
    app.start()


def main() -> None:
    """Warm up, say so, serve; in a forked child, become a kernel."""
    path, *modules = sys.argv[1:]
    del sys.path[0]  # this file's directory; option -P would keep IPython from adding its own
    try:
        preload(modules)
        server = ForkServer(path)
    except Exception as error:
        os.write(1, f"error {type(error).__name__}: {' '.join(str(error).split())}\n".encode())
        raise
    # A fork copies no thread but its own, and a lock another holds is held for ever.
    alone = len(list(Path("/proc/self/task").iterdir())) == 1
    with contextlib.suppress(BrokenPipeError):  # a build that was killed does not hear it
        os.write(1, b"ready\n" if alone else b"threads\n")
    os.dup2(2, 1)
    if (request := server.serve()) is not None:
        become_kernel(request)


if __name__ == "__main__":
    main()
