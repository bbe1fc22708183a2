"""Both of the article's methods on whole tables, and the three values of every system.

Method 1 counts operations: multiply-adds x FLOP each x passes x units x epochs. Method 2 multiplies
chips x time x peak x utilization. Each row of ``workloads.csv`` and ``chip_time.csv`` is worked out
with its range: every input at its low end, then every input at its high end.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from aicompute.assumptions import Assumptions
from aicompute.layers import layer_of, multiply_adds
from aicompute.measured import with_measured
from aicompute.published import published_values
from aicompute.ranges import fill_within
from aicompute.tables import layer_rows, table, worked_out_once
from aicompute.units import PFS_DAY, SECONDS_PER_DAY, TERA

#: What identifies one calculation: whose inputs (``article`` or ``recount``), and which method.
KEY = ["system_id", "method", "basis"]
VALUES = ("published", "replicated", "recounted")
#: The columns of a published value in the estimates.
_PUBLISHED = {"pfs_days": "published_pfs_days", "pfs_days_low": "published_low",
              "pfs_days_high": "published_high", "range_means": "published_means"}
#: Whose inputs a value is calculated from.
BASIS = {"replicated": "article", "recounted": "recount"}
#: The share of a peak in the article's own formulas; an assumption alters ours alone.
ARTICLE_UTILIZATION = {"gpu": 0.33, "cpu": 0.17}
#: The assumptions that each method takes.
OF_COUNTS = ("operations_per_multiply_add", "passes_per_example")
OF_CHIP_TIME = ("chip_rating", "gpu_utilization", "cpu_utilization", "tpu_utilization",
                "gpu_utilization_low", "gpu_utilization_high", "utilization_from")
#: How the columns of an input end, and the name of the product of all that end so.
_ENDS = {"_low": "low", "": "pfs_days", "_high": "high"}


def counted_multiply_adds(name: str) -> int:
    """Multiply-adds of one forward pass through a layer table, all rows added up.

    Examples
    --------
    >>> counted_multiply_adds("alexnet")
    724406816
    """
    return sum(multiply_adds(layer_of(row)) for row in layer_rows(name))


@worked_out_once(*OF_COUNTS)
def counted(assumptions: Assumptions) -> pd.DataFrame:
    """Method 1 on every row of workloads.csv.

    Parameters
    ----------
    assumptions
        Of these it takes those that ``OF_COUNTS`` names.
    system_id
        Give the rows of one system alone.

    Returns
    -------
    DataFrame
        The columns of workloads.csv with ``multiply_adds`` (as printed, counted from the layer
        table, or one a parameter), ``operations_per_multiply_add``, ``passes``, ``epochs`` filled
        in and the ends of every range; ``method`` (1); ``pfs_days`` with ``low`` and ``high``.
    """
    rows = _with_bases("workloads")
    sums = {name: float(counted_multiply_adds(name))
            for name in rows["architecture"].dropna().unique()}
    rows["multiply_adds"] = rows["multiply_adds"].fillna(
        rows["architecture"].map(sums)).fillna(rows["parameters"])
    rows["epochs"] = rows["epochs"].fillna(1.0)
    _fill_ends(rows, "multiply_adds", "units", "epochs")
    rows["operations_per_multiply_add"] = assumptions.operations_per_multiply_add
    rows["passes_assumed"] = rows["passes"].isna()
    rows["passes"] = rows["passes"].fillna(assumptions.passes_per_example)
    for end, name in _ENDS.items():
        rows[name] = (
            rows[f"multiply_adds{end}"] * rows["operations_per_multiply_add"] * rows["passes"]
            * rows[f"units{end}"] * rows[f"epochs{end}"] / PFS_DAY
        )
    return rows.assign(method=1)


@worked_out_once(*OF_CHIP_TIME)
def chip_time(assumptions: Assumptions) -> pd.DataFrame:
    """Method 2 on every row of chip_time.csv.

    Parameters
    ----------
    assumptions
        Of these it takes those that ``OF_CHIP_TIME`` names; the article's rows have a utilization
        of its own.
    system_id
        Give the rows of one system alone.

    Returns
    -------
    DataFrame
        The columns of chip_time.csv with ``utilization`` and ``factor`` filled in
        (``utilization_assumed`` and ``utilization_measured`` say where) and the ends of every
        range; ``chip`` (its name), ``kind``, ``tflop_per_second`` of one chip with its ends;
        ``method`` (2); ``pfs_days`` with ``low`` and ``high``, which take an assumed utilization
        over its plausible range.
    """
    rows = _with_bases("chip_time").merge(chip_ratings(assumptions), on="chip_id", how="left")
    rows["article"] = rows["printed_tflop_per_second"].fillna(rows["article"])
    rows["tflop_per_second"] = _rating(rows, assumptions.chip_rating)
    rows["tflop_per_second_low"] = rows[["article", "base", "boost"]].min(axis="columns")
    rows["tflop_per_second_high"] = rows[["article", "base", "boost"]].max(axis="columns")
    rows = with_measured(rows, assumptions)
    rows["utilization_assumed"] = rows["utilization"].isna()
    article = rows["kind"].map(ARTICLE_UTILIZATION).where(rows["basis"] == "article")
    ours = {kind: getattr(assumptions, f"{kind}_utilization") for kind in ("gpu", "cpu", "tpu")}
    rows["utilization"] = rows["utilization"].fillna(article).fillna(rows["kind"].map(ours))
    # An assumed one may be as far off as that of a GPU, in proportion.
    gpu = np.where(article.notna(), ARTICLE_UTILIZATION["gpu"], assumptions.gpu_utilization)
    for end, nearest in (("low", np.minimum), ("high", np.maximum)):
        reach = nearest(getattr(assumptions, f"gpu_utilization_{end}") / gpu, 1.0)
        rows[f"utilization_{end}"] = rows[f"utilization_{end}"].mask(
            rows["utilization_assumed"], rows["utilization"] * reach)
    rows["factor"] = rows["factor"].fillna(1.0)
    rows["hypothetical"] = rows["hypothetical"].fillna(value=False).astype(bool)
    _fill_ends(rows, "chips", "days", "chip_hours", "utilization", "factor")
    rows["utilization_high"] = rows["utilization_high"].clip(upper=1.0)
    for end, name in _ENDS.items():
        chip_days = (rows[f"chip_hours{end}"] / 24).fillna(rows[f"chips{end}"] * rows[f"days{end}"])
        rows[name] = (
            chip_days * SECONDS_PER_DAY
            * (rows[f"tflop_per_second{end}"] * TERA) * rows[f"utilization{end}"]
            * rows[f"factor{end}"] / PFS_DAY
        )
    return rows.assign(method=2)


def chip_ratings(assumptions: Assumptions) -> pd.DataFrame:
    """The peak of every chip, TFLOP/s: by the article, at base and at boost clock, and as assumed.

    Columns ``chip_id``, ``chip`` (its name), ``kind``, ``article``, ``base``, ``boost`` (missing
    where not known), ``assumed``: the one that ``chip_rating`` asks for, or else what is known.
    """
    chips = table("chips").rename(columns={
        "name": "chip", "article_tflop_per_second": "article",
        "base_tflop_per_second": "base", "boost_tflop_per_second": "boost",
    })[["chip_id", "chip", "kind", "article", "base", "boost"]]
    return chips.assign(assumed=_rating(chips, assumptions.chip_rating))


def main_runs(assumptions: Assumptions) -> pd.DataFrame:
    """Of every system whose machine ran the part of the training that took most.

    They are rows of :func:`chip_time`, one a system, with the article's inputs where it gives some,
    and ``run_pfs_days``, all parts on those inputs together.
    """
    rows = chip_time(assumptions).query("not hypothetical")
    article = rows["basis"] == "article"
    rows = rows[article | ~article.groupby(rows["system_id"]).transform("any")]
    parts = rows.groupby("system_id")["pfs_days"]
    return rows.assign(run_pfs_days=parts.transform("sum")).loc[parts.idxmax()]


def calculations(assumptions: Assumptions, system_id: str = "") -> pd.DataFrame:
    """Both methods, the phases of a training added up.

    Columns ``system_id``, ``method`` (1 or 2), ``basis``, ``pfs_days``, ``low``, ``high``.
    """
    rows = pd.concat([counted(assumptions, system_id), chip_time(assumptions, system_id)])
    return rows.groupby(KEY, sort=False)[["pfs_days", "low", "high"]].sum().reset_index()


@worked_out_once(*OF_COUNTS, *OF_CHIP_TIME, "values", "published_stands_in", "method",
                 "alphago_zero_estimate")
def estimates(assumptions: Assumptions) -> pd.DataFrame:
    """One row a system: what it is, its three values, and the one the assumptions choose.

    Returns
    -------
    DataFrame
        The columns of systems.csv, its ``published`` renamed to ``date``; ``published_pfs_days``,
        ``replicated_pfs_days`` and ``recounted_pfs_days`` with ``_low`` and ``_high``;
        ``published_means``, what the range of its source means;
        ``method_1_article_pfs_days`` and so on; ``pfs_days`` (the chosen value), ``value_from``
        (which of the three it is), ``low``, ``high``. Missing where there is none. By date.

    Examples
    --------
    >>> rows = estimates(Assumptions()).set_index("system_id")
    >>> rows.loc["alexnet", "published_pfs_days"]
    np.float64(0.00578754)
    """
    rows = table("systems").rename(columns={"published": "date"})
    published = published_values(assumptions)[list(_PUBLISHED)].rename(columns=_PUBLISHED)
    rows = rows.join(published, "system_id")
    found = calculations(assumptions).set_index(KEY).unstack(["method", "basis"])
    found = found.reindex(rows["system_id"]).reset_index(drop=True)
    for method in (1, 2):
        for basis in BASIS.values():
            rows[f"method_{method}_{basis}_pfs_days"] = found["pfs_days", method, basis]
    for value, basis in BASIS.items():
        chosen = _chosen_methods(rows, basis, assumptions)
        for name in ("pfs_days", "low", "high"):
            by_method = [found[name, method, basis] for method in (1, 2)]
            rows[f"{value}_{name}"] = np.select([chosen == 1, chosen == 2], by_method, np.nan)
    value = assumptions.values
    rows["pfs_days"] = rows[f"{value}_pfs_days"]
    rows["value_from"] = np.where(rows["pfs_days"].notna(), value, "")
    for end in ("low", "high"):
        rows[end] = np.nan if value == "published" else rows[f"{value}_{end}"]
    if assumptions.published_stands_in:
        missing = rows["pfs_days"].isna() & rows["published_pfs_days"].notna()
        rows.loc[missing, "pfs_days"] = rows["published_pfs_days"]
        rows.loc[missing, "value_from"] = "published"
    return rows.sort_values("date", kind="stable", ignore_index=True)


def has_page(systems: pd.DataFrame) -> pd.Series:
    """Whether each system has a page: listed by the article, later, or calculated by us."""
    methods = [name for name in systems if name.startswith("method_")]
    calculated = systems[methods].notna().any(axis="columns")
    return systems["set"].isin(["chart", "modest", "later"]) | calculated


def value_keys(systems: pd.DataFrame, assumptions: Assumptions) -> pd.MultiIndex:
    """By KEY, the calculation that each system's value is; a published value is none of them."""
    own = systems["value_from"].map(BASIS)
    chosen = np.select([own == basis for basis in BASIS.values()],
                       [_chosen_methods(systems, basis, assumptions) for basis in BASIS.values()])
    return pd.MultiIndex.from_arrays([systems["system_id"], chosen, own], names=KEY)


