"""Every link of the book leads somewhere."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

#: What a page loads by itself: nothing of this may come from elsewhere.
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "audio": "src"}
#: Pages whose cells show nothing: the text is all there is.
PROSE = {"bibliography", "glossary", "overview"}
LOADING_LINKS = {"stylesheet", "preload", "icon", "preconnect", "dns-prefetch", "modulepreload"}


class Read(HTMLParser):
    """The anchors of a page, the links it holds, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag in LOADED and given.get(LOADED[tag]):
            self.loaded.append(given[LOADED[tag]])
        if tag == "link" and set(given.get("rel", "").split()) & LOADING_LINKS:
            self.loaded.append(given["href"])


@pytest.fixture(scope="module")
def read(site: Path) -> dict[Path, Read]:
    """Every HTML file of the book."""
    return {path: Read(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")
            if "_static" not in path.relative_to(site).parts}


def outside(address: str) -> bool:
    return bool(urlsplit(address).scheme) or address.startswith("//")


def test_every_internal_link_leads_to_a_file_and_an_anchor(read: dict[Path, Read]) -> None:
    broken = []
    for path, page in read.items():
        for link in page.links:
            if outside(link):
                continue
            target = urlsplit(urljoin(path.as_uri(), link))
            file, anchor = Path(unquote(target.path)), unquote(target.fragment)
            missing = file in read and anchor and anchor not in read[file].anchors
            if not file.exists() or missing:
                broken.append(f"{path.name}: {link}")
    assert broken == []


def test_what_a_page_loads_comes_with_the_book(read: dict[Path, Read]) -> None:
    assert [f"{path.name}: {address}" for path, page in read.items()
            for address in page.loaded
            if outside(address) and not address.startswith("data:")] == []


def test_no_style_sheet_loads_from_elsewhere(site: Path) -> None:
    loading = re.compile(r"""(?:url\(\s*|@import\s+)["']?(?:https?:)?//""")
    assert [path.name for path in site.rglob("*.css")
            if loading.search(path.read_text(encoding="utf-8"))] == []


def test_every_page_has_a_description_of_its_own(site: Path, pages: list[str]) -> None:
    pattern = re.compile(r'<meta name="description" content="([^"]+)"')
    found = {name: pattern.search((site / f"{name}.html").read_text(encoding="utf-8"))
             for name in pages}
    assert [name for name, match in found.items() if match is None] == []
    said = Counter(match[1] for match in found.values() if match)
    assert [text for text, times in said.items() if times > 1] == []


def test_the_social_card_is_a_picture_of_the_book(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    match = re.search(r'<meta property="og:image" content="([^"]+)"', page)
    assert match
    assert (site / match.group(1)).read_bytes().startswith(b"\x89PNG")


def test_every_page_offers_its_executed_notebook(site: Path, pages: list[str]) -> None:
    without = []
    for name in pages:
        page = (site / f"{name}.html").read_text(encoding="utf-8")
        notebook = json.loads((site / "_sources" / f"{name}.ipynb").read_text(encoding="utf-8"))
        ran = [cell for cell in notebook["cells"] if cell.get("outputs")]
        linked = re.search(rf'href="[^"]*_sources/{re.escape(name)}\.ipynb"', page)
        if not linked or (name not in PROSE and not ran):
            without.append(name)
        assert "chart-spec" not in json.dumps(ran)  # what only the page can show
    assert without == []


def test_the_whole_site_can_be_taken_away(site: Path, read: dict[Path, Read]) -> None:
    links = [link for page in read.values() for link in page.links if link.endswith("site.zip")]
    assert links
    with zipfile.ZipFile(site / "_downloads" / "site.zip") as archive:
        assert "ai-and-compute/index.html" in archive.namelist()
        assert archive.testzip() is None


def test_terms_lead_to_the_glossary_and_tell_their_meaning(site: Path) -> None:
    page = (site / "counting.html").read_text(encoding="utf-8")
    found = re.search(r'<a class="term[^"]*" href="glossary\.html#term-forward-pass" '
                      r'title="([^"]+)"', page)
    assert found
    assert found[1].startswith("One run of a network from its input to its output.")
