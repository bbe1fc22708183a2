"""The workflow that rebuilds the book, and its steps run here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
BOOK = ROOT / ".github" / "workflows" / "book.yml"
COMPARE, POST = ROOT / "scripts" / "compare_revisions", ROOT / "scripts" / "post_comparison"


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


@pytest.mark.parametrize("event", ["push", "pull_request"])
@pytest.mark.parametrize(
    "path", ["data", "chapters", "aicompute", "scenarios", "requirements.txt", "constraints.txt"])
def test_a_change_of_what_the_book_is_made_from_starts_it(event: str, path: str) -> None:
    paths = workflow()[True][event]["paths"]
    assert path in paths or f"{path}/**" in paths


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
         "aicompute", "data", "scenarios", "scripts"],
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


def compared(clone: Path, base: str, head: str) -> subprocess.CompletedProcess[str]:
    script = clone / "scripts" / "compare_revisions"
    return subprocess.run([sys.executable, script, base, head], capture_output=True, text=True,
                          check=False)


@pytest.fixture(scope="module")
def changed(clone: Path) -> subprocess.CompletedProcess[str]:
    """The comparison with a commit that halves AlphaGo Zero in the data and adds a system."""
    row = (clone / "data" / "systems.csv").read_text(encoding="utf-8").splitlines()[1]
    added = row.replace("perceptron,", "mark_1,", 1)
    change(clone, "data/systems.csv", row, f"{row}\n{added}", "system")
    change(clone, "data/published.csv", "alphago_zero,plotted,,1862", "alphago_zero,plotted,,931",
           "cell", base="system")
    return compared(clone, "base", "cell")


@pytest.mark.slow
def test_a_changed_cell_is_posted_with_the_numbers_that_move(
    changed: subprocess.CompletedProcess[str],
) -> None:
    assert changed.returncode == 0, changed.stderr
    assert "| `headline.doubling_time_months` |" in changed.stdout


@pytest.mark.slow
def test_a_changed_cell_is_posted_with_its_row(
    changed: subprocess.CompletedProcess[str],
) -> None:
    assert re.search(r"published\.csv: alphago&#95;zero: pfs&#95;days 1862 → 931", changed.stdout)


@pytest.mark.slow
def test_a_claim_that_no_longer_holds_is_posted(
    changed: subprocess.CompletedProcess[str],
) -> None:
    claims = changed.stdout.split("**Claims whose verdict changed**")[1]
    assert "growth&#95;factor: reproduced → within&#95;factor" in claims


@pytest.mark.slow
def test_an_added_system_is_posted(changed: subprocess.CompletedProcess[str]) -> None:
    assert "**Systems added**\n\n- mark&#95;1" in changed.stdout


@pytest.mark.slow
def test_a_head_with_damaged_tables_fails_with_their_problems(clone: Path) -> None:
    change(clone, "data/chips.csv", ",gpu,", ",gppu,", "damaged")
    done = compared(clone, "base", "damaged")
    assert (done.returncode, done.stdout) == (1, "")
    assert "chips.csv:" in done.stderr


@pytest.mark.slow
def test_a_base_with_damaged_tables_does_not_fail_the_head_that_mends_them(clone: Path) -> None:
    change(clone, "data/chips.csv", ",gpu,", ",gppu,", "broken")
    done = compared(clone, "broken", "base")
    assert done.returncode == 0
    assert "The base cannot calculate its numbers" in done.stdout


@pytest.mark.slow
def test_equal_revisions_move_nothing_and_leave_no_checkout_behind(clone: Path) -> None:
    assert "Nothing moved." in compared(clone, "base", "base").stdout
    assert len(git(clone, "worktree", "list").splitlines()) == 1


@pytest.mark.parametrize("revision", ["nowhere", "--help-me", "HEAD:data"])
def test_an_unknown_revision_is_refused(clone: Path, revision: str) -> None:
    done = compared(clone, "base", revision)
    assert (done.returncode, done.stdout) == (2, "")


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
    (tmp_path / "gh").write_text(GH, encoding="utf-8")
    (tmp_path / "gh").chmod(0o755)
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


def test_a_comparison_too_long_for_github_is_cut_at_a_whole_letter(tmp_path: Path) -> None:
    _, body = posted(tmp_path, "", "×" * 60_000)
    assert len(body.encode()) < 65_536


def test_posting_without_its_arguments_says_how(tmp_path: Path) -> None:
    done = subprocess.run([POST], capture_output=True, text=True, check=False)
    assert (done.returncode, "usage:" in done.stderr) == (2, True)
