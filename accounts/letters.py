"""Composes a mail in our layout: as text, and as HTML that mail programs of every kind can show."""

from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

if TYPE_CHECKING:
    from css_inline import CSSInliner


def letter(
    to: str, name: str, context: dict[str, Any], *, unsubscribe_url: str = ""
) -> EmailMultiAlternatives:
    """From templates/mail/: `<name>_subject.txt`, `<name>.txt` and `<name>.html`.

    `unsubscribe_url` is that of mail which nobody waits for: a POST to it ends mail of this kind
    (RFC 8058), and a page behind it says so.
    """
    words = {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
        "unsubscribe_url": unsubscribe_url,
        **context,
    }
    # A mail that answers by itself is not answered by an absence note.
    headers = {"Auto-Submitted": "auto-generated"}
    if unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = EmailMultiAlternatives(
        subject=" ".join(render_to_string(f"mail/{name}_subject.txt", words).split()),
        body=render_to_string(f"mail/{name}.txt", words).strip() + "\n",
        to=[to],
        headers=headers,
    )
    attach_html(message, f"mail/{name}.html", words)
    return message


def attach_html(message: EmailMultiAlternatives, template: str, context: dict[str, Any]) -> None:
    html = render_to_string(template, {"subject": message.subject, **context})
    message.attach_alternative(_inliner().inline(html), "text/html")


@cache
def _inliner() -> "CSSInliner":
    # Only here: who composes no mail does without it.
    from css_inline import CSSInliner

    # Many mail programs read no style but an element's own; dark colors stay in the head, for those
    # that have them.
    return CSSInliner(
        extra_css=render_to_string("mail/light.css"),
        keep_style_tags=True,
        load_remote_stylesheets=False,
    )
