"""The settings that the tests run with, in a database of its own that is thrown away."""

from tests.conftest import pytest_configure

__all__ = ["pytest_configure"]
