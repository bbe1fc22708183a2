"""How to cite: what CITATION.cff says, in the forms that readers need."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from pybtex.database import parse_string

from aicompute.study import Study
from aicompute.topics import cite


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A citation file that says something else."""
    text = cite.CITATION.read_text(encoding="utf-8")
    changed = text.replace("version: 1.0.0", "version: 7.3.1").replace(
        "The AI and Compute executable edition contributors", "Ada & Sons")
    (tmp_path / "CITATION.cff").write_text(changed, encoding="utf-8")
    monkeypatch.setattr(cite, "CITATION", tmp_path / "CITATION.cff")


def shown(block: object) -> str:
    """The text that a reader copies."""
    return html.unescape(re.sub(r"<[^>]+>", "", block._repr_html_()))  # type: ignore[attr-defined]


def test_bibtex_reads_both_entries_with_their_authors(study: Study) -> None:
    # As CITATION.cff has them: one body of authors, not three people; two people of the article.
    entries = parse_string(shown(cite.cite_bibtex(study)), "bibtex").entries
    book, article = entries.values()
    assert [str(p) for p in book.persons["author"]] == [
        "{The AI and Compute executable edition contributors}"]
    assert [p.last_names for p in article.persons["author"]] == [["Amodei"], ["Hernandez"]]
    assert (book.fields["year"], book.fields["version"]) == ("2026", "1.0.0")
    assert (article.fields["year"], article.fields["url"]) == (
        "2018", "https://openai.com/index/ai-and-compute")


@pytest.mark.usefixtures("other")
def test_the_page_follows_the_citation_file(study: Study) -> None:
    for block in (cite.cite_bibtex(study), cite.cite_text(study)):
        assert "7.3.1" in shown(block)
        assert "Ada & Sons" in shown(block)


def test_a_citation_names_the_tables_and_what_was_altered(study: Study) -> None:
    altered = study.under(gpu_utilization=0.5)
    assert shown(cite.cite_text(altered)).startswith(
        "The AI and Compute executable edition contributors (2026). AI and Compute, the "
        f"executable edition (version 1.0.0). [data {study.dataset.sha256()[:12]}; "
        "gpu_utilization=0.5]")
