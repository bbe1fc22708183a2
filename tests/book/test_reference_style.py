"""The bibliography: one lasting way to each work, in the order the text cites them."""

from __future__ import annotations

from pybtex.database import parse_string

from aicompute.book.reference_style import Style, register

BOOK = """
@article{z_2019, author={Zed, A}, title={Last}, journal={J}, year=2019,
  doi={10.1000/1}, url={https://example.org/z}}
@misc{b_2017, author={Bee, B}, title={Second}, year=2017, eprint={1707.00001},
  archivePrefix={arXiv}, url={https://arxiv.org/abs/1707.00001}}
@misc{o_2020, author={{Open Data}}, title={Between}, year=2020}
@misc{b_2016, author={Bee, B}, title={First}, year=2016, url={https://example.org/b}}
"""


def shown() -> list[str]:
    """The entries as they are listed, with their links."""
    register()
    formatted = Style().format_bibliography(parse_string(BOOK, "bibtex"))
    return [entry.text.render_as("html") for entry in formatted]


def test_works_stand_by_author_and_year() -> None:
    # An organization stands among the people, not behind them all.
    titles = ("First", "Second", "Between", "Last")
    assert [next(t for t in titles if t in entry) for entry in shown()] == list(titles)


def test_beside_a_doi_or_an_arxiv_number_there_is_no_other_address() -> None:
    first, second, _, last = shown()
    assert "https://example.org/b" in first
    assert second.count("href=") == 1
    assert "https://arxiv.org/abs/1707.00001" in second
    assert last.count("href=") == 1
    assert "https://doi.org/10.1000/1" in last
