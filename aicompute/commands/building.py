"""What ``aicompute build`` does: one book, or that of every scenario and the main one with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from aicompute.assumptions import load_scenario, parse_assumptions, scenario_names


def build_one(options: dict[str, Any]) -> None:
    """Build one book, unless nothing has changed; say which pages were run, and print its path.

    Parameters
    ----------
    options
        Those of an order for a book, by name.
    """
    from aicompute.book.order import Order, refuse_strange_folder, unchanged

    order = Order(**options)
    refuse_strange_folder(order)
    outcome = unchanged(order)
    if outcome is None:
        if order.assumptions.changed():
            # A call at fault is refused before it leaves a folder behind.
            from aicompute.study import fitting_study

            fitting_study(order.data, order.assumptions)
        # Papermill, Sphinx and what they need take a second to import.
        from aicompute.book.build import build as build_book

        outcome = build_book(order)
    if outcome.changed:
        click.echo(f"{len(outcome.ran)} of {len(outcome.pages)} pages run", err=True)
    else:
        click.echo(f"nothing changed: {len(outcome.pages)} pages kept", err=True)
    click.echo(outcome.index)


def build_scenarios(output: Path, options: dict[str, Any]) -> None:
    """Build every scenario's book, then the main book with links to them."""
    books = {name: output / "scenarios" / name for name in scenario_names()}
    for name, book in books.items():
        assumptions = parse_assumptions(load_scenario(name)["assumptions"])
        build_one({**options, "assumptions": assumptions, "output": book})
    build_one({**options, "output": output, "scenario_books": books})
