"""CONTRIBUTING does what it says: its worked example is performed on a copy of the tables."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from aicompute.assumptions import Assumptions
from aicompute.book.pages import read_contents
from aicompute.cli import main
from aicompute.dataset import DATA, Dataset, check
from aicompute.layers import weights
from aicompute.methods.calculations import architecture_multiply_adds
from aicompute.report import Report
from aicompute.study import Study

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```(?:csv|bibtex) (data/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SYSTEM = "mobilenet"


def blocks() -> dict[str, str]:
    """The fenced blocks of CONTRIBUTING.md by the file each belongs to."""
    return dict(BLOCK.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def contributed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tables with the example added, as CONTRIBUTING says."""
    directory = tmp_path_factory.mktemp("contributed") / "data"
    shutil.copytree(DATA, directory)
    for name, text in blocks().items():
        path = directory / Path(name).relative_to("data")
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(before + text, encoding="utf-8")
    return directory


@pytest.fixture(scope="module")
def study(contributed: Path) -> Study:
    return Study(Dataset(contributed), Assumptions())


def test_the_example_touches_nothing_but_tables_and_the_bibliography() -> None:
    assert set(blocks()) == {
        "data/references.bib", "data/systems.csv", "data/architectures/mobilenet.csv",
        "data/workloads.csv", "data/totals.csv",
    }  # fmt: skip


def test_the_example_passes_the_check(contributed: Path) -> None:
    assert [str(problem) for problem in check(contributed)] == []


def test_the_commands_of_the_example_work_on_it(contributed: Path) -> None:
    run = CliRunner(env={"COLUMNS": "100"}).invoke
    checked = run(main, ["check", "--data", str(contributed)])
    assert (checked.exit_code, checked.stderr) == (0, "")
    estimated = run(main, ["estimate", SYSTEM, "--data", str(contributed)])
    assert (estimated.exit_code, estimated.stderr) == (0, "")
    assert re.search(r"recounted\s+0\.00506\s+0\.00253 to 0\.0101", estimated.stdout)


def test_the_example_counts_what_its_paper_says(study: Study) -> None:
    # howard_2017, Table 4: 569 million multiply-adds of convolutions and the dense layer.
    assert architecture_multiply_adds(study.dataset, SYSTEM) == pytest.approx(569e6, rel=0.005)


def test_the_example_weighs_what_its_paper_says(study: Study) -> None:
    # howard_2017, Table 4: 4.2 million parameters, two digits; we leave biases and norms out.
    found = sum(weights(layer) for layer in study.dataset.layers(SYSTEM))
    assert found == pytest.approx(4.2e6, rel=0.012)


def test_the_example_stands_among_the_estimates_with_its_range(study: Study) -> None:
    # 569e6 x 2 x 3 x 1.28e6 x 100 / 8.64e19 = 0.00506 pfs-days; half and twice as many epochs.
    row = study.estimates.set_index("system_id").loc[SYSTEM]
    assert row["recounted_pfs_days"] == pytest.approx(0.00506, rel=0.005)
    assert row["recounted_low"] == pytest.approx(row["recounted_pfs_days"] / 2)
    assert row["recounted_high"] == pytest.approx(row["recounted_pfs_days"] * 2)


def test_the_example_gets_a_page_and_a_line_in_the_contents(study: Study) -> None:
    contents = read_contents(ROOT, study)
    page = next(page for page in contents.pages if page.name == f"systems/{SYSTEM}")
    assert page.parameters == {"system_id": SYSTEM}
    assert page.words["system_name"] == "MobileNet"
    assert f"'systems/{SYSTEM}'" in str(contents.toc)


def test_the_examples_page_finds_its_figure_and_tables(study: Study) -> None:
    report = Report(study)
    assert report.figure("system", system_id=SYSTEM).table["pfs_days"].notna().all()
    assert "a guess" in report.table("method", system_id=SYSTEM, number=1)._repr_html_()
    assert "block13_channels" in report.table("layers", architecture=SYSTEM)._repr_html_()


def test_the_pages_that_list_systems_take_the_example_in(study: Study) -> None:
    report = Report(study)
    for name in ("modest", "totals", "networks"):
        assert SYSTEM in report.table(name)._repr_html_().lower()
    assert "MobileNet" in list(report.figure("modest").table["label"])


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("block1_space,depthwise_conv", "block1_space,depthwise",
         "3: kind: 'depthwise': unknown kind 'depthwise'; did you mean 'depthwise_conv'?"),
        ("conv1,conv,,3,32,", "conv1,conv,,3,-32,", "2: out_channels: '-32': must be at least 1"),
        ("block2_channels,conv,,64,128,1,1,,", "block2_channels,conv,,64,128,1,1,5,",
         "6: groups: '5': must divide in_channels (64)"),
        ("block3_channels,conv,,128,128,", "block3_channels,conv,,64,128,",
         "8: in_channels: '64': must be 128, what block3_space hands on"),
    ],
    ids=["an unknown kind", "a negative size", "groups that do not divide", "channels that misfit"],
)  # fmt: skip
def test_a_broken_layer_table_is_refused_with_file_and_line(
    contributed: Path, tmp_path: Path, before: str, after: str, problem: str
) -> None:
    directory = tmp_path / "data"
    shutil.copytree(contributed, directory)
    path = directory / "architectures" / "mobilenet.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")
    found = [str(problem) for problem in check(directory)]
    assert any(line.startswith(f"architectures/mobilenet.csv:{problem}") for line in found), found
