"""What a pull request is told: four examples lie in ``comments/``, and are held to what is said.

Of an example its outline has to be right, and the lines that tell the change: numbers may move.
"""

import csv
import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, numbers_under, run

from aicompute.assumptions import Assumptions
from aicompute.cells import run_cells
from aicompute.compare import Side, compare
from aicompute.places import DATA
from aicompute.results import results_document
from aicompute.what_moved import markdown

EXAMPLES = Path(__file__).parent / "comments"
#: What a reviewer scrolls through once: seven lines of a part at most, and fifteen numbers.
LONGEST = 60


def outline(text: str) -> list[str]:
    """Titles, and what is folded, in their order."""
    return re.findall(r"^(?:###|\*\*|<details>).*", text, re.MULTILINE)


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(old, new, text, flags=re.MULTILINE), encoding="utf-8")


def rename(data: Path) -> None:
    for path in data.glob("*.csv"):
        replaced(path, "^meena,", "meena_2020,")


def cell(data: Path) -> None:
    replaced(data / "published.csv", "^(alphago_zero,plotted,.*),1862,", r"\1,931,")


def new_system(data: Path) -> None:
    rows = {
        "systems": {"system_id": "meena_2", "name": "Meena 2", "published": "2020-06-01",
                    "organization": "Google", "is_alphabet": "true", "domain": "language",
                    "set": "later", "recount_method": "2", "title": "Meena again",
                    "summary": "A larger chatbot.", "source_place": "title page"},
        "chip_time": {"system_id": "meena_2", "basis": "recount", "phase": "training",
                      "chip_id": "tpu_v3", "chips": "2048", "days": "30",
                      "source_place": "section 2"},
    }
    for name, row in rows.items():
        with (data / f"{name}.csv").open("r+", encoding="utf-8", newline="") as file:
            columns = list(csv.reader(file))[0]
            csv.DictWriter(file, columns, lineterminator="\n").writerow(
                {"source_key": "adiwardana_2020", **row})


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], bool]], None]:
    """Has those pages run that are asked for; the others record what they do in the baseline."""
    before = numbers_under()

    def only(wanted: Callable[[str], bool]) -> None:
        monkeypatch.setattr("aicompute.cells.run_cells", lambda page, given: run_cells(page, given)
                            if wanted(page) else {n: x for n, x in before.items()
                                                  if x.page == page})

    return only


@pytest.mark.slow
@pytest.mark.parametrize(("name", "edit", "said"), [
    ("cell", cell, ["- published.csv: alphago_zero: pfs_days 1862 → 931",
                    "- growth_factor: reproduced → not_reproduced"]),
    # Once 20 numbers absent and 20 new ones.
    ("rename", rename, ["**Systems renamed**", "- meena → meena_2020"]),
    ("new_system", new_system, ["- meena_2: Meena 2, on its page systems/meena_2.html"]),
], ids=["cell", "rename", "new_system"])
def test_a_comment_says_what_changed_and_what_it_moved(
    data: Path, monkeypatch: pytest.MonkeyPatch, running: Callable[[Callable[[str], bool]], None],
    name: str, edit: Callable[[Path], None], said: list[str],
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("aicompute.results.all_numbers", lambda _: numbers_under())
        base = results_document(Assumptions(), DATA)
    edit(data)
    # A system's page reads the rows of that system.
    running(lambda page: "/" not in page or "meena" in page or "alphago" in page)
    assert run("check", "--data", str(data)).stdout.endswith("sound\n")
    head = results_document(Assumptions(), data)
    text = markdown(compare(Side("base", base, DATA), Side("head", head, data)), 15)
    example = (EXAMPLES / f"{name}.md").read_text(encoding="utf-8")
    assert outline(text) == outline(example)
    assert [line for line in said if line not in text.splitlines()] == []
    assert len(text.splitlines()) < LONGEST
    assert "absent |" not in text or edit is new_system
    assert "| `headline.doubling_time_months` |" in text or edit is not cell


def test_every_problem_of_a_damaged_head_is_told(
    data: Path, running: Callable[[Callable[[str], bool]], None]
) -> None:
    # Pages, texts and claims name DQN in several places; once the first alone was told.
    naming = {p.stem for p in (ROOT / "chapters").glob("*.md") if "dqn" in p.read_text("utf-8")}
    running(naming.__contains__)
    for path in data.glob("*.csv"):
        if path.name != "claims.csv":
            replaced(path, r"\bdqn\b", "deep_q")
    (data / "architectures" / "dqn.csv").rename(data / "architectures" / "deep_q.csv")
    done = run("results", "--data", str(data))
    assert done.exit_code == 1
    script = runpy.run_path(str(ROOT / "scripts" / "compare_revisions"))
    text = script["cannot"]("head", done.stderr)
    assert re.match(r"The head cannot calculate .*: \d+ problems\.\n", text)
    named = {line.split(":")[0] for line in done.stderr.splitlines()}
    example = (EXAMPLES / "damaged.md").read_text(encoding="utf-8")
    assert {"claims.csv", "chapters/eras.md"} <= named
    assert all(name in example for name in ("claims.csv:", "chapters/eras.md:", "deep_q"))
