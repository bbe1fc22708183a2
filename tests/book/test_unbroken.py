"""What never breaks at the end of a line."""

from __future__ import annotations

from aicompute.book.unbroken import unbroken


def test_a_pfs_day_and_a_percentage_are_kept_in_one_line() -> None:
    assert unbroken("<h3>Recounted: 3,775 pfs-days (99.8 % of it)</h3>") == (
        '<h3>Recounted: 3,775 <span class="unit">pfs-days</span> '
        '(<span class="unit">99.8 %</span> of it)</h3>'
    )


def test_what_is_no_text_of_the_page_stays_as_it_is() -> None:
    for kept in ('<a title="2 pfs-days">x</a>', "<script>'5 pfs-days'</script>",
                 "<svg><text>pfs-days</text></svg>", "<pre>33 %</pre>", "<code>pfs-day</code>",
                 "<option>pfs-days</option>"):
        assert unbroken(kept) == kept


def test_a_head_that_the_style_sheet_puts_before_a_cell_gets_a_hyphen_that_does_not_break() -> None:
    assert unbroken('<td data-head="Recounted pfs-days" title="pfs-days">') == (
        '<td data-head="Recounted pfs\N{NON-BREAKING HYPHEN}days" title="pfs-days">'
    )
