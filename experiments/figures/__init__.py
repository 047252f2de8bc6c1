"""Figures by name: each module here is one, with `rows` (its data) and `draw` (from these data only)."""
