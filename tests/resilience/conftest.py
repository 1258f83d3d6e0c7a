from collections.abc import Iterator

import pytest

from tests.resilience.site import Site, running_site


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """Whoever breaks it leaves it whole."""
    with running_site() as site:
        yield site
