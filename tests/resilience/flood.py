"""Somebody who guesses passwords, as fast as the site answers, from a process of their own.

`python -m tests.resilience.flood PORT CLIENTS` says "ready" after the first answer, goes on until
its input ends, and prints how many of each status there were.
"""

import json
import sys
import threading
import time
from collections import Counter
from http.client import HTTPException

from tests.resilience.site import ask

# What a network takes to carry an answer there and the next try back.
ROUND_TRIP = 0.05


def main(port: int, clients: int) -> None:
    answers: Counter[int] = Counter()
    has_to_stop, lock = threading.Event(), threading.Lock()

    def guess(client: int) -> None:
        fields = {"login": f"flood{client}@example.org", "password": "not it at all"}
        while not has_to_stop.wait(ROUND_TRIP):
            try:
                status = ask(port, "POST", "/accounts/login/", fields).status
            except (OSError, HTTPException):
                status = 0
            with lock:
                answers[status] += 1

    threads = [threading.Thread(target=guess, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    while not answers:
        time.sleep(0.01)
    print("ready", flush=True)
    sys.stdin.read()
    has_to_stop.set()
    for thread in threads:
        thread.join()
    print(json.dumps(answers), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
