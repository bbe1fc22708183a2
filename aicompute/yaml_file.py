"""Reads a YAML file that a person writes by hand: scenarios and sweeps."""

from __future__ import annotations

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

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            alias = self.peek_event()
            raise yaml.composer.ComposerError(
                problem=f"*{alias.anchor} stands for what is written elsewhere; write it out",
                problem_mark=alias.start_mark,
            )
        node: yaml.Node | None = super().compose_node(parent, index)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"{key.value} stands twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return found

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """Refuse what YAML 1.1 reads as octal, hexadecimal or sexagesimal: 010 would be 8."""
        if not _DECIMAL.fullmatch(node.value):
            raise yaml.constructor.ConstructorError(
                problem=f"{node.value} is no decimal number", problem_mark=node.start_mark)
        return int(node.value.replace("_", ""))


_Plain.add_constructor("tag:yaml.org,2002:int", _Plain.construct_yaml_int)


def load_yaml(path: Path, what: str) -> Any:
    """Read a YAML file.

    Parameters
    ----------
    what
        What messages call it, such as ``sweep``.

    Raises
    ------
    CallError
        If it cannot be read or is no YAML: where and why, in one line.
    """
    try:
        with path.open(encoding="utf-8") as file:
            return yaml.load(file, _Plain)  # a SafeLoader
    except OSError as error:
        raise CallError(f"{what} {path}: cannot be read: {error.strerror}") from None
    except yaml.MarkedYAMLError as error:
        place = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise CallError(f"{what} {path}{place}: no valid YAML: {error.problem}") from None
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise CallError(f"{what} {path}: no valid YAML: {reason}") from None
