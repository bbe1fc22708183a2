"""The process that turns drawings into pictures; ``aicompute.book.pictures`` runs it as a script.

A request is a line of JSON (``svg``, ``scale``). The answer is a line with the number of bytes and
the bytes of the PNG, or a line ``error ...``. The end of its input ends it; a build that was killed
leaves that behind too.
"""

from __future__ import annotations

import json
import sys

import vl_convert


def main() -> None:
    """Answer requests until there are no more."""
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            picture = bytes(vl_convert.svg_to_png(request["svg"], scale=request["scale"]))
            head = str(len(picture))
        except Exception as error:
            # Whatever is wrong with the drawing is for the build to say; a backtrace follows it.
            head, picture = "error " + str(error).strip().partition("\n")[0], b""
        sys.stdout.buffer.write(head.encode() + b"\n" + picture)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
