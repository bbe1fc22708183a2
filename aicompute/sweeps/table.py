"""Writes a sweep's table, chunk by chunk, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from aicompute.files import replacing
from aicompute.sweeps.chunks import Chunks
from aicompute.sweeps.evaluate import RESULTS
from aicompute.sweeps.plan import Plan
from aicompute.sweeps.task import CHUNK


def write_table(output: Path, plan: Plan, chunks: Chunks) -> None:
    """Write one row a setting: its number, what varies, and the results."""
    with replacing(output) as part:
        if output.suffix == ".parquet":
            _write_parquet(part, plan, chunks)
        else:
            _write_csv(part, plan, chunks)


def frames(plan: Plan, chunks: Chunks) -> Iterator[pd.DataFrame]:
    """The rows of the table, chunk by chunk."""
    for number, results in chunks:
        start = number * CHUNK
        columns = plan.columns(start, start + CHUNK)
        varied = {axis.name: axis.texts(columns[axis.name]) for axis in plan.axes}
        setting = range(start, start + len(results))
        frame = pd.DataFrame({"setting": setting, **varied})
        frame[list(RESULTS)] = results
        frame["points"] = frame["points"].astype("int64")
        yield frame


def _write_csv(part: Path, plan: Plan, chunks: Chunks) -> None:
    with part.open("w", encoding="utf-8", newline="") as file:
        for i, frame in enumerate(frames(plan, chunks)):
            frame.to_csv(file, index=False, header=i == 0, lineterminator="\n")


def _write_parquet(part: Path, plan: Plan, chunks: Chunks) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    try:
        for frame in frames(plan, chunks):
            table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
            writer = writer or pq.ParquetWriter(part, table.schema)
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()
