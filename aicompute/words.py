"""How a number becomes text: the one place where digits are cut."""

import math
import re
import sys

from aicompute.errors import CallError

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
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
#: Units that stand behind their number without the plural or the word.
_SYMBOLS = {"times": "×", "times a year": "× a year", "1": "", "": "", "year": ""}
_SINGULAR = {
    "months": "month", "systems": "system", "pfs-days": "pfs-day", "years": "year",
    "days": "day", "epochs": "epoch", "passes": "pass"}


def in_form(
    value: float | None, unit: str = "", low: float | None = None, high: float | None = None,
    form: str = "",
) -> str:
    """Write a number in a form, rounded as its interval allows; an unknown form is a CallError.

    None is a number that is unknown, or an end that is open; both ends, and there is no interval.
    """
    if form and form not in FORMS:
        raise CallError(f"form {form}: unknown; valid: {', '.join(FORMS)}")
    digits = digits_for(value, low, high)
    if form in ("interval", "low", "high"):
        ends = interval(low, high, digits)
        return ends if form == "interval" else number(low if form == "low" else high, digits)
    if value is None:
        return UNKNOWN
    if form == "range":
        between = range_words(low, high, digits)
        return quantity(value, unit, digits) + f" ({between})" * bool(between)
    return {
        "wan": lambda: f"{number(value / 10_000, 2)} 万", "share": lambda: share(value, digits),
        "stated": lambda: stated(value, unit), "value": lambda: number(value, digits),
        "exact": lambda: f"{value:,.12g}".replace("-", _MINUS),
        "rounded": lambda: quantity(value, unit, 2),
    }.get(form, lambda: quantity(value, unit, digits))()


def ranged(value: float, low: float, high: float, unit: str) -> str:
    """A value with its unit and, where there is one, its interval, as a text has them.

    >>> ranged(3.437, 2.59, 5.09, "months"), ranged(0.0057875, math.nan, math.nan, "pfs-days")
    ('3.4 months (2.6 to 5.1)', '0.00579 pfs-days')
    """
    return in_form(value, unit, finite(low), finite(high), "range")


def digits_for(value: float | None, low: float | None, high: float | None) -> int:
    """Significant digits that an interval supports: three, or two where it is wide.

    >>> digits_for(3.44, 2.59, 5.09), digits_for(3.44, 3.43, 3.45), digits_for(3.44, None, None)
    (2, 3, 3)
    """
    if not value or (low is None and high is None):
        return SIGNIFICANT_DIGITS
    wide = low is None or high is None or abs((high - low) / value) > WIDE_INTERVAL
    return SIGNIFICANT_DIGITS - wide


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
    sign, size = _MINUS if value < 0 else "", abs(value)
    if size == 0 or (size == int(size) and size < LARGEST_PLAIN):
        return f"{sign}{size:,.0f}"
    mantissa, power = f"{size:.{digits - 1}e}".split("e")
    if not SMALLEST_PLAIN <= size < LARGEST_PLAIN:
        return f"{sign}{mantissa}×10{str(int(power)).translate(SUPERSCRIPT)}"
    text = f"{float(f'{mantissa}e{power}'):,.{max(digits - 1 - int(power), 0)}f}"
    keeps = "." not in text or int(power) < digits - 2
    return sign + (text if keeps else text.rstrip("0").rstrip("."))


def quantity(value: float | None, unit: str, digits: int = SIGNIFICANT_DIGITS) -> str:
    """Write a number with its unit; a year as one.

    >>> quantity(3.437, "months"), quantity(321726.2, "times"), quantity(1.0, "pfs-days")
    ('3.44 months', '322,000×', '1 pfs-day')
    >>> quantity(2014.0, "year")
    '2014'
    """
    text = number(value, digits)
    if unit in _SYMBOLS:
        return (text.replace(",", "") if unit == "year" else text) + _SYMBOLS[unit]
    return f"{text} {_SINGULAR.get(unit, unit) if text == '1' else unit}"


def stated(value: float, unit: str = "") -> str:
    """Write a number that a source states, with the digits it needs, up to three, and no more.

    >>> stated(0.0054), stated(0.117), stated(2.7e-5), stated(5.5, "days"), stated(1.0, "epochs")
    ('0.0054', '0.117', '2.7×10⁻⁵', '5.5 days', '1 epoch')
    """
    needed = (digits for digits in (1, 2) if float(f"{value:.{digits - 1}e}") == value)
    return quantity(value, unit, next(needed, SIGNIFICANT_DIGITS))


def finite(value: float | None) -> float | None:
    """A number that can be written; None for an open end, and for what is no number.

    >>> finite(1e308), finite(10**309), finite(math.inf), finite(math.nan)
    (1e+308, None, None, None)
    """
    return value if value is not None and abs(value) <= sys.float_info.max else None


def interval(low: float | None, high: float | None, digits: int = SIGNIFICANT_DIGITS) -> str:
    """Write an interval; an end that is open, or beyond any number, says so.

    >>> interval(2.61, 5.09), interval(2.61, None), interval(2.61, 10**309)
    ('2.61 to 5.09', '2.61 or more', '2.61 or more')
    """
    low, high = finite(low), finite(high)
    if low is not None and high is None:
        return f"{number(low, digits)} or more"
    if low is None and high is not None:
        return f"{number(high, digits)} or less"
    return f"{number(low, digits)} to {number(high, digits)}"


def range_words(low: float | None, high: float | None, digits: int = SIGNIFICANT_DIGITS) -> str:
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
    sign = _MINUS if value < 0 else ""
    return f"{sign}{float(f'{abs(value) * 100:.{digits}g}'):,g} %"


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
    return f" {word} ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def words(name: str) -> str:
    """Turn a name into words, ``gpu_utilization`` into ``gpu utilization``."""
    return name.replace("_", " ")


def plain(text: str) -> str:
    """Text that Markdown, MyST and HTML show as it is; an underscore within a word is no mark.

    >>> plain("a*b <i>"), plain("alphago_zero"), plain("__a_")
    ('a&#42;b &#60;i&#62;', 'alphago_zero', '&#95;&#95;a&#95;')
    """
    marks = r"[^\w .,;()/+-]|(?<![^\W_])_|_(?![^\W_])"
    return re.sub(marks, lambda match: f"&#{ord(match.group())};", text)
