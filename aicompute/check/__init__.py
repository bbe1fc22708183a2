"""Checks a folder of tables: every cell against datapackage.json, then what ties rows together.

Frictionless reads the files and holds each to its schema. Its words for a broken rule become those
of this report: ``file:line: column: value: rule``, a line a problem, all of them.
"""

from itertools import groupby, islice
from pathlib import Path

from aicompute.check import across, cells
from aicompute.check.cells import Problem
from aicompute.places import DATA
from aicompute.references import source_problems

#: Problems told of one file; a file with more is no table at all.
MOST = 500


def problems(folder: Path = DATA) -> list[Problem]:
    """Everything wrong in a folder of tables, by file and line; empty where all is sound."""
    found = list(cells.unreadable(folder))
    if not found:
        found = [*cells.descriptor_problems(folder), *cells.header_problems(folder)]
    if not found:
        found = list(cells.broken_cells(folder))
    bibliography = folder / "references.bib"
    if not any(problem.file == bibliography.name for problem in found):
        found += [Problem(bibliography.name, *problem)
                  for problem in source_problems(bibliography, cells.text_rule)]
    if not found:
        found = list(across.across(folder))
    ordered = sorted(dict.fromkeys(found), key=lambda p: (p.file, p.line, p.column))
    return [problem for _, of_file in groupby(ordered, lambda p: p.file)
            for problem in islice(of_file, MOST)]
