"""Somebody with a browser without JavaScript, behind a proxy: follows links and fills in forms."""

import http.client
import re
import socket
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from tests.sink import Sink
from tests.waiting import wait_until

PASSWORD = "stones on a quiet ridge"


class Form(HTMLParser):
    """The forms of a page, each as its address and what it would send if nobody touched it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((of.get("action", ""), {}))
        elif not self.forms:
            return
        elif tag == "select":
            self.select = of.get("name", "")
        elif tag == "option" and "selected" in of:
            self.forms[-1][1][self.select] = of.get("value", "")
        elif tag in {"input", "textarea"} and of.get("name"):
            is_choice = of.get("type") in {"radio", "checkbox"}
            if not is_choice or "checked" in of:
                self.forms[-1][1][of["name"]] = of.get("value", "on" if is_choice else "")
            else:
                self.forms[-1][1].setdefault(of["name"], "")


@dataclass
class Visitor:
    site_url: str
    port: int = 8000
    address: str = "203.0.113.7"
    cookies: dict[str, str] = field(default_factory=dict)
    path: str = "/"
    page: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    # Otherwise it stands in the place of the proxy itself, and says what that would.
    is_behind_proxy: bool = False
    # Headers beside those that every browser sends.
    sends: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> int:
        return self._ask("GET", path)

    def fill_in(self, having: str, **values: str) -> int:
        """Send the first form that has a field of this name, with these of its values changed."""
        for action, fields in Form(self.page).forms:
            if having in fields:
                sent = {name: value for name, value in (fields | values).items() if value}
                return self._ask("POST", action or self.path, sent)
        raise AssertionError(f"{self.path} has no form with {having}: {self.page[:2000]}")

    def _ask(self, method: str, path: str, values: dict[str, str] | None = None) -> int:
        site = urlsplit(self.site_url)
        headers = {
            "Host": site.netloc,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **self.sends,
        }
        if not self.is_behind_proxy:
            headers |= {"X-Forwarded-For": self.address, "X-Forwarded-Proto": site.scheme}
        if values is not None:
            headers |= {
                "Origin": self.site_url,
                "Content-Type": "application/x-www-form-urlencoded",
            }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        if self.is_behind_proxy:
            trusting = ssl._create_unverified_context()  # noqa: S323 - a certificate of its own
            there = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            connection.sock = trusting.wrap_socket(there, server_hostname=site.hostname)
        connection.request(method, path, urlencode(values) if values is not None else None, headers)
        answer = connection.getresponse()
        self.page = answer.read().decode()
        connection.close()
        self.path = path
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                for key, morsel in SimpleCookie(value).items():
                    self.cookies[key] = morsel.value
        if answer.status in {301, 302, 303}:
            to = urlsplit(self.headers["location"])
            assert to.netloc in {"", site.netloc}, self.headers["location"]
            return self._ask("GET", to.path)
        return answer.status


def code_in(sink: Sink, address: str) -> str:
    """The last code that was mailed to this address, once it has arrived."""
    wait_until(lambda: bool(sink.to(address)), 90)
    return _code(sink.to(address)[-1])


def _code(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"\b\d{6}\b", body.get_content())
    assert found is not None, body.get_content()
    return found[0]


def log_in(visitor: Visitor, address: str) -> None:
    assert visitor.get("/accounts/login/") == 200
    assert visitor.fill_in("password", login=address, password=PASSWORD) == 200
    assert "/login/" not in visitor.path, visitor.page


def sign_up_and_check_off(visitor: Visitor, sink: Sink, address: str) -> None:
    """From the front door to the first stone, as docs/hosting.md promises it to a new host."""
    assert visitor.get("/") == 200
    assert visitor.get("/accounts/signup/") == 200
    nina = {"display_name": "Nina", "email": address, "password1": PASSWORD}
    assert visitor.fill_in("password1", **nina) == 200
    assert "/signup/" not in visitor.path, visitor.page
    assert visitor.fill_in("code", code=code_in(sink, address)) == 200
    assert visitor.get("/today/") == 200
    assert visitor.fill_in("statement", statement="Open a repair corner", start="today") == 200
    assert visitor.get("/today/") == 200
    assert 'aria-pressed="true"' not in visitor.page
    assert visitor.fill_in("practice", done="1", line="My sister on the phone") == 200
    assert visitor.get("/today/") == 200
    assert visitor.page.count('aria-pressed="true"') == 1
    assert "My sister on the phone" in visitor.page
