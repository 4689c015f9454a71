"""The command line, run in this process."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from reidkit import cli


def reidkit(*arguments: str | Path) -> tuple[int, str, str]:
    """Run ``reidkit ARGUMENTS``; return its status, what it printed, and its errors."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["reidkit", *map(str, arguments)])
        try:
            cli.main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0
    return status, out.getvalue(), err.getvalue()
