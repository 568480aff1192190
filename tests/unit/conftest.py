"""Hypothesis for all unit tests: no per-example deadline (two busy cores), the same examples in every run.

`pytest --hypothesis-profile=search` looks further than the checks before a commit have time for.
"""

from hypothesis import settings

settings.register_profile("quick", deadline=None, derandomize=True, database=None, max_examples=100)
settings.register_profile("search", deadline=None, max_examples=5_000)
settings.load_profile("quick")
