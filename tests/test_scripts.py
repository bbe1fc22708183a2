"""The workflow that rebuilds the book, its scripts run here, and what README promises."""

import os
import pickle
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, git, numbers_under

from aicompute import words
from aicompute.assumptions import load_scenario
from aicompute.sweeps.plan import load_plan

BOOK = ROOT / ".github" / "workflows" / "book.yml"
COMPARE, POST = ROOT / "scripts" / "compare_revisions", ROOT / "scripts" / "post_comparison"
#: The files that say which libraries are installed.
LIBRARIES = runpy.run_path(str(COMPARE))["LIBRARIES"]


TEXT = BOOK.read_text(encoding="utf-8")
#: The book's workflow; YAML reads its key `on` as true.
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
JOBS: dict[str, dict[str, Any]] = WORKFLOW["jobs"]
STEPS: list[dict[str, Any]] = [step for job in JOBS.values() for step in job["steps"]]


# --- what the workflow may do -----------------------------------------------------------------


def test_actionlint_finds_nothing_but_what_is_wrong(tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.yml"
    faulty.write_text(TEXT.replace("runs-on:", "run-on:", 1), "utf-8")
    done = subprocess.run([ROOT / "scripts" / "lint_workflows", BOOK, faulty],
                          capture_output=True, text=True, check=False)
    if done.returncode == 3:
        pytest.skip(done.stderr.strip())
    assert re.search(r"faulty\.yml:\d+:\d+: .*run-on", done.stdout)
    assert "book.yml:" not in done.stdout


def test_every_action_is_pinned_to_a_commit_with_its_version_beside() -> None:
    used = re.findall(r"uses: (.*)", TEXT)
    pinned = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d[\d.]*")
    assert used
    assert [use for use in used if not pinned.fullmatch(use)] == []


def test_only_the_jobs_that_comment_and_publish_may_write() -> None:
    may = {name: {scope for scope, right in job.get("permissions", {}).items() if right == "write"}
           for name, job in JOBS.items()}
    assert WORKFLOW["permissions"] == {}
    assert may == {"build": set(), "weekly": set(), "compare": set(),
                   "comment": {"pull-requests"}, "publish": {"pages", "id-token"}}
    assert JOBS["publish"]["if"] == (
        "github.ref == 'refs/heads/main' && github.event_name != 'pull_request'")


def test_code_of_a_pull_request_never_runs_with_the_right_to_write() -> None:
    checkouts = [step for step in STEPS if step.get("uses", "").startswith("actions/checkout")]
    (commenting,) = (step for step in JOBS["comment"]["steps"] if step in checkouts)
    assert commenting["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert "pull_request_target" not in WORKFLOW[True]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
    # Nor does a step take what others wrote into its script, or old numbers from a cache.
    assert not [step for step in STEPS if "${{" in step.get("run", "")]
    assert not re.search(r"actions/cache|^\s*cache:", TEXT, re.MULTILINE)


def test_what_is_wrong_with_a_damaged_head_takes_the_place_of_an_earlier_comment() -> None:
    # Without its own condition, a step or a job is left out once anything before it failed.
    (upload,) = (step for step in JOBS["compare"]["steps"] if "upload" in step.get("uses", ""))
    assert all("!cancelled()" in part["if"] for part in (upload, JOBS["comment"]))


def test_a_change_of_anything_a_book_is_made_from_starts_it_and_so_does_every_week() -> None:
    for event in ("push", "pull_request"):
        starts = {path.removesuffix("/**") for path in WORKFLOW[True][event]["paths"]}
        assert {"aicompute", "chapters", "data", "scenarios", "tests", "figures", "_config.yml",
                "_toc.yml", "CITATION.cff", *LIBRARIES} - starts == set()
        assert {path for path in starts if not (ROOT / path).exists()} == set()
    (schedule,) = WORKFLOW[True]["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", schedule["cron"])
    scripts = re.findall(r"(?<![\w/.])((?:scripts|\.ci)/\w+)", TEXT)
    assert scripts
    assert [script for script in scripts if not os.access(ROOT / script, os.X_OK)] == []


# --- the comparison of two revisions ----------------------------------------------------------


def commit(folder: Path, tag: str, file: str = "", text: str = "") -> None:
    """Commit a folder as it is, with one file written anew."""
    if file:
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", tag)
    git(folder, "tag", tag)


def compared(folder: Path, base: str, head: str, *how: str) -> subprocess.CompletedProcess[str]:
    script = folder / "scripts" / "compare_revisions"
    return subprocess.run([sys.executable, script, base, head, *how], capture_output=True,
                          text=True, check=False)


@pytest.mark.slow
def test_a_pull_request_is_told_what_it_changes(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    for name in ("aicompute", "data", "scenarios", "scripts", "chapters"):
        shutil.copytree(ROOT / name, folder / name,
                        ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    for name in (*LIBRARIES, "CITATION.cff", "_toc.yml", "_config.yml"):
        shutil.copy(ROOT / name, folder)
    # Its pages record what they do here: to run them takes twelve seconds a revision.
    (folder / "numbers").write_bytes(pickle.dumps(numbers_under()))
    with (folder / "aicompute" / "cells.py").open("a", encoding="utf-8") as cells:
        cells.write("\n\nimport pickle\nkept = pickle.loads((HOME / 'numbers').read_bytes())\n"
                    "def all_numbers(assumptions): return kept\n")
    git(folder, "init", "--quiet")
    commit(folder, "base")
    table = (folder / "data" / "published.csv").read_text(encoding="utf-8")
    halved = re.sub("(?m)^(alphago_zero,plotted,.*),1862,", r"\1,931,", table)
    commit(folder, "cell", "data/published.csv", halved)
    done = compared(folder, "base", "cell", "--summary", str(tmp_path / "summary"))
    assert done.returncode == 0, done.stderr
    assert "- published.csv: alphago_zero: pfs_days 1862 → 931" in done.stdout
    assert (tmp_path / "summary").read_text(encoding="utf-8") == done.stdout
    assert len(git(folder, "worktree", "list").splitlines()) == 1


#: A package that calculates which libraries it was run with, and compares by printing both.
TOY = """import os, pathlib, sys

if sys.argv[1] == "results":
    folder = pathlib.Path(sys.argv[3])
    folder.mkdir()
    (folder / "libraries").write_text(os.environ.get("LIBRARIES", "the_heads"))
else:
    print(*(pathlib.Path(side, "libraries").read_text() for side in ("base", "head")))
"""
#: Makes an environment that says so: its libraries are those that this runs with.
MAKE = f"""mkdir -p .venv/bin
printf '#!/bin/sh\nLIBRARIES=its_own exec {sys.executable} "$@"\n' > .venv/bin/python
chmod +x .venv/bin/python
"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of the script, a package that takes no time and one library, tagged base."""
    folder = tmp_path_factory.mktemp("toy")
    (folder / "scripts").mkdir()
    shutil.copy(COMPARE, folder / "scripts")
    (folder / "requirements.txt").write_text("click==1\n", encoding="utf-8")
    git(folder, "init", "--quiet")
    # Without it, Python takes the package that is installed.
    (folder / "aicompute").mkdir()
    (folder / "aicompute" / "__init__.py").touch()
    commit(folder, "base", "aicompute/__main__.py", TOY)
    commit(folder, "code", "aicompute/__main__.py", f"# Words.\n{TOY}")
    commit(folder, "library", "requirements.txt", "click==1  # a comment\n")
    commit(folder, "damaged", "aicompute/__main__.py", 'raise SystemExit("chips.csv:3: kind")\n')
    return folder


def test_damaged_tables_are_named_in_place_of_a_comparison(toy: Path) -> None:
    head = compared(toy, "library", "damaged")
    assert head.returncode == 1
    assert re.match(r"The head cannot calculate .*\n\n```text\nchips\.csv:3: kind\n", head.stdout)
    # A head that mends them is not at fault.
    base = compared(toy, "damaged", "library")
    assert base.returncode == 0
    assert base.stdout.startswith("The base cannot calculate its numbers")


ITS_OWN = "Each revision was calculated with its own.*its_own the_heads"
NOT_HAD = "The libraries of the base could not be.*the_heads the_heads"


@pytest.mark.parametrize(("head", "make", "said"), [
    # The same libraries are not installed again.
    ("code", "touch /nowhere/at/all", ""), ("library", MAKE, ITS_OWN),
    ("library", "exit 3", NOT_HAD), ("library", "true", NOT_HAD)])
def test_a_base_of_other_libraries_is_calculated_with_its_own(
    toy: Path, head: str, make: str, said: str
) -> None:
    done = compared(toy, "base", head, "--make-libraries", make)
    told = rf"Changed: requirements\.txt\. {said}\n" if said else "the_heads the_heads\n"
    assert re.fullmatch(told, done.stdout, re.DOTALL)
    assert (done.returncode, done.stderr == "") == (0, make in (MAKE, "touch /nowhere/at/all"))


@pytest.mark.parametrize("revision", ["nowhere", "--help-me", "HEAD:scripts"])
def test_an_unknown_revision_is_refused(toy: Path, revision: str) -> None:
    done = compared(toy, "base", revision)
    assert (done.returncode, done.stdout) == (2, "")


def test_the_base_gets_what_the_makefile_installs(tmp_path: Path) -> None:
    for name in ("Makefile", *LIBRARIES):
        shutil.copy(ROOT / name, tmp_path)
    command = runpy.run_path(str(COMPARE))["MAKE_LIBRARIES"]
    done = subprocess.run([*command.split(), "--dry-run"], cwd=tmp_path, text=True, check=True,
                          capture_output=True, env={**os.environ, "PYTHON": "this_python"})
    assert "this_python -m venv .venv\n" in done.stdout
    assert "install --quiet --disable-pip-version-check --editable . --constraint" in done.stdout


def test_a_checkout_may_lie_in_a_folder_of_any_name_under_any_locale(tmp_path: Path) -> None:
    # What pip writes there kept Python 3.11 from starting at all: "can't decode byte 0xe4".
    folder = tmp_path / "书 (a b)"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    for name in ("Makefile", *LIBRARIES):
        shutil.copy(ROOT / name, folder)
    (folder / "here.py").write_text("")
    (path,) = folder.glob(".venv/lib/*/site-packages")
    (path / "_aicompute.pth").write_text(f"{folder}\n", encoding="utf-8")
    subprocess.run(["make", ".venv/book", "PIP=true"], cwd=folder, check=True)
    subprocess.run([folder / ".venv" / "bin" / "python", "-c", "import here"], cwd=tmp_path,
                   env={"LC_ALL": "C"}, check=True)


# --- the comment ------------------------------------------------------------------------------

GH = """#!/bin/sh
echo "$@" >> "$GH_LOG"
for argument in "$@"; do
    case $argument in body=@*) cat "${argument#body=@}" > "$GH_LOG.body";; esac
done
case "$*" in *--jq*) printf '%s' "$GH_FOUND";; esac
"""


@pytest.mark.parametrize(("found", "asked"), [
    ("", "--method POST repos/owner/book/issues/7/comments"),
    ("123\n", "--method PATCH repos/owner/book/issues/comments/123 "),
    # More than a pipe holds (64 KiB): closed after the first line, it ended gh and with it the job.
    ("123\n" + "4567\n" * 20_000, "--method PATCH repos/owner/book/issues/comments/123 "),
], ids=["the first", "a second", "after many"])
def test_a_comparison_is_one_comment_cut_at_a_whole_letter(
    tmp_path: Path, found: str, asked: str
) -> None:
    (tmp_path / "gh").write_text(GH, encoding="utf-8")
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "comparison.md").write_text("×" * 60_000, encoding="utf-8")
    log = tmp_path / "log"
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "GH_LOG": str(log),
                   "GH_FOUND": found}
    subprocess.run([POST, "owner/book", "7", tmp_path / "comparison.md"], env=environment,
                   check=True, capture_output=True)
    assert asked in log.read_text(encoding="utf-8")
    # GitHub refuses more; the body is text to its last letter.
    assert len(Path(f"{log}.body").read_text(encoding="utf-8").encode()) < 65_536


# --- what README promises ----------------------------------------------------------------------

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_three_numbers_of_the_readme_are_those_of_the_report() -> None:
    numbers = numbers_under()
    doubling = numbers["trend.published.doubling_time_months"]
    interval = words.interval(doubling.low, doubling.high)
    growth, months = numbers["growth.published.factor"], numbers["growth.published.months"]
    moore = numbers["moore.at_18_months.factor"]
    assert f"{words.quantity(doubling.value, 'months')} (95 % interval {interval})" in README
    assert (f"{words.quantity(growth.value, 'times', 6)} in "
            f"{words.quantity(months.value, 'months')}") in README
    assert f"| {words.quantity(moore.value, 'times', 4)} |" in README


def test_what_the_readme_names_is_there(tmp_path: Path) -> None:
    table = README.split("## What lies where", 1)[1].split("## Words", 1)[0]
    named = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", table, flags=re.MULTILINE)
    paths = re.findall(r"`([^`]+)`", " ".join(named))
    assert len(paths) >= 8
    assert [path for path in paths if not (ROOT / path).exists()] == []
    for name in re.findall(r"(?:--scenario|compare baseline) ([\w-]+)(?!\.yml)\b(?![.=])", README):
        assert load_scenario(name)
    shown = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert shown
    (tmp_path / "mine.yml").write_text(shown[1], encoding="utf-8")
    assert load_scenario(str(tmp_path / "mine.yml"))["assumptions"]["gpu_utilization"] == 0.5
    settings = re.search(r"sweep (\S+) .*under ([\d,]+) settings", README)
    assert settings
    assert f"{load_plan(ROOT / settings[1]).size:,}" == settings[2]


def test_the_readmes_python_runs() -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code
    *lines, last = code[1].strip().splitlines()
    names: dict[str, Any] = {}
    exec("\n".join(lines), names)
    assert eval(last, names).value == pytest.approx(3.5, abs=0.1)
