"""How often an attack is repeated: a few times in `make test`, many times in `make resilience`."""

import os


def often[Count](few: Count, many: Count) -> Count:
    return many if os.environ.get("OFTEN") == "1" else few
