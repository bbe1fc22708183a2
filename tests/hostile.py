"""A copy of the tables in which every free text tries to be run, and every id stays valid."""

from __future__ import annotations

import csv
import itertools
import json
import re
import shutil
from pathlib import Path

from aicompute.dataset import ARCHITECTURES, DATA, Dataset
from aicompute.dataset.schema import Column

#: Each sets ``planted`` in the page that runs it, asks another host, or reads this machine's files.
PAYLOADS = [
    "<img src=x onerror=planted=1>",
    "<script>planted=1</script>",
    "\"><svg onload=planted=1>",
    "' onmouseover='planted=1",
    "</script><script>planted=1</script>",
    "--><script>planted=1</script><!--",
    "</textarea></title><script>planted=1</script>",
    "[go](javascript:planted=1)",
    "![i](https://outside.test/i.png)",
    "<https://outside.test/auto>",
    "<a href=javascript:planted=1>go</a>",
    "<iframe srcdoc='<script>parent.planted=1</script>'>",
    "{include}`/etc/passwd`",
    "{eval-rst}`.. raw:: html`",
    "{download}`/etc/passwd`",
    "{raw}`<script>planted=1</script>`",
    "{number}`moore.factor`",
    "{cite:p}`openai_2018`",
    "{{ 7 * 7 }} {% set x = 1 %}",
    "${planted=1} #{7*7} <%= 7*7 %>",
    "$\\href{javascript:planted=1}{x}$",
    "\\input{/etc/passwd} $$x$$",
    "*a* _b_ **c** `d` | e | ~~f~~",
    "&lt;script&gt;planted=1&lt;/script&gt;",
    "datum.x || (planted=1)",
    "'); planted=1; ('",
    "</style><style>*{background:url(https://outside.test/s)}</style>",
    "page:../../../../etc/passwd href=\"page:nowhere\"",
    ":::{include} /etc/passwd",
    "```{include} /etc/passwd```",
    "% s %(planted)s {0} {planted}",
]
_SELECTED_BY = {"kind", "guessed", "input", "unit", "result"}


def is_free(table: str, column: Column) -> bool:
    """Whether a column takes any text, so that nothing but care keeps a payload from running."""
    free = column.type == "string" and not {"enum", "pattern"} & set(column.constraints)
    return free and column.name not in _SELECTED_BY


def hostile_copy(directory: Path) -> dict[str, str]:
    """Write the hostile copy; return the name of every system, by its id."""
    shutil.copytree(DATA, directory)
    dataset, turns = Dataset(directory), itertools.cycle(range(len(PAYLOADS)))
    for file in dataset.files():
        if file.endswith(".csv"):
            table = ARCHITECTURES if file.startswith(ARCHITECTURES) else file.removesuffix(".csv")
            _spoil(directory / file, table, dataset.schemas[table].columns, turns)
    _spoil_descriptor(directory / "datapackage.json", turns)
    _spoil_sources(directory / "references.bib", turns)
    return {str(r["system_id"]): str(r["name"]) for r in Dataset(directory).rows("systems")}


def _spoil(
    path: Path, table: str, columns: tuple[Column, ...], turns: itertools.cycle[int]
) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    for row in rows:
        for place, column in enumerate(columns):
            if row[place] and is_free(table, column):
                # Behind a semicolon, a dash or an equals sign begins a formula, and is refused.
                row[place] = f"{row[place][:12].rstrip(' ;')} {PAYLOADS[next(turns)]}"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def _spoil_descriptor(path: Path, turns: itertools.cycle[int]) -> None:
    package = json.loads(path.read_text(encoding="utf-8"))
    for resource in package["resources"]:
        for part in (resource, *resource["schema"]["fields"]):
            for key in ("title", "description"):
                if key in part:
                    part[key] = f"{part[key][:20].strip()} {PAYLOADS[next(turns)]}"
    path.write_text(json.dumps(package, indent=2), encoding="utf-8")


def _spoil_sources(path: Path, turns: itertools.cycle[int]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        field = re.match(r"  (title|journal|booktitle|howpublished|note|institution) = \{", line)
        payload = _in_bibtex(PAYLOADS[next(turns)])
        if field:
            lines[number] = f"{field[0]}A {payload}}},"
        elif line.startswith("  author = {"):
            people = f"<script>planted=1</script>Doe, J. and A{_name(payload)}"
            lines[number] = f"  author = {{{people}}},"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _in_bibtex(payload: str) -> str:
    """A payload that BibTeX reads: no command, and every brace closed."""
    plain = payload.replace("\\", "/").replace("$", "").replace("#", "").replace("~", "")
    balanced = plain.count("{") == plain.count("}")
    return (plain if balanced else plain.replace("{", "(").replace("}", ")")).replace("%", "")


def _name(payload: str) -> str:
    return f"{payload.replace(',', '')}, X."
