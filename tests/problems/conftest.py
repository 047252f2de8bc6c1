"""Fronts computed by tests are kept in a folder of the tests, not in the user's cache."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def _cache_folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
