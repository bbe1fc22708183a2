"""Labels of points find places where they cover neither each other nor the points."""

from __future__ import annotations

from itertools import combinations

from aicompute.charts import labels
from aicompute.charts.labels import Box

ROOM = {"width": 300.0, "height": 200.0, "font_size": 10.0}


def test_a_label_alone_stands_to_the_right_of_its_point() -> None:
    (only,) = labels.place([(100.0, 100.0, "DQN")], **ROOM)
    assert (only.align, only.dy) == ("left", 0.0)


def test_a_label_at_the_right_edge_stands_to_the_left_of_its_point() -> None:
    (only,) = labels.place([(295.0, 100.0, "AlphaZero")], **ROOM)
    assert only.align == "right"


def test_labels_of_points_that_lie_together_do_not_cover_each_other() -> None:
    points = [(100.0, 100.0, "VGG"), (103.0, 101.0, "Seq2Seq"), (104.0, 112.0, "GoogLeNet")]
    placed = labels.place(points, **ROOM)
    assert all(a.box.overlap(b.box) == 0 for a, b in combinations(placed, 2))


def test_a_label_keeps_clear_of_a_line() -> None:
    line = Box(100, 95, 300, 105)
    (only,) = labels.place([(100.0, 100.0, "ResNet")], others=[line], **ROOM)
    assert only.box.overlap(line) == 0


def test_an_empty_label_takes_no_room() -> None:
    first, _ = labels.place([(100.0, 100.0, "DQN"), (104.0, 100.0, "")], **ROOM)
    assert first.align in {"left", "right"}


def test_the_same_points_get_the_same_places() -> None:
    points = [(10.0 * i, 20.0 + i % 3, f"System {i}") for i in range(12)]
    assert labels.place(points, **ROOM) == labels.place(points, **ROOM)


def test_boxes_that_share_a_corner_overlap_by_its_area() -> None:
    # They share the square from (2, 2) to (3, 3).
    assert Box(0, 0, 3, 3).overlap(Box(2, 2, 5, 5)) == 1


def test_a_text_of_two_lines_is_as_wide_as_the_longer_one() -> None:
    two = labels.text_box(0, 0, "tens of\ngraphics cards", "left", 10)
    one = labels.text_box(0, 0, "graphics cards", "left", 10)
    assert two.right == one.right
    assert two.bottom > one.bottom


def test_a_box_covers_the_area_it_shares_with_each_of_the_others() -> None:
    # 10 x 10 at the origin: it shares 5 x 10 with the first, all of the 2 x 2 of the second, and
    # nothing with the third, which only touches it.
    others = [Box(5, 0, 15, 10), Box(1, 1, 3, 3), Box(10, 0, 20, 10)]
    assert labels.covered([Box(0, 0, 10, 10), Box(100, 100, 101, 101)], others) == [54.0, 0.0]
