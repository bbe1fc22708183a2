"""Every assumption of the report: name, type, range, default, unit, meaning and source."""

import datetime
import re
from typing import Any, Literal, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

#: A run that sustains less of the peak stands still. Far below, products leave what floats hold.
LEAST_UTILIZATION = 0.001
#: What doubles every month or so grows within thirty years to what no float holds.
LEAST_DOUBLING_YEARS = 0.1
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _assumption(
    default: Any, meaning: str, unit: str = "", source: str = "assumed", allowed: str = "",
    **limits: Any,
) -> Any:
    """Declare one assumption; ``allowed`` says what is, where limits alone cannot."""
    extra: dict[str, Any] = {"unit": unit, "source": source, "allowed": allowed}
    return Field(default=default, description=meaning, json_schema_extra=extra, **limits)


class Assumptions(BaseModel):
    """Every assumption of the report, at its default unless altered."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    gpu_utilization: float = _assumption(
        0.33, "Share of a GPU's peak that training sustains, where no source says more.",
        unit="1", source="openai_2018", ge=LEAST_UTILIZATION, le=1)
    cpu_utilization: float = _assumption(
        0.17, "Share of a CPU's peak that training sustains, where no source says more.",
        unit="1", source="openai_2018", ge=LEAST_UTILIZATION, le=1)
    tpu_utilization: float = _assumption(
        0.33, "Share of a TPU's peak; the article names none, so the GPU's stands in.",
        unit="1", ge=LEAST_UTILIZATION, le=1)
    utilization_from: Literal["article", "measured"] = _assumption(
        "article", "Whose share our own chip times take where no source states one: that of the "
        "article, which the utilizations above hold, or, for GPUs rated for 32-bit numbers, what "
        "was measured of their network, or of all networks, in place of gpu_utilization.",
        source="openai_2018")
    operations_per_multiply_add: float = _assumption(
        2.0, "FLOP in one multiply-add: 2 counts the addition and the multiplication apart.",
        unit="FLOP", source="openai_2018", ge=1, le=2)
    passes_per_example: float = _assumption(
        3.0, "Forward passes that training on one example costs: one forward, and a backward pass "
        "counted as two.", unit="1", source="openai_2018", ge=1, le=4)
    chip_rating: Literal["article", "base", "boost"] = _assumption(
        "article", "Which peak rates a chip: the one the article used, or the one at base or at "
        "boost clock.", source="openai_2018")
    values: Literal["published", "replicated", "recounted"] = _assumption(
        "published", "Which value of a system the headline uses: what the article plotted, its "
        "formulas run here, or what we recounted.", source="openai_2018")
    published_stands_in: bool = _assumption(
        True, "Whether the plotted value stands in, marked, for a system that has no replicated or "
        "recounted one.")
    method: Literal["preferred", "method_1", "method_2"] = _assumption(
        "preferred", "Which method a replicated or recounted value rests on where both can be had; "
        "preferred is the one the tables name for the system.")
    alphago_zero_estimate: Literal["plotted", "henderson_2020", "epoch_2025", "epoch_2026"] = (
        _assumption(
        "plotted", "Whose published estimate stands for AlphaGo Zero (and AlphaZero, where the "
        "same source gives one).", source="skaltman_2020"))
    without_alphabet: bool = _assumption(
        False, "Leave out the systems published by Alphabet.")
    record_setters_only: bool = _assumption(
        False, "Keep only the systems that took more compute than every earlier one.")
    without: tuple[str, ...] = _assumption(
        (), "Systems to leave out, by system_id.")
    since: datetime.date = _assumption(
        datetime.date(2012, 1, 1), "First day of publication that the fit takes in.",
        unit="date", source="openai_2018")
    until: datetime.date = _assumption(
        datetime.date(2017, 12, 31), "Last day of publication that the fit takes in.",
        unit="date", source="openai_2018")
    moore_doubling_months: float = _assumption(
        18.0, "Doubling time of Moore's law; the article said 18 months in 2018 and 24 later.",
        unit="months", source="openai_2018", ge=6, le=60)
    days_per_month: float = _assumption(
        30.4375, "Length of the month in which doubling times are given; the mean month has "
        "30.4375 days.", unit="days", ge=28, le=31)
    gpu_utilization_low: float = _assumption(
        0.2, "Low end of the plausible utilization of a GPU; CPU and TPU keep the same proportion "
        "to their own value. Taken as no higher than the value itself.",
        unit="1", ge=LEAST_UTILIZATION, le=1)
    gpu_utilization_high: float = _assumption(
        0.5, "High end of the plausible utilization of a GPU, the most that the article uses; CPU "
        "and TPU keep the same proportion. Taken as no lower than the value itself.",
        unit="1", source="openai_2018", ge=LEAST_UTILIZATION, le=1)
    errors_drawn: Literal["shared", "each", "both"] = _assumption(
        "both", "Whether the random error of the utilization, and of a published value, is one for "
        "all systems (shared), each system's own (each), or half of its variance each way (both).")
    range_covers: float = _assumption(
        0.9, "Share of the probability that the range of an input, low to high, is taken to cover.",
        unit="1", ge=0.5, le=0.99)
    published_factor: float = _assumption(
        2.5, "Factor within which a published value is taken to be right, with the probability of "
        "range_covers; the article says 2 to 3.", unit="1", source="openai_2018", ge=1, le=10)
    published_factor_before_2012: float = _assumption(
        10.0, "The same for a value from before 2012, which the addendum holds good to an order of "
        "magnitude.", unit="1", source="openai_2019_addendum", ge=1, le=100)
    samples: int = _assumption(
        4000, "Random draws behind every interval that is simulated.",
        unit="draws", ge=100, le=100_000)
    seed: int = _assumption(
        2018, "Seed of the random draws: the same seed gives the same draws.", ge=0, le=2**32 - 1)
    price_chips: Literal["fastest", "fp32"] = _assumption(
        "fastest", "Which rating of a card its price is set against: that of its fastest number "
        "format, or that of 32-bit numbers.")
    price_market: Literal["data_centre", "consumer"] = _assumption(
        "data_centre", "Which cards a run buys: those sold for data centres, or those for games.")
    price_doubling_years: float = _assumption(
        0.0, "Years in which the rating that a dollar buys doubles; 0: as fitted to the cards that "
        "have a price.",
        unit="years", ge=0, le=100, allowed=f"from {LEAST_DOUBLING_YEARS:g} to 100, or 0")
    run_days: float = _assumption(
        40.0, "Days a run lasts where the cost of its chips is asked for; AlphaGo Zero took 40.",
        unit="days", source="silver_2017_zero", ge=0.01, le=1000)
    chip_years_of_use: float = _assumption(
        3.0, "Years over which the price of a chip is written off.", unit="years", ge=0.5, le=15)
    run_cost_usd: float = _assumption(
        1e12, "Price of the chips of one run whose date is asked for; the article puts the world's "
        "spending on hardware at a trillion dollars a year.",
        unit="USD", source="openai_2018", ge=1, le=1e15)
    before_2012_points: Literal["all", "digitised"] = _assumption(
        "all", "Which systems before 2012 a fit takes in: every one with a value, or only those "
        "read off the addendum's chart.")
    confidence: float = _assumption(
        0.95, "Share of the probability that every interval of a fit covers.",
        unit="1", ge=0.5, le=0.999)

    @field_validator("*", mode="before")
    @classmethod
    def _of_its_type(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse what would be taken for another: true for 1, 1 for true, seconds for a date.

        Names may be typed with commas between them.
        """
        kind = cls.model_fields[str(info.field_name)].annotation
        text = isinstance(value, str)
        if kind is datetime.date:
            fits = _DATE.fullmatch(value) if text else type(value) is datetime.date
        else:
            fits = text or isinstance(value, bool) == (kind is bool)
        if not fits:
            raise ValueError
        if text and get_origin(kind) is tuple:
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("price_doubling_years")
    @classmethod
    def _none_or_some(cls, years: float) -> float:
        """Refuse what lies between 0, which stands for the fit, and the least there can be."""
        if 0 < years < LEAST_DOUBLING_YEARS:
            raise ValueError
        return years

    @field_validator("without")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        """Two lists that leave out the same are one assumption."""
        return tuple(dict.fromkeys(names))

    def changed(self) -> dict[str, Any]:
        """Return what differs from the defaults, by name, in the model's order."""
        return self.model_dump(exclude_defaults=True)
