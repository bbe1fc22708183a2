"""Tables: what a phone and a reader of the plain page get of them."""

from __future__ import annotations

import math
import re

from aicompute import tables
from aicompute.tables import Cell, HtmlTable

LONG = "A sentence that is far too long to stand beside two other columns on a phone."


def rendered(table: HtmlTable) -> str:
    return table._repr_html_()


def classes(table: HtmlTable) -> set[str]:
    found = re.search(r'<table class="([^"]+)"', rendered(table))
    assert found
    return set(found[1].split())


def test_a_table_of_sentences_is_cards_on_a_phone_each_cell_behind_its_head() -> None:
    table = HtmlTable(["Name", "What", "Value"],
                      [[tables.text("x"), tables.text(LONG), tables.number("3", 3)]])
    assert {"stacked", "titled"} <= classes(table)
    assert f'data-head="What"><div>{LONG}</div>' in rendered(table)


def test_a_table_of_numbers_stays_a_table() -> None:
    row = [tables.text("GNMT"), *(tables.number(f"{n}.5", n) for n in range(5))]
    assert "stacked" not in classes(HtmlTable(list("abcdef"), [row]))


def test_a_table_whose_words_do_not_fit_a_phone_side_by_side_is_cards() -> None:
    # 12 + 16 + 12 + 12 characters and one beside each: 56, where a phone has room for 50.
    head = ["System", "Multiply-adds", "Published", "Recounted"]
    row = [tables.text("Transformers"), tables.number("1,234,567,890,12", 1.0),
           tables.number("2.70×10⁻⁵ ab", 1.0), tables.number("2.70×10⁻⁵ ab", 1.0)]
    assert "stacked" in classes(HtmlTable(head, [row]))
    # A column that a phone leaves out takes no room: 43.
    assert "stacked" not in classes(HtmlTable(head, [row], minor=("Recounted",)))


def test_two_columns_fit_a_phone_whatever_they_hold() -> None:
    assert "stacked" not in classes(HtmlTable(["a", "b"], [[tables.text("x"), tables.text(LONG)]]))


def test_a_number_with_a_long_unit_does_not_stand_beside_others_on_a_phone() -> None:
    # It does not wrap: "1.58×10¹² FLOP/s (GeForce GTX 580)" alone takes the width of a phone.
    row = [tables.text("rating"), tables.number("1.58×10¹² FLOP/s (GeForce GTX 580)"),
           tables.text("the source")]
    assert "stacked" in classes(HtmlTable(["Input", "Value", "From"], [row]))


def test_a_table_that_sorts_keeps_its_heads_on_a_phone() -> None:
    row = [tables.text("x"), tables.text(LONG), tables.number("3", 3)]
    assert "stacked" not in classes(HtmlTable(list("abc"), [row], sortable=True))


def test_a_column_without_a_word_is_left_out() -> None:
    rows = [[tables.text("a"), tables.text(""), tables.text("c")],
            [tables.text("d"), tables.text(""), tables.text("")]]
    assert re.findall(r"<th [^>]*>(.*?)</th>", rendered(
        tables.without_empty_columns(["One", "Two", "Three"], rows))) == ["One", "Three"]


def test_a_head_and_a_caption_are_escaped() -> None:
    html = rendered(HtmlTable(["<b>"], [[Cell("x")]], caption="<i>", facets=("<b>",)))
    assert "<b>" not in html
    assert "<i>" not in html


def test_a_head_that_may_be_broken_at_a_soft_hyphen_needs_no_more_room_than_its_parts() -> None:
    # A phone has 50 characters. Five columns need 5 x (6 + 1) = 35 where "reprod" and "uction" may
    # stand apart, and 5 x (12 + 1) = 65 where the word is whole.
    def table(word: str) -> HtmlTable:
        return HtmlTable([word] * 5, [[tables.number("1", 1)] * 5])

    assert "stacked" not in classes(table("reprod\u00aduction"))
    assert "stacked" in classes(table("reproduction"))


def test_a_number_without_end_is_sorted_as_the_page_reads_numbers() -> None:
    # The page takes "inf" for no number, and put the greatest of all last whichever way it sorts.
    sorts = [tables.number("", value).sort for value in (2.5, math.inf, -math.inf, math.nan, None)]
    assert sorts == ["2.5", "Infinity", "-Infinity", "", ""]
