"""The types of what a page's cells hold for the build, besides what any notebook can show."""

from __future__ import annotations

#: A figure: its specifications, caption, alternative text and rows.
FIGURE_MIME = "application/vnd.aicompute.figure+json"
#: The numbers a page's text names, and the files of the dataset the page has read.
NUMBERS_MIME = "application/vnd.aicompute.numbers+json"
#: The text of results.json.
RESULTS_MIME = "application/vnd.aicompute.results+json"
