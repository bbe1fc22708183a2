"""Systems as a chart shows them: their labels, and what a reader sees who points at one."""

from __future__ import annotations

import pandas as pd

from aicompute import words
from aicompute.methods import has_page
from aicompute.references import sources

#: Names that are too long for a label in a chart, by system_id.
_SHORT = {
    "zfnet": "ZFNet", "resnet": "ResNet", "gnmt": "GNMT", "nas": "NAS", "dota_1v1": "Dota 1v1",
    "transformer": "Transformer", "vae": "VAE", "align_translate": "Align & Translate",
    "mlp_mnist": "MLP", "mcdnn_mnist": "MCDNN", "mt_nlg": "MT-NLG",
    "gemini_1_ultra": "Gemini Ultra", "llama_4_behemoth": "Llama 4 Behemoth",
}


def short_name(system_id: str, name: str) -> str:
    """The name of a system as a label in a chart carries it."""
    return _SHORT.get(system_id, name)


def points(systems: pd.DataFrame) -> pd.DataFrame:
    """A row a system as a chart shows it.

    Parameters
    ----------
    systems
        Rows of :func:`aicompute.estimates` that have ``pfs_days``.

    Returns
    -------
    DataFrame
        ``system_id``, ``name``, ``label``, ``date``, ``published_on``, ``domain``, ``pfs_days``,
        ``low``, ``high`` (the value itself where it has no range), ``shown`` (the value with its
        range in words), ``method`` (whose value it is), ``source``, ``href``.
    """
    known = systems[systems["pfs_days"].notna()].reset_index(drop=True)
    low, high = (known[end].fillna(known["pfs_days"]) for end in ("low", "high"))
    return known[["system_id", "name"]].assign(
        label=list(map(short_name, known["system_id"], known["name"])), date=known["date"],
        published_on=list(map(words.date, known["date"], known["published_known_to"])),
        domain=known["domain"], pfs_days=known["pfs_days"], low=low, high=high,
        shown=[words.ranged(*row, "pfs-days")
               for row in zip(known["pfs_days"], low, high, strict=True)],
        method=known["value_from"],
        source=known["source_key"].map({key: s.label for key, s in sources().items()}).fillna(""),
        href=[f"page:systems/{name}" if paged else "page:systems"
              for name, paged in zip(known["system_id"], has_page(known), strict=True)])
