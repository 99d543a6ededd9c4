"""Text that others wrote, made safe to show: file names, exemplar names, messages.

A name may hold escape sequences, line breaks, text direction marks or bytes that are no text. On a
screen such a name is shown, never obeyed.
"""

import unicodedata

UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # Unicode general categories


def printable(text: object) -> str:
    r"""Return the text of anything, every character that could act on a screen as an escape.

    Undecodable bytes of a file name (surrogates) become ``\xff``; a line stays one line.
    """
    return "".join(_escaped(c) if _is_unsafe(c) else c for c in str(text))


def _is_unsafe(character: str) -> bool:
    return unicodedata.category(character) in UNSAFE_CATEGORIES


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that the file system could not decode (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
