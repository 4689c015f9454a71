"""The picture of a move: the nearest crops of both epochs, with what each is to the crop."""

from __future__ import annotations

import numpy as np

from plots.looking import cells, frame_colour, plain, rgb
from reidkit.labels.moves import why
from reidkit.plots import plot_move
from reidkit.plots.moves import _FRAMES
from reidkit.plots.style import INK

ANGLES = np.deg2rad([[0, 10, 20, 90, 100], [85, 10, 20, 90, 100]])
BEFORE, AFTER = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=2).astype(np.float32)


def test_neighbours_of_both_epochs_with_frame_word_and_label() -> None:
    move = why(BEFORE, AFTER, [0, 0, 0, 1, -1], [1, 0, 0, 1, -1], 0, k=3)
    figure = plot_move(plain(5), move, epochs=(2, 3))
    assert cells(figure, 2, 4, label=92).tolist() == [[10, 20, 30, 40], [10, 40, 50, 30]]
    assert frame_colour(figure, 0, 0, label=92) == rgb(INK)
    roles = [["left", "left", "joined"], ["joined", "", "left"]]
    for row, said in enumerate(roles):
        for place, role in enumerate(said, 1):
            assert frame_colour(figure, row, place, label=92) == rgb(_FRAMES[role])
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert [text for text in texts if text in _FRAMES] == ["left", "left", "joined", "joined", "left"]
    assert {"epoch 2\nin cluster 0", "epoch 3\nin cluster 1", "0.09\nc 1"} <= set(texts)
    assert any(text.endswith("\noutlier") for text in texts)
    assert figure.axes[0].get_title(loc="left") == "Crop 0 changed its cluster, alone"


def test_an_outlier_is_called_one() -> None:
    move = why(BEFORE, BEFORE, [-1, 0, 0, 1, 1], [0, 0, 0, 1, 1], 0, k=10)
    figure = plot_move(plain(5), move)
    assert {"then\nan outlier", "now\nin cluster 0"} <= {text.get_text() for text in figure.axes[0].texts}
    assert figure.axes[0].get_title(loc="left") == "Crop 0 was an outlier and came home"
