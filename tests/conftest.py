"""Settings of all tests: examples are the same in every run, and none fails because a machine is busy."""

from hypothesis import settings

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")
