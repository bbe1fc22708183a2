"""What a sweep of 100,000 settings takes on one core, beside calculating them one by one.

Run it from the repository: ``.venv/bin/python benchmarks/sweep.py``. Each side is a process of its
own. The one-by-one side calculates a sample of the same settings through the study that the report
itself uses, and what counts is the ratio.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = 100_000
#: Settings that are also calculated one by one.
SAMPLE = 40
SWEEP = f"""
title: Benchmark
assumptions: {{values: recounted}}
vary:
  gpu_utilization: {{uniform: [0.1, 0.6]}}
  tpu_utilization: {{uniform: [0.1, 0.6]}}
  passes_per_example: {{uniform: [2, 4]}}
  chip_rating: {{choice: [article, base, boost]}}
  record_setters_only: {{choice: [true, false]}}
samples: {SETTINGS}
seed: 1
"""
# Processor seconds, so that other work on the machine does not count; VmHWM is the peak of this
# process alone, where ru_maxrss would start from that of the process before it.
MEASURE = """
import re, time
from pathlib import Path
{setup}
begun = time.process_time()
{work}
seconds = time.process_time() - begun
peak = re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]
print(seconds, int(peak) / 1024)
"""
WHOLE = (
    "from aicompute.sweeps import run_sweep",
    "run_sweep(Path('sweep.yml'), Path('out.csv'))",
)
ONE_BY_ONE = (
    "from aicompute.dataset import DATA, open_dataset\n"
    "from aicompute.assumptions import parse_assumptions\n"
    "from aicompute.study import Study\n"
    "from aicompute.sweeps.plan import load_plan\n"
    "plan, dataset = load_plan(Path('sweep.yml')), open_dataset(DATA)\n"
    f"columns = plan.columns(0, {SAMPLE})",
    f"for i in range({SAMPLE}):\n"
    "    setting = {a.name: a.texts(columns[a.name][[i]])[0] for a in plan.axes}\n"
    "    study = Study(dataset, parse_assumptions({**plan.fixed, **setting}))\n"
    "    study.fit, study.growth_by('recounted')",
)


def measured(folder: Path, parts: tuple[str, str]) -> tuple[float, float]:
    """Processor seconds and peak memory, MiB, of a script in a process of its own on one core."""
    script = MEASURE.format(setup=parts[0], work=parts[1])
    one_core = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, check=True, capture_output=True, text=True,
        env={**os.environ, **one_core, "PYTHONPATH": str(ROOT)},
    )
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def main() -> None:
    """Print seconds, peak memory and the ratio to one setting at a time."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sweep.yml").write_text(SWEEP, encoding="utf-8")
        seconds, peak = measured(folder, WHOLE)
        single, _ = measured(folder, ONE_BY_ONE)
    each = single / SAMPLE
    report = [
        f"settings                                {SETTINGS:9,}",
        f"sweep, processor seconds on one core    {seconds:9.1f}",
        f"sweep, peak memory, MiB                 {peak:9.0f}",
        f"one study at a time, ms a setting       {each * 1000:9.1f}",
        f"one study at a time, whole, s           {each * SETTINGS:9.0f}",
        f"ratio                                   {each * SETTINGS / seconds:9.0f}",
    ]
    sys.stdout.write("\n".join(report) + "\n")


if __name__ == "__main__":
    main()
