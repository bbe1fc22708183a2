"""Refusing a name that is unknown: the nearest known ones are suggested, all of them listed."""

import difflib
from collections.abc import Iterable

from aicompute import words

#: Names less alike than this are no misspellings of each other.
_ALIKE = 0.6
#: More valid names than these no one reads.
_MOST = 100


def unknown(what: str, name: object, valid: Iterable[str]) -> str:
    """One line that refuses a name, and suggests those most like it.

    Capitals, and how its words are joined, are easily mistaken: they make a name no less alike.

    >>> unknown("fruit", "aple", ["apple", "pear"])
    'fruit aple: unknown; did you mean apple? valid: apple, pear'
    >>> unknown("assumption", "Utilization", ["gpu_utilization", "cpu_utilization"])[24:80]
    'unknown; did you mean gpu_utilization or cpu_utilization'
    """
    known = list(valid)
    likeness = {each: difflib.SequenceMatcher(None, _plain(each), _plain(str(name))).ratio()
                for each in known}
    most = max(likeness.values(), default=0.0)
    near = [each for each, alike in likeness.items() if alike == most >= _ALIKE]
    hint = f"did you mean {words.listed(near, 'or')}? " if near else ""
    listed = ", ".join(known) if len(known) <= _MOST else f"one of {len(known)}"
    return f"{what} {shown(name)}: unknown; {hint}valid: {listed or 'none'}"


def shown(given: object) -> str:
    r"""What someone gave, in the one line of a message; quoted where it would be no part of it.

    >>> shown("a third"), shown(""), shown("two\nlines")
    ('a third', "''", "'two\\nlines'")
    """
    text = str(given)
    return text if text.strip() and text.isprintable() else repr(text)


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")
