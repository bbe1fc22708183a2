"""How a number becomes text: the one place where digits are cut."""

from __future__ import annotations

import math
import re
import sys
from typing import TYPE_CHECKING

from aicompute.errors import CallError

if TYPE_CHECKING:
    from aicompute.recording import Number

SIGNIFICANT_DIGITS = 3
#: An interval that reaches over more than this share of its number leaves it two digits.
WIDE_INTERVAL = 0.25
#: How a text may ask for a number: with its unit; the value alone; all its digits; as a source
#: states it; at two digits; with its interval, or that or an end of it alone; in percent; in 万.
FORMS = ("quantity", "value", "exact", "stated", "rounded", "range", "interval", "low", "high",
         "share", "wan")
#: What is said for a number that there is nothing to calculate from.
UNKNOWN = "unknown"
#: Below this and from this on, a number is written as a power of ten.
SMALLEST_PLAIN, LARGEST_PLAIN = 1e-3, 1e7
#: Stands before a number in a text; a hyphen does before those that programs read.
_MINUS = "−"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
#: Units that stand behind their number without the plural or the word.
_SYMBOLS = {"times": "×", "times a year": "× a year", "1": "", "": ""}
_SINGULAR = {
    "months": "month", "systems": "system", "pfs-days": "pfs-day", "years": "year",
    "days": "day", "epochs": "epoch", "passes": "pass"}


def in_form(number_: Number, form: str = "") -> str:
    """Write a number of the report in a form that a text asks for, rounded as its interval allows.

    A form that there is not is a CallError.
    """
    value, low, high, unit = number_.value, number_.low, number_.high, number_.unit
    if form and form not in FORMS:
        raise CallError(f"form {form}: unknown; valid: {', '.join(FORMS)}")
    digits = digits_for(value, low, high)
    if form == "interval":
        return interval(low, high, digits)
    if form in ("low", "high"):
        return number(low if form == "low" else high, digits)
    if value is None:
        return UNKNOWN
    if form == "wan":
        return number(value / 10_000, 2) + " 万"
    if form == "share":
        return share(value, digits)
    if form == "stated":
        return stated_quantity(value, unit)
    if form == "exact":
        return f"{value:,.12g}".replace("-", _MINUS)
    if form == "value":
        return number(value, digits)
    text = quantity(value, unit, 2 if form == "rounded" else digits)
    ends = {number(end, digits) for end in (low, high)}
    ranged = form == "range" and ends != {number(None)} and len(ends) == 2
    return f"{text} ({interval(low, high, digits)})" if ranged else text


def ranged(value: float, low: float, high: float, unit: str) -> str:
    """A value with its unit and, where there is one, its interval, as a text has them.

    >>> ranged(3.437, 2.59, 5.09, "months"), ranged(0.0057875, math.nan, math.nan, "pfs-days")
    ('3.4 months (2.6 to 5.1)', '0.00579 pfs-days')
    """
    from aicompute.recording import Number

    low_end, high_end = (None if math.isnan(end) else end for end in (low, high))
    return in_form(Number(value, unit, low_end, high_end), "range")


def digits_for(value: float | None, low: float | None, high: float | None) -> int:
    """Significant digits that an interval supports: three, or two where it is wide.

    >>> digits_for(3.44, 2.59, 5.09), digits_for(3.44, 3.43, 3.45), digits_for(3.44, None, None)
    (2, 3, 3)
    """
    if value is None or not value or (low is None and high is None):
        return SIGNIFICANT_DIGITS
    if low is None or high is None:
        return SIGNIFICANT_DIGITS - 1
    return SIGNIFICANT_DIGITS - (abs((high - low) / value) > WIDE_INTERVAL)


def plain(text: str) -> str:
    """Text that Markdown, MyST and HTML show as it is.

    An underscore within a word is no mark, and code would show its entity.

    >>> plain("a*b <i>"), plain("alphago_zero"), plain("__a_")
    ('a&#42;b &#60;i&#62;', 'alphago_zero', '&#95;&#95;a&#95;')
    """
    marks = r"[^\w .,;()/+-]|(?<![^\W_])_|_(?![^\W_])"
    return re.sub(marks, lambda match: f"&#{ord(match.group())};", text)


def number(value: float | None, digits: int = SIGNIFICANT_DIGITS) -> str:
    """Write a number for readers, at three significant digits unless told otherwise.

    A count keeps all its digits; very small and very large numbers become powers of ten, None and
    NaN a dash.

    >>> number(3.4372), number(321726.2), number(0.0057875), number(2.7e-5), number(None)
    ('3.44', '322,000', '0.00579', '2.70×10⁻⁵', '–')
    >>> number(15.0), number(1862.0), number(9.996), number(1.9e8)
    ('15', '1,862', '10', '1.90×10⁸')
    >>> number(-0.296), number(-0.0)
    ('−0.296', '0')
    """
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "unbounded"
    return _sign(value) + _size(abs(value), digits)


