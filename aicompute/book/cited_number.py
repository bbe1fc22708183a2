"""Writes the number of a figure or table where a text cites it, or refuses a name that is none.

Sphinx opens the page a figure stands on for every citation of it, to see what kind of thing has the
name. Its list of numbers says as much, and ninety citations take a second less.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.addnodes import number_reference, pending_xref
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from aicompute.names import nearest

_ROLE = "numref"
_logger = logging.getLogger(__name__)


class _CiteByNumber(SphinxPostTransform):
    """Resolve what has a number; whatever else is cited is left to Sphinx."""

    default_priority = 9  # Sphinx resolves at 10

    def run(self, **kwargs: Any) -> None:
        """Replace every citation of a page that needs no more than the number."""
        del kwargs
        domain = self.env.domains["std"]
        for node in list(self.document.findall(pending_xref)):
            if node["reftype"] == _ROLE and not node["refexplicit"]:
                page, anchor = domain.anonlabels.get(node["reftarget"], ("", ""))
                shown = self._shown(page, anchor)
                if shown:
                    node.replace_self(domain.build_reference_node(
                        self.env.docname, self.app.builder, page, anchor, shown, _ROLE,
                        nodeclass=number_reference))

    def _shown(self, page: str, anchor: str) -> str:
        for kind, numbers in self.env.toc_fignumbers.get(page, {}).items():
            if anchor in numbers:
                return str(self.config.numfig_format[kind]) % ".".join(map(str, numbers[anchor]))
        return ""


def connect(app: Sphinx) -> None:
    """Have citations resolved or refused."""
    app.add_post_transform(_CiteByNumber)
    app.connect("warn-missing-reference", _refuse)


def _refuse(app: Sphinx, domain: Any, node: nodes.Element) -> bool | None:
    """Say in one line which name is none, and which may be meant."""
    if not isinstance(domain, StandardDomain) or node["reftype"] != _ROLE:
        return None
    name = node["reftarget"]
    near = nearest(name, domain.anonlabels)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    _logger.warning("reference %s: no figure or table has this name%s", name, hint, location=node)
    return True
