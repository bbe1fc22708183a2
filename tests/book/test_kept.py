"""What one build keeps for the next is used as it was written, or made again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tiny import Tiny

from aicompute.book import drawing, kept
from aicompute.book.drawing import Drawings

CHART = {"data": {"values": [{"a": 1}]}, "mark": "point",
         "encoding": {"x": {"field": "a", "type": "quantitative"}}}
FIGURE: dict[str, Any] = {"name": "points", "csv": "a\n1\n", "alt": "", "caption": "",
                          "wide": CHART, "narrow": CHART}
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda _: b"",
    "cut short": lambda content: content[: len(content) // 2],
    "cut at its end": lambda content: content[:-1],
    "altered": lambda content: content.replace(b"a", b"b", 1),
    "of another version": lambda _: b'{"metadata": {"aicompute": []}}',
}


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    kept.write(tmp_path / "new" / "file.txt", b"a\nb")
    assert kept.read(tmp_path / "new" / "file.txt") == b"a\nb"
    assert [path.name for path in tmp_path.rglob("*.*")] == ["file.txt"]


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert kept.read(tmp_path / "file.txt") is None


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_file_that_was_damaged_counts_as_not_there(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "file.txt"
    kept.write(path, b"a text")
    path.write_bytes(damage(path.read_bytes()))
    assert kept.read(path) is None


def test_a_drawing_that_was_damaged_is_drawn_again(tmp_path: Path) -> None:
    # Once whatever lay there went into the book.
    shown = []
    for _ in range(2):
        with Drawings(tmp_path) as draw:
            shown.append(draw.html(FIGURE, "fig-points"))
        (path,) = tmp_path.glob("*.svg")
        path.write_bytes(path.read_bytes()[:100])
    assert shown[0] == shown[1]


def test_another_drawing_code_draws_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for code in ("one", "other"):
        monkeypatch.setattr(drawing, "_CODE", code)
        with Drawings(tmp_path) as draw:
            draw.begin(FIGURE)
    assert len(list(tmp_path.glob("*.svg"))) == 2


@pytest.mark.slow
def test_kept_pages_that_were_damaged_are_run_again(built: Tiny) -> None:
    before = built.state()
    # Every file is damaged in a way of its own, and there are as many files as ways.
    files = [*sorted((built.output / ".work" / "executed").iterdir()),
             built.output / ".work" / "fingerprint.json"]
    for path, damage in zip(files, DAMAGES.values(), strict=True):
        path.write_bytes(damage(path.read_bytes()))
    assert built.build() == (0, "")
    assert built.state() == before