def _chosen_methods(systems: pd.DataFrame, basis: str, assumptions: Assumptions) -> pd.Series:
    """The method each system's value rests on: the one assumed where it can be had, 0 for none."""
    preferred = systems[f"{basis}_method"].fillna(0).astype("int64")
    if assumptions.method == "preferred":
        return preferred
    had = systems[f"{assumptions.method}_{basis}_pfs_days"].notna() & (preferred > 0)
    return preferred.mask(had, int(assumptions.method[-1]))


def _with_bases(name: str, system_id: str = "") -> pd.DataFrame:
    """A table's rows; a system that builds on another also has our rows of its base, as phases.

    ``errors_of`` is filled in, and stays that of the base: what was trained once errs once.
    """
    rows = table(name, system_id)
    rows["errors_of"] = rows["errors_of"].fillna(rows["system_id"])
    found = [rows]
    for system in table("systems", system_id).dropna(subset="builds_on").itertuples():
        if ((rows["system_id"] == system.system_id) & (rows["basis"] == "recount")).any():
            base = _with_bases(name, system.builds_on).loc[lambda r: r["basis"] == "recount"]
            phases = f"{system.builds_on}_" + base["phase"]
            found.append(base.assign(system_id=system.system_id, phase=phases))
    return pd.concat(found, ignore_index=True) if len(found) > 1 else rows


def _rating(chips: pd.DataFrame, preferred: str) -> pd.Series:
    """The rating that is preferred, or else what there is."""
    found = chips[preferred]
    for column in ("base", "boost", "article"):
        found = found.fillna(chips[column])
    return found


def _fill_ends(rows: pd.DataFrame, *names: str) -> None:
    """Let a range end where a factor says, or at the value itself where none is given."""
    fill_within(rows, *names)
    for name in names:
        for end in ("_low", "_high"):
            rows[f"{name}{end}"] = rows[f"{name}{end}"].fillna(rows[name])
