"""Synthetic dynamic problems with constraints g <= 0 that change with time."""

__all__: list[str] = []
