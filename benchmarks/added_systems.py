"""What an added system page costs: time and memory at 20, 200 and 1,000 synthetic systems.

Run it from the repository: ``.venv/bin/python benchmarks/added_systems.py``. The cost of a page is
the slope between two sizes, so that what every build pays once does not count.
"""

from __future__ import annotations

import datetime
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZES = (20, 200, 1000)
FIRST = datetime.date(2018, 6, 1)


def with_systems(target: Path, count: int) -> Path:
    """A copy of the tables with synthetic later systems, each with one calculation."""
    shutil.copytree(ROOT / "data", target)
    systems, chip_time = [], []
    for index in range(count):
        name = f"synthetic_{index}"
        day = FIRST + datetime.timedelta(days=index)
        systems.append(f"{name},Synthetic {index},{day},Nobody,false,vision,later,,2,"
                       f"Synthetic {index},A benchmark.,openai_2018,nowhere but here,")
        # chips, days; no printed rating, utilization or factor.
        chip_time.append(f"{name},recount,training,v100,,{index + 1},,,10,{',' * 8}"
                         "openai_2018,nowhere but here,,")
    for file, rows in (("systems.csv", systems), ("chip_time.csv", chip_time)):
        with (target / file).open("a", encoding="utf-8") as table:
            table.write("\n".join(rows) + "\n")
    return target


def main() -> None:
    """Print seconds and peak memory at each size, and the cost of a page between sizes."""
    lines = [f"{'systems':>8} {'seconds':>9} {'MiB':>7} {'s a page':>9}"]
    before: tuple[int, float] | None = None
    for count in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            data = with_systems(Path(folder) / "data", count)
            command = [sys.executable, "-m", "aicompute", "build", "--data", str(data),
                       "--output", str(Path(folder) / "_build")]
            started = time.perf_counter()
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
            seconds = time.perf_counter() - started
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        slope = (seconds - before[1]) / (count - before[0]) if before else float("nan")
        lines.append(f"{count:8} {seconds:9.1f} {memory:7.0f} {slope:9.3f}")
        before = (count, seconds)
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
