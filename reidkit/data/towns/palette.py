"""The colours of the towns: every garment, skin and hair colour has a name a class can say aloud."""

from __future__ import annotations

import numpy as np

RGB = tuple[int, int, int]

CLOTH: dict[str, RGB] = {
    "white": (240, 238, 232),
    "cream": (232, 216, 182),
    "grey": (150, 152, 156),
    "charcoal": (72, 76, 84),
    "black": (38, 38, 44),
    "navy": (36, 52, 98),
    "blue": (52, 104, 190),
    "sky": (132, 188, 226),
    "denim": (84, 112, 152),
    "teal": (28, 132, 136),
    "mint": (150, 214, 186),
    "green": (58, 140, 76),
    "olive": (112, 112, 58),
    "forest": (34, 76, 58),
    "yellow": (240, 200, 66),
    "mustard": (196, 150, 44),
    "orange": (232, 126, 48),
    "coral": (240, 128, 112),
    "red": (202, 48, 52),
    "burgundy": (112, 32, 52),
    "pink": (240, 164, 186),
    "magenta": (190, 58, 128),
    "lilac": (178, 156, 212),
    "purple": (98, 62, 138),
    "camel": (188, 146, 98),
    "brown": (110, 74, 50),
}

SKIN: dict[str, RGB] = {
    "porcelain": (248, 218, 198),
    "light": (236, 192, 160),
    "tan": (214, 160, 118),
    "olive": (190, 142, 100),
    "brown": (146, 98, 66),
    "dark": (94, 62, 46),
}

HAIR: dict[str, RGB] = {
    "black": (34, 30, 34),
    "brown": (84, 54, 38),
    "chestnut": (124, 70, 42),
    "ginger": (190, 98, 44),
    "blond": (220, 184, 112),
    "grey": (164, 164, 168),
}

SUMMER_COLOURS: tuple[str, ...] = (
    "white", "cream", "sky", "blue", "denim", "teal", "mint", "green", "yellow",
    "orange", "coral", "red", "pink", "magenta", "lilac", "navy", "grey",
)  # fmt: skip
WINTER_COLOURS: tuple[str, ...] = (
    "charcoal", "black", "navy", "denim", "teal", "forest", "olive", "mustard",
    "red", "burgundy", "purple", "camel", "brown", "grey", "cream", "blue",
)  # fmt: skip


def contrast(first: str, second: str) -> float:
    """How far two cloth colours lie apart, as a distance in RGB weighted like the eye (0 to 255).

    >>> contrast("black", "black")
    0.0
    >>> contrast("black", "white") > contrast("navy", "purple")
    True
    """
    gap = np.subtract(CLOTH[first], CLOTH[second], dtype=np.float64)
    return float(np.sqrt(np.square(gap) @ np.array([0.30, 0.59, 0.11])))


def tint(colour: RGB, amount: float) -> RGB:
    """Lighten (amount > 0, towards white) or darken (amount < 0, towards black) a colour.

    >>> tint((100, 100, 100), -0.5)
    (50, 50, 50)
    """
    goal = 255 if amount > 0 else 0
    red, green, blue = (round(c + (goal - c) * abs(amount)) for c in colour)
    return red, green, blue