def quantity(value: float | None, unit: str, digits: int = SIGNIFICANT_DIGITS) -> str:
    """Write a number with its unit.

    >>> quantity(3.437, "months"), quantity(321726.2, "times"), quantity(1.0, "pfs-days")
    ('3.44 months', '322,000×', '1 pfs-day')
    """
    return _with_unit(number(value, digits), unit)


def stated(value: float | None) -> str:
    """Write a number that a source states, with the digits it needs, up to three, and no more.

    >>> stated(0.0054), stated(0.117), stated(2.7e-5), stated(0.1)
    ('0.0054', '0.117', '2.7×10⁻⁵', '0.1')
    """
    if value is None or math.isnan(value):
        return number(value)
    needed = (digits for digits in (1, 2) if float(f"{value:.{digits - 1}e}") == value)
    return number(value, next(needed, SIGNIFICANT_DIGITS))


def stated_quantity(value: float | None, unit: str) -> str:
    """Write a number that a source states, with its unit.

    >>> stated_quantity(5.5, "days"), stated_quantity(1.0, "epochs")
    ('5.5 days', '1 epoch')
    """
    return _with_unit(stated(value), unit)


def finite(value: float | None) -> float | None:
    """A number that can be written; None for an open end, and for what is no number.

    >>> finite(1e308), finite(10**309), finite(math.inf), finite(math.nan)
    (1e+308, None, None, None)
    """
    return value if value is not None and abs(value) <= sys.float_info.max else None


def interval(low: float | None, high: float | None, digits: int = SIGNIFICANT_DIGITS) -> str:
    """Write an interval; an end that is open, or beyond any number, says so.

    >>> interval(2.61, 5.09), interval(2.61, None), interval(2.61, math.inf)
    ('2.61 to 5.09', '2.61 or more', '2.61 or more')
    """
    low, high = finite(low), finite(high)
    if low is not None and high is None:
        return f"{number(low, digits)} or more"
    if low is None and high is not None:
        return f"{number(high, digits)} or less"
    return f"{number(low, digits)} to {number(high, digits)}"


def range_words(low: float, high: float, digits: int = SIGNIFICANT_DIGITS) -> str:
    """Write a range; nothing where both ends read the same.

    >>> range_words(5.0, 6.0), range_words(0.0020328, 0.0020331)
    ('5 to 6', '')
    """
    return "" if number(low, digits) == number(high, digits) else interval(low, high, digits)


def share(value: float, digits: int = SIGNIFICANT_DIGITS) -> str:
    """Write a share as a percentage.

    >>> share(0.33), share(0.005), share(-0.02)
    ('33 %', '0.5 %', '−2 %')
    """
    return f"{_sign(value)}{float(f'{abs(value) * 100:.{digits}g}'):,g} %"


def date(value: object, known_to: object = "day") -> str:
    """Write a date as day, month and year, or as far as it is known: to its month or year.

    >>> import datetime
    >>> [date(datetime.date(2017, 10, 19), known_to) for known_to in ("day", "month", "year")]
    ['19 October 2017', 'October 2017', '2017']
    """
    day = f"{value.day} %B %Y"  # type: ignore[attr-defined]
    return f"{value:{ {'month': '%B %Y', 'year': '%Y'}.get(str(known_to), day)}}"


def listed(items: list[str], word: str = "and") -> str:
    """Write a list as a sentence does.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"


def words(name: str) -> str:
    """Turn a name into words.

    >>> words("gpu_utilization")
    'gpu utilization'
    """
    return re.sub(r"_+", " ", name)


def _with_unit(text: str, unit: str) -> str:
    if unit in _SYMBOLS:
        return f"{text}{_SYMBOLS[unit]}"
    return f"{text} {_SINGULAR.get(unit, unit) if text == '1' else unit}"


def _sign(value: float) -> str:
    return _MINUS if value < 0 else ""


def _size(value: float, digits: int) -> str:
    """A number that is not negative."""
    if value == 0 or (value == int(value) and value < LARGEST_PLAIN):
        return f"{value:,.0f}"
    if SMALLEST_PLAIN <= value < LARGEST_PLAIN:
        return _plain(value, digits)
    return _power_of_ten(value, digits)


def _plain(value: float, digits: int) -> str:
    value = float(f"{value:.{digits - 1}e}")
    exponent = math.floor(math.log10(value))
    decimals = max(digits - 1 - exponent, 0)
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text and exponent >= digits - 2 else text


def _power_of_ten(value: float, digits: int) -> str:
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{mantissa}×10{str(int(exponent)).translate(_SUPERSCRIPT)}"
