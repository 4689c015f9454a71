"""What a town is: its people, its cameras, and the knobs that make it easy or hard."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reidkit.data.towns.cameras import Camera
from reidkit.data.towns.people import Wardrobe
from reidkit.errors import ReidkitError


@dataclass(frozen=True)
class Town:
    """A town: its people, its cameras, and the knobs that make it easy or hard.

    Attributes:
        name: what the town is called.
        wardrobe: what its people wear.
        cameras: its cameras, numbered from 1 in file names.
        train_people, test_people: how many identities each half has; nobody is in both.
        seen_by: fewest and most cameras that see one person.
        train_crops, test_crops: fewest and most crops of a person in one camera.
        distractors, junk: gallery crops of nobody we look for, and badly cut ones, per test person.
        lookalikes: share of the people who have look-alikes, in families of `family`.
        camera_gap: how much the cameras differ in light and lens; 0 makes all of them neutral.
        back_share, side_share: share of walks seen from behind and from the side.
        occlusion: share of walks on which something stands before the person.
        jitter: factor on how badly the person is centred and sized in the box.
        blur, noise: factors on every camera's blur and noise.
        light: how much the light changes from walk to walk (standard deviation of the gain).
    """

    name: str
    wardrobe: Wardrobe
    cameras: tuple[Camera, ...]
    train_people: int = 150
    test_people: int = 100
    seen_by: tuple[int, int] = (3, 6)
    train_crops: tuple[int, int] = (2, 4)
    test_crops: tuple[int, int] = (2, 4)
    distractors: float = 1.0
    junk: float = 0.4
    lookalikes: float = 0.2
    family: int = 2
    camera_gap: float = 1.0
    back_share: float = 0.30
    side_share: float = 0.34
    occlusion: float = 0.12
    jitter: float = 1.0
    blur: float = 1.0
    noise: float = 1.0
    light: float = 0.06

    def camera(self, camid: int) -> Camera:
        """Camera `camid` (from 1) as it really is: after the knobs camera_gap, blur and noise."""
        camera = self.cameras[camid - 1].scaled(self.camera_gap)
        return replace(camera, blur=camera.blur * self.blur, noise=camera.noise * self.noise)


def check_town(town: Town) -> None:
    """Raise ReidkitError when a town's settings cannot give every query a match elsewhere."""
    few, many = town.seen_by
    if not 2 <= few <= many <= len(town.cameras):
        raise ReidkitError(f"{town.name}: seen_by={town.seen_by} must lie between 2 cameras and the "
                           f"{len(town.cameras)} there are")  # fmt: skip
    if min(town.test_crops) < 2 or min(town.train_crops) < 1:
        raise ReidkitError(f"{town.name}: a test person needs at least 2 crops in a camera (a query "
                           "and a gallery crop), a train person at least 1")  # fmt: skip
    if not 0 <= town.back_share + town.side_share <= 1 or not 0 <= town.occlusion <= 1:
        raise ReidkitError(f"{town.name}: the shares of views and of occlusion must lie in [0, 1]")
