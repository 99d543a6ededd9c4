"""The elements that pages are built of: every text escaped, nothing that loads or runs foreign."""

import base64
import hashlib
import re
from html import escape

from fpcli.text import printable

_OPTION = re.compile(r"(--[a-z]+)")
VOID = frozenset({"meta", "img", "br"})  # elements of HTML that never hold anything

Attribute = str | float | bool | None


class Markup(str):
    """Text that is HTML already: made by `element`, never from what others wrote."""

    __slots__ = ()


def text(words: object) -> Markup:
    """Return text as HTML that shows it: markup, control and direction characters as themselves."""
    return Markup(escape(printable(words), quote=True))


def element(name: str, *children: str, **attributes: Attribute) -> Markup:
    """Return an element; children that are no Markup are escaped.

    attributes: `class_` for class, underscores for hyphens; None and False leave one out, True is
    a bare attribute, numbers are written with at most six digits.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    inside = "".join(c if isinstance(c, Markup) else text(c) for c in children)
    return Markup(f"<{name}{written}>" + ("" if name in VOID else f"{inside}</{name}>"))


def joined(*parts: str) -> Markup:
    """Return parts one after another."""
    return Markup("".join(part if isinstance(part, Markup) else text(part) for part in parts))


def options_whole(words: str) -> Markup:
    """Return text in which no option of the command line (--start) is broken over two lines."""
    parts = _OPTION.split(words)
    return joined(*(element("code", p) if p.startswith("--") else p for p in parts))


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    shown = text(value) if isinstance(value, str) else f"{value:.6g}"
    return f' {name}="{shown}"'


def jpeg_uri(jpeg: bytes) -> str:
    """Return a picture as a data URI."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")


def document(*, title: str, style: str, script: str, body: Markup) -> str:
    """Return a whole page that may show and run what is in it and nothing else.

    style, script: our own, allowed by their hashes; no attribute may hold style or script.
    """
    policy = "; ".join(
        [
            "default-src 'none'",
            "img-src data:",
            f"style-src {_hash(style)}",
            f"script-src {_hash(script)}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        element("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name_="referrer", content="no-referrer"),
        element("title", title),
        Markup(f"<style>{style}</style>"),
    )
    page = element(
        "html", head, element("body", body, Markup(f"<script>{script}</script>")), lang="en"
    )
    return f"<!DOCTYPE html>\n{page}\n"


def _hash(source: str) -> str:
    digest = hashlib.sha256(source.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
