"""The scatter draws the last of what it is told, also if it is told much at once.

As released (jupyter-scatter 1.0.1), it ignores dots that come while it still draws the ones before. On a busy
page two cells in a row are enough, ``set_eps`` and ``colour_by``: the first cell's dots then stay, in the
second one's colours.
"""

from __future__ import annotations

import warnings

from jscatter.widget import JupyterScatter

IGNORES = """    if (isDrawing) {
      return Promise.reject(new Error(ERROR_IS_DRAWING));
    }
"""
"""The place in the scatter's script, at the beginning of ``publicDraw = (newPoints, options) =>``."""

WAITS = """    const turn = publicDraw.turn = (publicDraw.turn ?? 0) + 1;
    if (isDrawing) {
      return new Promise((resolve) => {
        const again = () => {
          if (isDestroyed || turn !== publicDraw.turn) resolve();
          else if (isDrawing) requestAnimationFrame(again);
          else resolve(publicDraw(newPoints, { ...options, spatialIndex: void 0 }));
        };
        again();
      });
    }
"""
"""Wait until the last ones are drawn, and give way to newer ones. The index of places is made anew: what was
skipped may have moved the dots."""


def mend_scatter() -> None:
    """Let scatters that are made from now on draw what comes while they draw; a second call does nothing."""
    script = str(JupyterScatter._esm)
    if WAITS in script:
        return
    if script.count(IGNORES) != 1:
        warnings.warn(
            "This release of jupyter-scatter is not known: maps may miss a change of colours that follows "
            "another at once. Choose the colours again, or install jupyter-scatter 1.0.1.",
            stacklevel=2,
        )
        return
    JupyterScatter._esm = script.replace(IGNORES, WAITS)
