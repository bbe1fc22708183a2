"""The live page: what its script is given makes the values of the library."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import pytest

from aicompute import live
from aicompute.assumptions import parse_assumptions
from aicompute.cells import run_cells
from aicompute.methods import estimates

SETTINGS: list[dict[str, Any]] = [
    {"values": "published"},
    {"values": "published", "alphago_zero_estimate": "epoch_2026"},
    {"values": "replicated", "gpu_utilization": 0.25, "operations_per_multiply_add": 1.5},
    {"values": "recounted", "chip_rating": "boost", "tpu_utilization": 0.6},
    {"values": "recounted", "method": "method_1", "passes_per_example": 4.0},
    {"values": "recounted", "method": "method_2", "chip_rating": "base", "cpu_utilization": 0.3},
    {"values": "recounted", "method": "method_2", "utilization_from": "measured"},
]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """What the page gives its script in the baseline."""
    given: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "results", lambda document: str(given.update(document)))
        run_cells("what_if")
    return dict(json.loads(json.dumps(given, allow_nan=False)))


def value_of(
    document: Mapping[str, Any], system: Mapping[str, Any], setting: Mapping[str, Any]
) -> float | None:
    """The value of a system as what_if.js calculates it."""
    other = system["published_by"].get(setting["alphago_zero_estimate"], system["published"])
    if setting["values"] == "published":
        return other
    basis = "article" if setting["values"] == "replicated" else "recount"
    found = document["calculations"].get(system["id"], {}).get(basis, {})
    preferred = system[f"{basis}_method"]
    wanted = {"method_1": 1, "method_2": 2}.get(setting["method"], preferred)
    phases = None if preferred is None else found.get(str(wanted), found.get(str(preferred)))
    if phases is None:
        return other
    return sum(phase["pfs_days"][setting["chip_rating"]]
               * math.prod(setting["utilization_from"] == "measured" and phase["measured"]
                           or setting[name] for name in phase["times"]) for phase in phases)


@pytest.mark.parametrize("altered", SETTINGS, ids=lambda s: ",".join(map(str, s.values())))
def test_the_pages_products_are_the_librarys_values(
    document: dict[str, Any], altered: dict[str, Any]
) -> None:
    # A row whose assumption is not named would stand still when its control is moved.
    systems = estimates(parse_assumptions(altered)).query("set == 'chart'")
    expected = dict(zip(systems.system_id, systems.pfs_days, strict=True))
    setting = document["settings"] | altered
    found = {s["id"]: value_of(document, s, setting) for s in document["systems"]}
    assert found == pytest.approx(expected, rel=1e-9)


def test_every_control_of_the_form_is_an_assumption_that_the_script_is_given(
    document: dict[str, Any]
) -> None:
    form = live.controls(parse_assumptions({}), {"alexnet": "AlexNet"})
    assert [name for name in live.CONTROLS[:-1] if f' name="{name}"' not in form] == []
    assert set(document["settings"]) == set(document["defaults"]) == set(live.CONTROLS)


def test_a_hostile_name_is_shown_as_text() -> None:
    # Names come from tables; one that closes the script or the label would run.
    form = live.controls(parse_assumptions({}), {"x": "<script>alert(1)</script>"})
    assert "<script>" not in form
    shown = live.results({"systems": [{"name": "</script><b>"}]})
    assert shown.count("</script>") == 1
