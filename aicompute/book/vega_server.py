"""The process that makes pictures and Vega's script; ``aicompute.book.vega`` runs it as a script.

A request is a line of JSON: ``svg`` and ``scale`` ask for a PNG, ``exported`` for the script. The
answer is a line with the number of bytes and the bytes, or a line ``error ...``. The end of its
input ends it; a build that was killed leaves that behind too.
"""

from __future__ import annotations

import json
import sys

import vl_convert


def main() -> None:
    """Answer requests until there are no more."""
    for line in sys.stdin.buffer:
        try:
            made = answer(**json.loads(line))
            head = str(len(made))
        except Exception as error:
            # Whatever is wrong with the drawing is for the build to say; a backtrace follows it.
            head, made = "error " + str(error).strip().partition("\n")[0], b""
        sys.stdout.buffer.write(head.encode() + b"\n" + made)
        sys.stdout.buffer.flush()


def answer(svg: str = "", scale: int = 1, exported: str = "") -> bytes:
    """What a request asks for."""
    if exported:
        return str(vl_convert.javascript_bundle(exported)).encode()
    return bytes(vl_convert.svg_to_png(svg, scale=scale))


if __name__ == "__main__":
    main()
