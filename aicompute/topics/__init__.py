"""One module a chapter's subject: its results, figures and tables, registered when imported."""

__all__: list[str] = []
