import time
from collections.abc import Callable

import pytest


def wait_until[T](condition: Callable[[], T], seconds: float = 60) -> T:
    """Ask until the answer is truthy and return it; never a sleep of a guessed length."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"still waiting after {seconds} seconds")
        time.sleep(0.02)
    return answer
