"""Reads a YAML file that a person writes by hand: scenarios and sweeps."""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from aicompute.errors import CallError

#: Whole numbers as everybody reads them.
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9_]*)")


class _Plain(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
    """Refuses a key that stands twice, of which YAML itself would silently keep the last.

    It refuses an alias too: a few lines of aliases of aliases stand for more than memory holds.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            alias = self.peek_event()
            raise _refusal(f"*{alias.anchor} stands for what is written elsewhere; write it out",
                           alias)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise _refusal(f"{key.value} stands twice", key)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else key)
        return dict(super().construct_mapping(node, deep))

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """Refuse what YAML 1.1 reads as octal, hexadecimal or sexagesimal: 010 would be 8."""
        if not _DECIMAL.fullmatch(node.value):
            raise _refusal(f"{node.value} is no decimal number", node)
        return int(node.value.replace("_", ""))


def _refusal(problem: str, at: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=at.start_mark)


_Plain.add_constructor("tag:yaml.org,2002:int", _Plain.construct_yaml_int)


def load_yaml(path: Path, what: str) -> Any:
    """Read a YAML file, called ``what`` in messages; a CallError says in a line what is wrong."""
    try:
        with path.open(encoding="utf-8") as file:
            return yaml.load(file, _Plain)  # a SafeLoader
    except OSError as error:
        raise CallError(f"{what} {path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f":{mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or " ".join(str(error).split())
        raise CallError(f"{what} {path}{place}: no valid YAML: {reason}") from None
