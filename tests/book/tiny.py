"""A book of two small pages, and a copy of the tables, to be built in a moment."""

import shutil
from pathlib import Path

from aicompute.book.order import Order
from aicompute.places import DATA, HOME

TOC = """format: jb-book
root: index
parts:
  - caption: Pages
    chapters:
      - file: other
"""
HEADER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
---

"""
#: Halves the assumed utilization, 0.33, and states both; shows a table and a chart.
INDEX = """# Halves

Half of it is {number}`tiny.half:exact`, and {number}`tiny.chips` are known.
See [the other page](other.md#twice), {numref}`tab-chips` and {numref}`fig-line`.

::::{admonition} In short
:class: short
:::{holds} tiny.half < 0.2
**Half is little**, {number}`tiny.half`.
:::
::::

```{code-cell} ipython3
:tags: [parameters]
gpu_utilization = 0.33  # share of the peak, 0.001 to 1
```

```{code-cell} ipython3
from aicompute import assume, figure, record, show, table

assumptions = assume(globals())
```

## The calculation

```{code-cell} ipython3
record("tiny.half", gpu_utilization / 2, "", how="a half")
chips = table("chips")
record("tiny.chips", len(chips), "chips", how="rows")
print("printed")
```

```{code-cell} ipython3
:tags: [skip-execution]
shown, not_run
```

```{code-cell} ipython3
show(chips[["name", "note"]].head(2), "Chips, half {tiny.half}.", "chips")
```

```{code-cell} ipython3
:tags: [hide-input]
import altair as alt
import pandas as pd
line = pd.DataFrame({"x": [1.0, 2.0]})
chart = alt.Chart(line).mark_line().encode(x="x:Q", y="x:Q")
figure(chart, "Up to {tiny.chips}.", "line", "It rises to {tiny.chips}.")
```
"""
#: Reads the rows of one system, and records a number of its own.
OTHER = """# Other

```{code-cell} ipython3
:tags: [parameters]
gpu_utilization = 0.33  # share of the peak, 0.001 to 1
```

```{code-cell} ipython3
from aicompute import record, table
record("tiny.rows", len(table("published", "alexnet")), "rows", how="rows")
```

## Twice

```{code-cell} ipython3
record("tiny.twice", 2 * gpu_utilization, "", how="twice")
gpu_utilization
```

Here it is {number}`tiny.twice:exact`, and half is {number}`tiny.half:exact`.
"""


def tiny_book(folder: Path) -> Order:
    """Write the book and its tables; return the order for it."""
    chapters = folder / "root" / "chapters"
    chapters.mkdir(parents=True)
    (folder / "root" / "_toc.yml").write_text(TOC)
    shutil.copyfile(HOME / "_config.yml", folder / "root" / "_config.yml")
    for name, text in (("index", INDEX), ("other", OTHER)):
        (chapters / f"{name}.md").write_text(HEADER + text)
    shutil.copytree(DATA, folder / "data")
    return Order(data=folder / "data", root=folder / "root", output=folder / "out")
