"""Refusing a name that is unknown: the nearest known ones are suggested, all of them listed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from aicompute import words

#: Names less alike than this are no misspellings of each other.
_ALIKE = 0.6
#: More valid names than these no one reads.
_MOST = 100


def unknown(what: str, name: object, valid: Iterable[str]) -> str:
    """One line that refuses a name.

    >>> unknown("fruit", "aple", ["apple", "pear"])
    'fruit aple: unknown; did you mean apple? valid: apple, pear'
    """
    known = list(valid)
    near = nearest(str(name), known)
    hint = f"did you mean {words.listed(near, 'or')}? " if near else ""
    valid = ", ".join(known) if len(known) <= _MOST else f"one of {len(known)}"
    return f"{what} {shown(name)}: unknown; {hint}valid: {valid or 'none'}"


def shown(given: object) -> str:
    r"""What someone gave, in the one line of a message; quoted where it would be no part of it.

    >>> shown("a third"), shown(""), shown("two\nlines")
    ('a third', "''", "'two\\nlines'")
    """
    text = str(given)
    return text if text.strip() and text.isprintable() else repr(text)


def nearest(name: str, valid: Iterable[str]) -> list[str]:
    """The known names that are most like one, all of them where several are equally so.

    >>> nearest("utilization", ["gpu_utilization", "cpu_utilization", "seed"])
    ['gpu_utilization', 'cpu_utilization']
    >>> nearest("GPU-Utilisation", ["gpu_utilization", "seed"]), nearest("zzz", ["seed"])
    (['gpu_utilization'], [])
    """
    likeness = {known: difflib.SequenceMatcher(None, _plain(known), _plain(name)).ratio()
                for known in valid}
    most = max(likeness.values(), default=0.0)
    return [known for known, alike in likeness.items() if alike == most >= _ALIKE]


def _plain(name: str) -> str:
    """A name without what is easily mistaken: capitals, and how its words are joined."""
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")
