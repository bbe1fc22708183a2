"""The live page's form and data; what its script makes of them is tested in the browser."""

from aicompute import live
from aicompute.assumptions import parse_assumptions


def test_every_assumption_that_the_script_is_given_has_its_control() -> None:
    form = live.controls(parse_assumptions({}), {"alexnet": "AlexNet"})
    assert [name for name in live.CONTROLS[:-1] if f' name="{name}"' not in form] == []


def test_a_hostile_name_is_shown_as_text() -> None:
    # Names come from tables; one that closes the script or the label would run.
    form = live.controls(parse_assumptions({}), {"x": "<script>alert(1)</script>"})
    assert "<script>" not in form
    shown = live.results({"systems": [{"name": "</script><b>"}]})
    assert shown.count("</script>") == 1
