"""Rows to learn from and rows to predict."""

from __future__ import annotations

import pytest
from deployment_like import Rows, table


@pytest.fixture(scope="session")
def measured() -> Rows:
    """450 rows to learn from."""
    return table(450, seed=1)


@pytest.fixture(scope="session")
def unseen() -> Rows:
    """400 other rows."""
    return table(400, seed=2)
