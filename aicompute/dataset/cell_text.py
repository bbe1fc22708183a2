"""What no text of the data may hold, because no reader could see it or a program would run it."""

from __future__ import annotations

import re

MAX_CHARACTERS = 2_000
UNDECODED = "must be UTF-8 text"
#: Lone surrogates stand for bytes that are no UTF-8, as Python's ``surrogateescape`` has it.
UNDECODED_MARK = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
#: Marks that show as nothing, or turn the direction of what follows; private and unassigned ends.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\uffff"
    "\ue000-\uf8ff\U000e0000-\U0010ffff]"
)
#: The last four signs are what East Asian keyboards write for the first four. Where a comma stands
#: before decimals, spreadsheets begin a new cell behind a semicolon.
_FORMULA = re.compile(r"((?:^|;)\s*)([=+\-@＝＋－＠].)")  # noqa: RUF001


def broken_rule(text: str, *, formula_free: bool = True) -> str:
    """The first rule that a text breaks; empty where it breaks none.

    Parameters
    ----------
    text
        One cell, or one field of a source.
    formula_free
        Whether a start that spreadsheets take for a formula is refused too.

    Examples
    --------
    >>> broken_rule("=HYPERLINK(A1)")
    'must not begin, or go on after a ;, with = + - or @: a spreadsheet runs a formula'
    >>> broken_rule("<b>5 % & more</b>")
    ''
    """
    if len(text) > MAX_CHARACTERS:
        return f"must have at most {MAX_CHARACTERS} characters"
    if UNDECODED_MARK.search(text):
        return UNDECODED
    if _CONTROL.search(text):
        return "must be one line without control characters"
    if _INVISIBLE.search(text):
        return "must not hold invisible characters"
    if text != text.strip():
        return "must not begin or end with a space"
    if formula_free and is_formula(text):
        return "must not begin, or go on after a ;, with = + - or @: a spreadsheet runs a formula"
    return ""


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run a text; a sign alone is none.

    Examples
    --------
    >>> is_formula("=1+1"), is_formula("-"), is_formula("minus one"), is_formula("one; =1+1")
    (True, False, False, True)
    """
    return bool(_FORMULA.search(text))


def defused(text: str) -> str:
    """A text that a spreadsheet shows and does not run: an apostrophe before what it would run.

    Examples
    --------
    >>> defused("=1+1"), defused("one; =1+1"), defused("1+1")
    ("'=1+1", "one; '=1+1", '1+1')
    """
    return _FORMULA.sub(r"\1'\2", text)


def shown(text: str, longest: int = 60) -> str:
    r"""A text fit for one line of a terminal: short, and nothing in it that a terminal obeys.

    Examples
    --------
    >>> shown("a" * 99)[-5:], shown("\x1b[2J")
    ('aa...', '\\x1b[2J')
    """
    short = text if len(text) <= longest else text[: longest - 3] + "..."
    return short if short.isprintable() else repr(short)[1:-1]
