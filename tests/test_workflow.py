"""The workflow that rebuilds the book, and its steps run here."""

from __future__ import annotations

import ast
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from aicompute.book import fingerprint
from aicompute.dataset import DATA

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
BOOK = ROOT / ".github" / "workflows" / "book.yml"
COMPARE, POST = ROOT / "scripts" / "compare_revisions", ROOT / "scripts" / "post_comparison"
#: The files that say which libraries are installed.
LIBRARIES = runpy.run_path(str(COMPARE))["LIBRARIES"]


def workflow() -> dict[Any, Any]:
    """The book's workflow; YAML reads its key `on` as true."""
    return yaml.safe_load(BOOK.read_text(encoding="utf-8"))


def steps() -> list[dict[str, Any]]:
    return [step for job in workflow()["jobs"].values() for step in job["steps"]]


# --- what the workflow may do -----------------------------------------------------------------


def test_actionlint_finds_nothing() -> None:
    done = subprocess.run([ROOT / "scripts" / "lint_workflows"], capture_output=True, text=True,
                          check=False)
    if done.returncode == 3:
        pytest.skip(done.stderr.strip())
    assert (done.returncode, done.stdout) == (0, "")


def test_actionlint_finds_what_is_wrong(tmp_path: Path) -> None:
    # Otherwise the test above would pass on a linter that reads nothing.
    faulty = tmp_path / "faulty.yml"
    faulty.write_text(BOOK.read_text(encoding="utf-8").replace("runs-on:", "run-on:", 1), "utf-8")
    done = subprocess.run([ROOT / "scripts" / "lint_workflows", faulty], capture_output=True,
                          text=True, check=False)
    if done.returncode == 3:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 1
    assert re.search(r"faulty\.yml:\d+:\d+: .*run-on", done.stdout)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_with_its_version_beside(path: Path) -> None:
    used = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
    assert used
    pinned = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d[\d.]*")
    assert [use for use in used if not pinned.fullmatch(use)] == []


def test_nothing_is_allowed_that_no_job_asks_for() -> None:
    assert workflow()["permissions"] == {}


def test_only_the_job_that_publishes_may_write_pages() -> None:
    may = {name: {scope for scope, right in job.get("permissions", {}).items() if right == "write"}
           for name, job in workflow()["jobs"].items()}
    assert may == {"build": set(), "compare": set(), "comment": {"pull-requests"},
                   "publish": {"pages", "id-token"}}


def test_code_of_a_pull_request_never_runs_with_the_right_to_write() -> None:
    # The job that comments takes its script from the base.
    (checkout,) = (s for s in workflow()["jobs"]["comment"]["steps"]
                   if s.get("uses", "").startswith("actions/checkout"))
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert "pull_request_target" not in workflow()[True]


