"""The widgets' front ends: plain JavaScript and CSS beside the Python, no build step and no network."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def front_end(*names: str) -> str:
    """The text of some .js or .css files, one after the other.

    A notebook loads a widget's module from a text, not from a folder, so one file cannot import
    another; what several widgets share is put in front of them instead.
    """
    return "\n".join((_HERE / name).read_text("utf-8") for name in names)


def as_bytes(value: bytes | memoryview, _widget: object = None) -> bytes:
    """Bytes as a trait wants them: what comes from the browser is a memoryview."""
    return bytes(value)
