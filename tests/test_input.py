"""Whatever is sent is answered with a page of ours and a 4xx at the worst, never with a 500."""

import random
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from program.models import DailyEntry, Enrollment, Goal, Reflection, StepProgress
from tests.factories import make_entry
from tests.posting import HTMX, TODAY, Response, entry_url, is_our_page, is_toast

FORM = "application/x-www-form-urlencoded"
MEGABYTE = 1024 * 1024

VALUES = [
    *("", " ", "0", "-1", "1.5", "1e9", "9" * 5000, str(2**31), str(2**63), "NaN", "inf", "١٢"),
    *(
        "\0",
        "a\0b",
        "\ufeff",
        "\ud7ff\ue000",
        "\U0010ffff",
        "\u202e",
        "é" * 600,
        "x" * 20_000,
        "\r\n\r\n",
    ),
    *("'; DROP TABLE program_dailyentry;--", "%s%s%(x)s", "{{ 7|add:7 }}{% debug %}", "${7*7}"),
    *('"><script>alert(1)</script>', "2027-02-30", "0000-00-00", "99999-01-01", "2027-03-16T12:00"),
    *("None", "null", "[]", "{}", "true", "../../etc/passwd", "Europe/Stockholm\0"),
]
FIELDS = {
    "/enrollments/new/": [
        *("statement", "why", "measure", "start", "starts_on", "time_zone", "day_end_hour"),
    ],
    "/days/2027-03-16/reflection/": [
        *("enrollment", "text", "version", "keep", "other_version", "other_text"),
    ],
    "/enrollments/start/": ["enrollment"],
    "/steps/4/state/": ["enrollment", "state", "done"],
    "/steps/4/note/": ["enrollment", "text", "version", "keep", "other_version", "other_text"],
    "/steps/4/evidence/": ["enrollment", "entry", "attached", "picking"],
    "/accounts/login/": ["login", "password", "next", "remember"],
    "/accounts/signup/": ["email", "password1", "display_name", "next"],
    "/accounts/password/reset/": ["email"],
    "/accounts/login/code/": ["email"],
}
ENTRY_FIELDS = ["enrollment", "practice", "done", "line", "outcome", "place", "more"]


@pytest.fixture
def entry(enrollment: Enrollment) -> DailyEntry:
    return make_entry(enrollment=enrollment, practice="request", line="Ruth")


def assert_refused(response: Response, status: int) -> None:
    assert response.status_code == status
    assert is_our_page(response)


# --- Bodies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [MEGABYTE + 1, 10 * MEGABYTE])
@pytest.mark.parametrize("path", ["/enrollments/new/", "/accounts/login/", "/"])
def test_body_too_large_is_refused_before_it_is_read(
    alice_client: Client, path: str, size: int
) -> None:
    plain = alice_client.post(path, b"line=" + b"x" * size, content_type=FORM)
    swapped = alice_client.post(path, b"line=" + b"x" * size, content_type=FORM, headers=HTMX)

    assert_refused(plain, 413)
    assert swapped.status_code == 413
    assert is_toast(swapped)


def test_body_too_large_for_an_entry_changes_nothing(
    alice_client: Client, entry: DailyEntry
) -> None:
    body = f"enrollment={entry.enrollment.public_id}&practice=request&line=".encode()

    response = alice_client.post(
        entry_url(TODAY, entry.client_id), body + b"x" * 10 * MEGABYTE, content_type=FORM
    )

    entry.refresh_from_db()
    assert_refused(response, 413)
    assert entry.line == "Ruth"


def test_too_many_fields_are_a_bad_request(alice_client: Client, entry: DailyEntry) -> None:
    response = alice_client.post(
        entry_url(TODAY, entry.client_id), {f"field{n}": "x" for n in range(10_000)}
    )

    assert_refused(response, 400)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=x",
        f"multipart/form-data; boundary={'x' * 300}",
        "multipart/form-data; boundary=é",
        "multipart/form-data; boundary=x; charset=hex",
        "multipart/form-data; boundary=x; charset=utf-7",
        "multipart/form-data; boundary=x; charset=unicode_escape",
        "multipart/form-data; boundary=x; charset=idna",
        f"{FORM}; charset=utf-16",
        f"{FORM}; charset=hex",
        f"{FORM}; charset=nothing",
        "application/json",
        "text/plain",
        "x",
        ";",
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\0\0",
        b"--x\r\n",
        b'--x\r\nContent-Disposition: form-data; name="line"\r\n\r\n\\ud800+2AA-\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="\\ud800"\r\n\r\n1\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="line"; filename="a"\r\n\r\nb\r\n--x--\r\n',
        b"line=%ED%A0%80&practice=%00&%ED%A0%80=1&enrollment=%ff",
        b'{"line": "\\ud800"}',
    ],
)
@pytest.mark.parametrize("path", ["entry", "/accounts/login/"])
def test_body_of_any_kind_is_never_an_error_of_ours(
    entry: DailyEntry, noon: object, alice: User, path: str, body: bytes, content_type: str
) -> None:
    client = Client(raise_request_exception=False)
    if path != "/accounts/login/":
        client.force_login(alice)
    address = entry_url(TODAY, entry.client_id) if path == "entry" else path

    response = client.generic("POST", address, body, content_type=content_type)

    entry.refresh_from_db()
    assert response.status_code < 500
    assert is_our_page(response) or response.status_code in {302, 204}
    assert entry.line == "Ruth"


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "raw_unicode_escape", "utf-16-le"])
def test_lone_surrogate_in_an_odd_charset_is_never_stored(
    entry: DailyEntry, alice: User, noon: object, charset: str
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    fields = {"enrollment": str(entry.enrollment.public_id), "practice": "request"}
    parts = [(name, value.encode()) for name, value in fields.items()]
    parts.append(("line", {"utf-7": b"+2AA-"}.get(charset, b"\\ud800")))
    body = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, value in parts
    )

    response = client.generic(
        "POST",
        entry_url(TODAY, entry.client_id),
        body + b"--x--\r\n",
        content_type=f"multipart/form-data; boundary=x; charset={charset}",
    )

    entry.refresh_from_db()
    assert 400 <= response.status_code < 500
    assert is_our_page(response)
    assert entry.line == "Ruth"


