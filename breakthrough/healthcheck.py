"""`python -m breakthrough.healthcheck [URL]`: ends with 0 when the site answers "ok", else with 1.

For a container or a service manager, on the machine itself. It asks as a browser would: with the
host of SITE_URL, which is the one that is let in. Nothing is imported but the standard library, as
it is asked every few seconds.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit

READY = "http://127.0.0.1:8000/health/ready"


def main(url: str = READY) -> int:
    address = urlsplit(url)
    host = urlsplit(os.environ.get("SITE_URL", "")).netloc or address.netloc
    site = http.client.HTTPConnection(address.hostname or "", address.port, timeout=4)
    try:
        site.request("GET", address.path, headers={"Host": host})
        status = site.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        print(f"{url}: {type(error).__name__}", file=sys.stderr)
        return 1
    finally:
        site.close()
    print(f"{url}: {status}")
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