def test_no_checkout_keeps_its_token() -> None:
    checkouts = [step for step in steps() if step.get("uses", "").startswith("actions/checkout")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_no_step_takes_what_others_wrote_into_its_script() -> None:
    assert not [step for step in steps() if "${{" in step.get("run", "")]


def test_no_cache_could_serve_old_numbers() -> None:
    text = BOOK.read_text(encoding="utf-8")
    assert not re.search(r"actions/cache|^\s*cache:", text, re.MULTILINE)


def test_only_the_main_branch_is_published() -> None:
    assert workflow()["jobs"]["publish"]["if"] == (
        "github.ref == 'refs/heads/main' && github.event_name != 'pull_request'")


def test_what_is_wrong_with_a_damaged_head_takes_the_place_of_an_earlier_comment() -> None:
    # Without its own condition, a step or a job is left out once anything before it failed.
    jobs = workflow()["jobs"]
    (upload,) = (step for step in jobs["compare"]["steps"] if "upload" in step.get("uses", ""))
    assert "!cancelled()" in upload["if"]
    assert "!cancelled()" in jobs["comment"]["if"]


def tops(paths: Iterable[Path]) -> set[str]:
    """The first part of paths, below the repository."""
    return {path.relative_to(ROOT).parts[0] for path in paths}


def read_by_the_book(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What lies at the top of the repository and decides what a book is made from."""
    read: list[Path] = []
    with monkeypatch.context() as patch:
        patch.setattr(fingerprint, "_add_files", lambda digest, folder, paths: read.extend(paths))
        patch.setattr(fingerprint, "of_code", fingerprint.of_code.__wrapped__)
        fingerprint.of_book(ROOT, DATA, {}, {})
    return tops(read)


def read_by_the_tests() -> set[str]:
    """What lies at the top of the repository and is a part of a path in a test."""
    tracked = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    parts = {
        node.right.value
        for test in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(test.read_text(encoding="utf-8")))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
        and isinstance(node.right, ast.Constant)
    }
    return parts & tops(ROOT / name for name in tracked)


@pytest.mark.parametrize("event", ["push", "pull_request"])
def test_a_change_of_what_the_book_or_a_test_reads_starts_it(
    event: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, tests = read_by_the_book(monkeypatch), read_by_the_tests()
    # What is looked for finds something: a table, a file of its own, and the guarded readme.
    assert book >= {"data", "CITATION.cff"}
    assert tests >= {"figures", "README.md"}
    starts = {path.removesuffix("/**") for path in workflow()[True][event]["paths"]}
    assert (book | tests | set(LIBRARIES)) - starts == set()


def test_every_path_that_starts_it_is_there() -> None:
    paths = {path.removesuffix("/**") for event in ("push", "pull_request")
             for path in workflow()[True][event]["paths"]}
    assert {path for path in paths if not (ROOT / path).exists()} == set()


def test_it_runs_every_week() -> None:
    (schedule,) = workflow()[True]["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", schedule["cron"])


@pytest.mark.parametrize("script", re.findall(
    r"(?<![\w/.])((?:scripts|\.ci)/\w+)", BOOK.read_text(encoding="utf-8")))
def test_every_script_it_runs_is_there_and_can_be_run(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)


# --- the comparison of two revisions ----------------------------------------------------------


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org",
                "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True,
                          text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with this working tree as its only commit, tagged base."""
    folder = tmp_path_factory.mktemp("clone") / "repository"
    folder.mkdir()
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--",
         "aicompute", "data", "scenarios", "scripts", *LIBRARIES],
        cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(lambda name: (ROOT / name).is_file(), listed.stdout.splitlines()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
        (folder / name).chmod((ROOT / name).stat().st_mode)
    git(folder, "init", "--quiet")
    commit(folder, "base")
    return folder


def commit(folder: Path, tag: str) -> None:
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", tag)
    git(folder, "tag", tag)


def change(
    folder: Path, file: str, before: str, after: str, tag: str, base: str = "base"
) -> None:
    """Commit one changed text on top of a tagged commit, under a tag of its own."""
    git(folder, "checkout", "--quiet", base)
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    commit(folder, tag)


def compared(
    repository: Path, base: str, head: str, *how: str
) -> subprocess.CompletedProcess[str]:
    script = repository / "scripts" / "compare_revisions"
    return subprocess.run([sys.executable, script, base, head, *how], capture_output=True,
                          text=True, check=False)


#: Makes, for make, an environment that says so: its libraries are those that this runs with.
MAKE = f"""#!/bin/sh
mkdir -p .venv/bin
printf '#!/bin/sh\nLIBRARIES=its_own exec {sys.executable} "$@"\n' > .venv/bin/python
chmod +x .venv/bin/python
"""


def executable(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


class Job:
    """The workflow's own step that compares, run on a pull request merged into its base."""

    def __init__(self, clone: Path, folder: Path, head: str) -> None:
        checkout = folder / "checkout"
        git(clone, "checkout", "--quiet", "--detach", "base")
        git(clone, "merge", "--quiet", "--no-ff", "--message", "merged", head)
        git(folder, "clone", "--quiet", "--shared", str(clone), str(checkout))
        executable(folder / "make", MAKE)
        (step,) = (step for step in workflow()["jobs"]["compare"]["steps"] if "run" in step)
        environment = {
            **os.environ, "PATH": f"{folder}:{os.environ['PATH']}",
            "MERGED": git(clone, "rev-parse", "HEAD"), "GITHUB_STEP_SUMMARY": str(folder / "job"),
        }
        # As GitHub runs what says `shell: bash`.
        self.done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=checkout,
            env=environment, capture_output=True, text=True, check=False)
        self.summary = (folder / "job").read_text(encoding="utf-8")
        self.posted = (checkout / "comparison.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def changed(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A pull request that halves AlphaGo Zero in the data and adds a system."""
    row = (clone / "data" / "systems.csv").read_text(encoding="utf-8").splitlines()[1]
    added = row.replace("perceptron,", "mark_1,", 1)
    change(clone, "data/systems.csv", row, f"{row}\n{added}", "system")
    change(clone, "data/published.csv", "alphago_zero,plotted,,1862", "alphago_zero,plotted,,931",
           "cell", base="system")
    return Job(clone, tmp_path_factory.mktemp("changed"), "cell")


@pytest.mark.slow
def test_a_changed_cell_is_posted_with_the_numbers_that_move(changed: Job) -> None:
    assert changed.done.returncode == 0, changed.done.stderr
    assert "| `headline.doubling_time_months` |" in changed.posted


@pytest.mark.slow
def test_a_changed_cell_is_posted_with_its_row(changed: Job) -> None:
    assert re.search(r"published\.csv: alphago&#95;zero: pfs&#95;days 1862 → 931", changed.posted)


@pytest.mark.slow
def test_a_claim_that_no_longer_holds_is_posted(changed: Job) -> None:
    claims = changed.posted.split("**Claims whose verdict changed**")[1]
    assert "growth&#95;factor: reproduced → within&#95;factor" in claims


@pytest.mark.slow
def test_an_added_system_is_posted(changed: Job) -> None:
    assert "**Systems added**\n\n- mark&#95;1" in changed.posted


@pytest.mark.slow
def test_what_is_posted_is_the_summary_of_the_job(changed: Job) -> None:
    assert changed.summary == changed.posted


@pytest.mark.slow
def test_a_head_with_damaged_tables_fails_the_job_with_their_problems_in_its_summary(
    clone: Path, tmp_path: Path
) -> None:
    change(clone, "data/chips.csv", ",gpu,", ",gppu,", "damaged")
    job = Job(clone, tmp_path, "damaged")
    assert job.done.returncode == 1
    assert re.search(r"^The head cannot calculate .*\n\n```text\n.*chips\.csv:\d+", job.summary)
    assert "chips.csv:" in job.done.stderr


@pytest.mark.slow
def test_a_base_with_damaged_tables_does_not_fail_the_head_that_mends_them(clone: Path) -> None:
    change(clone, "data/chips.csv", ",gpu,", ",gppu,", "broken")
    done = compared(clone, "broken", "base")
    assert done.returncode == 0
    assert done.stdout.startswith("The base cannot calculate its numbers")


@pytest.mark.slow
def test_equal_revisions_move_nothing(clone: Path) -> None:
    assert "Nothing moved." in compared(clone, "base", "base").stdout


#: A package that calculates which libraries it was run with, and compares by printing both.
TOY = """import os, pathlib, sys

if sys.argv[1] == "results":
    folder = pathlib.Path(sys.argv[3])
    folder.mkdir()
    (folder / "libraries").write_text(os.environ.get("LIBRARIES", "the_heads"))
else:
    print(*(pathlib.Path(side, "libraries").read_text() for side in ("base", "head")))
"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of the script, a package that takes no time and one library, tagged base."""
    folder = tmp_path_factory.mktemp("toy")
    for part, text in (("aicompute/__main__.py", TOY), ("requirements.txt", "click==1\n")):
        (folder / part).parent.mkdir(exist_ok=True)
        (folder / part).write_text(text, encoding="utf-8")
    (folder / "scripts").mkdir()
    shutil.copy(COMPARE, folder / "scripts")
    git(folder, "init", "--quiet")
    commit(folder, "base")
    change(folder, "aicompute/__main__.py", "import os", "# Words.\nimport os", "code")
    change(folder, "requirements.txt", "click==1", "click==1  # a comment", "library")
    return folder


def test_the_same_libraries_are_not_installed_again(toy: Path) -> None:
    done = compared(toy, "base", "code", "--make-libraries", "touch /nowhere/at/all")
    assert (done.returncode, done.stdout, done.stderr) == (0, "the_heads the_heads\n", "")


def test_a_base_of_other_libraries_is_calculated_with_its_own(toy: Path, tmp_path: Path) -> None:
    make = executable(tmp_path / "make_libraries", MAKE)
    done = compared(toy, "base", "library", "--make-libraries", str(make))
    first, _, numbers = done.stdout.splitlines()
    assert first.startswith("Changed: requirements.txt. Each revision was calculated with its own")
    assert numbers == "its_own the_heads"


@pytest.mark.parametrize("command", ["exit 3", "true"])
def test_where_its_libraries_cannot_be_had_the_first_line_says_so(
    toy: Path, command: str
) -> None:
    done = compared(toy, "base", "library", "--make-libraries", command)
    first, _, numbers = done.stdout.splitlines()
    assert first.startswith("Changed: requirements.txt. The libraries of the base could not be")
    assert numbers == "the_heads the_heads"
    assert done.stderr.startswith(f"{command}: exit status ")


def test_the_base_gets_what_the_makefile_installs(tmp_path: Path) -> None:
    for name in ("Makefile", *LIBRARIES):
        shutil.copy(ROOT / name, tmp_path)
    command = runpy.run_path(str(COMPARE))["MAKE_LIBRARIES"]
    done = subprocess.run([*command.split(), "--dry-run"], cwd=tmp_path, text=True, check=True,
                          capture_output=True, env={**os.environ, "PYTHON": "this_python"})
    assert "this_python -m venv .venv\n" in done.stdout
    assert "install" in done.stdout
    assert "--requirement requirements.txt --constraint constraints.txt\n" in done.stdout


@pytest.mark.parametrize("revision", ["nowhere", "--help-me", "HEAD:scripts"])
def test_an_unknown_revision_is_refused(toy: Path, revision: str) -> None:
    done = compared(toy, "base", revision)
    assert (done.returncode, done.stdout) == (2, "")


def test_no_checkout_is_left_behind(toy: Path) -> None:
    assert compared(toy, "base", "code").returncode == 0
    assert len(git(toy, "worktree", "list").splitlines()) == 1


# --- the comment ------------------------------------------------------------------------------

GH = """#!/bin/sh
echo "$@" >> "$GH_LOG"
for argument in "$@"; do
    case $argument in body=@*) cat "${argument#body=@}" > "$GH_LOG.body";; esac
done
case "$*" in *--jq*) printf '%s' "$GH_FOUND";; esac
"""


def posted(tmp_path: Path, found: str, text: str) -> tuple[str, str]:
    """What the script asks GitHub for, with a stand-in for gh: the calls and the body."""
    executable(tmp_path / "gh", GH)
    (tmp_path / "comparison.md").write_text(text, encoding="utf-8")
    log = tmp_path / "log"
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "GH_LOG": str(log),
                   "GH_FOUND": found}
    subprocess.run([POST, "owner/book", "7", tmp_path / "comparison.md"], env=environment,
                   check=True, capture_output=True)
    return log.read_text(encoding="utf-8"), Path(f"{log}.body").read_text(encoding="utf-8")


def test_the_first_comparison_is_a_new_comment(tmp_path: Path) -> None:
    calls, body = posted(tmp_path, "", "### What moved\n")
    assert "--method POST repos/owner/book/issues/7/comments" in calls
    assert body.endswith("### What moved\n")


def test_the_next_comparison_takes_the_place_of_the_first(tmp_path: Path) -> None:
    calls, _ = posted(tmp_path, "123\n", "### What moved\n")
    assert "--method PATCH repos/owner/book/issues/comments/123" in calls


def test_of_many_earlier_comments_the_first_gives_way(tmp_path: Path) -> None:
    # More than a pipe holds (64 KiB): closed after the first line, it ended gh and with it the job.
    calls, _ = posted(tmp_path, "123\n" + "4567\n" * 20_000, "### What moved\n")
    assert "--method PATCH repos/owner/book/issues/comments/123 " in calls


def test_a_comparison_too_long_for_github_is_cut_at_a_whole_letter(tmp_path: Path) -> None:
    _, body = posted(tmp_path, "", "×" * 60_000)
    assert len(body.encode()) < 65_536


def test_posting_without_its_arguments_says_how(tmp_path: Path) -> None:
    done = subprocess.run([POST], capture_output=True, text=True, check=False)
    assert (done.returncode, "usage:" in done.stderr) == (2, True)
