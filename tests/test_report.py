"""What a chapter opens: the assumptions among its parameters, and no parameter that is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from aicompute import open_report
from aicompute.cli import main
from aicompute.errors import CallError
from aicompute.results import Results, refuse_unknown_results


@pytest.mark.parametrize("value", [0.5, 1, "0.5", True, [0.5]])
def test_a_parameter_that_is_no_assumption_is_refused_with_the_nearest(value: object) -> None:
    with pytest.raises(CallError, match="^parameter gpu_utilisation: unknown; did you mean gpu_ut"):
        open_report({"gpu_utilisation": value})


def test_a_parameter_is_parsed_by_the_type_of_its_assumption() -> None:
    # Papermill's -p makes a text of true.
    report = open_report({"without_alphabet": "true", "gpu_utilization": "0.5"})
    assert report.study.assumptions.changed() == {"without_alphabet": True, "gpu_utilization": 0.5}


def test_what_a_notebook_has_by_itself_and_a_pages_own_parameters_are_left_alone() -> None:
    own = {"In": [""], "Out": {}, "_": 3, "__name__": "__main__", "report": object(),
           "open_report": open_report, "system_id": "alexnet", "scenario_books": ""}
    assert not open_report(own).study.assumptions.changed()


def test_a_number_that_too_few_systems_are_left_for_is_called_unknown_and_a_misspelt_one_refused(
) -> None:
    # Leaving one out of three leaves two: too few for a fit. Once the build ended over it.
    report = open_report({"since": "2017-01-01"})
    assert len(report.study.fitted) == 3
    named = "fit.shortest_leaving_one_out"
    assert report.numbers([named]).texts == {named: "unknown"}
    with pytest.raises(CallError, match="^result fit.shortest_leaving_one: unknown"):
        report.numbers(["fit.shortest_leaving_one"])


@pytest.mark.parametrize(
    ("file", "name"), [("claims.csv", "growth.published.factor"),
                       ("forecasts.csv", "ahead.price.times_slower")])
def test_a_table_that_names_a_result_there_is_not_is_refused(
    data: Path, file: str, name: str
) -> None:
    # The claim was once passed over as one that cannot be checked.
    path = data / file
    text = path.read_text(encoding="utf-8")
    line = next(i for i, row in enumerate(text.splitlines(), 1) if f",{name}," in row)
    path.write_text(text.replace(f",{name},", f",{name}s,", 1), encoding="utf-8")
    said = f"{file}:{line}: result: '{name}s': unknown; nearest: {name}"
    for command in ("check", "results"):
        done = CliRunner().invoke(main, [command, "--data", str(data)])
        assert (done.exit_code, done.stdout) == (1, ""), command
        assert done.stderr.startswith(said), done.stderr


def test_a_named_result_that_too_few_systems_are_left_for_is_not_refused() -> None:
    study = open_report({"since": "2017-01-01"}).study
    # The ledger asks of it for systems of the first era, of which none is left.
    name = "ledger.gpus_2012.pfs_days_inside"
    assert name in {row["result"] for row in study.dataset.rows("claims")}
    assert name not in Results(study).families(["ledger"])
    refuse_unknown_results(study)