# --- Addresses and headers ------------------------------------------------------------------------


def _addresses() -> Iterator[str]:
    for odd in ["\0", "%00", "%ED%A0%80", "%ff", "..%2f..%2fetc/passwd", "x" * 5000, "é", "%25"]:
        yield f"/{odd}/"
        yield f"/days/{odd}/"
        yield f"/days/2027-03-16/entries/{odd}/"
        yield f"/mailbox/{odd}/"
    for uuid in ["0", "c610d176-8822-5393-96d6", "C610D176-8822-5393-96D6-B8F7F221119F", "g" * 36]:
        yield f"/days/2027-03-16/entries/{uuid}/"
    yield from ("//", "//evil.example/", "/today", "/today/%0d%0aSet-Cookie:x=1/", "/days//")


@pytest.mark.parametrize("address", list(_addresses()))
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_address_that_is_none_is_a_page_of_ours(
    alice_client: Client, enrollment: Enrollment, method: str, address: str
) -> None:
    alice_client.raise_request_exception = False

    response = alice_client.generic(method, quote(address, safe="/%"))

    assert 300 <= response.status_code < 500
    assert is_our_page(response) or response.status_code in {301, 302}
    assert not DailyEntry.objects.exists()


@pytest.mark.parametrize(
    "enrollment_id", ["", "0", "None", "g" * 36, "\0", "9" * 5000, "{}", "1" * 31]
)
def test_entry_with_an_id_of_two_weeks_that_is_none_is_not_found(
    alice_client: Client, entry: DailyEntry, enrollment_id: str
) -> None:
    fields = {"enrollment": enrollment_id, "practice": "request", "done": "0"}

    plain = alice_client.post(entry_url(TODAY, entry.client_id), fields)
    swapped = alice_client.post(entry_url(TODAY, entry.client_id), fields, headers=HTMX)

    entry.refresh_from_db()
    assert_refused(plain, 404)
    assert swapped.status_code == 404
    assert is_toast(swapped)
    assert entry.is_placed


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Accept-Language", "x" * 5000),
        ("Accept-Language", "\ud7ff,*;q=é"),
        ("Cookie", "session=\0; csrf="),
        ("Cookie", f"session={'x' * 4000}"),
        ("HX-Current-URL", "http://[::1"),
        ("HX-Target", "%ED%A0%80"),
        ("HX-Request", "TRUE"),
        ("Referer", "http://testserver/days/0000-00-00/"),
        ("Content-Length", "9" * 4400),
        ("Content-Length", "-1"),
        ("Content-Length", "x"),
        ("X-Forwarded-For", "é"),
    ],
)
def test_header_of_any_kind_is_never_an_error_of_ours(
    alice: User, enrollment: Enrollment, header: str, value: str
) -> None:
    client = Client(raise_request_exception=False)
    if header != "Cookie":
        client.force_login(alice)

    statuses = [
        client.get("/today/", headers={header: value}).status_code,
        client.post("/accounts/login/", {}, headers={header: value}).status_code,
        client.post("/enrollments/start/", {}, headers={header: value}).status_code,
    ]

    assert max(statuses) < 500


# --- Fields ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*FIELDS, "entry", "remove", "restore"])
def test_fields_of_any_kind_are_never_an_error_of_ours(
    entry: DailyEntry, alice: User, noon: object, path: str
) -> None:
    client = Client(raise_request_exception=False)
    if path not in FIELDS or not path.startswith("/accounts/"):
        client.force_login(alice)
    verb = "" if path == "entry" else f"{path}/"
    address = path if path in FIELDS else entry_url(TODAY, entry.client_id, verb)
    fields = FIELDS.get(path, ENTRY_FIELDS)
    good = {"enrollment": str(entry.enrollment.public_id), "practice": "request", "version": "0"}
    chance = random.Random(path)

    for round_ in range(60):
        if path == "/enrollments/new/":
            Enrollment.objects.all().delete()
        odd: dict[str, str | list[str]] = {
            name: [chance.choice(VALUES) for _copy in range(chance.choice([1, 1, 1, 2]))]
            for name in fields
            if chance.random() < 0.7
        }
        data = {**odd, **good} if round_ % 2 else odd
        headers = HTMX if round_ % 3 == 0 else None
        response = client.post(address, data, headers=headers)

        assert response.status_code < 500, data
        assert response.status_code in {200, 204, 302, 404, 409, 422, 429}, data
        assert (
            is_toast(response) or is_our_page(response) or response.status_code in {200, 204, 302}
        )

    for rows in (DailyEntry, Goal, Reflection, StepProgress):
        assert "\0" not in str(list(rows._default_manager.values()))


def test_limit_of_a_body_is_one_megabyte() -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == MEGABYTE
