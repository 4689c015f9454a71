"""What a report says about one run: a heading, a paragraph for a newcomer, and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from matplotlib.figure import Figure

from reidkit.errors import ReidkitError
from reidkit.report.pictures import COLUMNS, Pictures

TRUTH = "Drawn with true identities, which training never saw."


@dataclass(frozen=True)
class Shown:
    """One figure of the page.

    Attributes:
        alt: what the picture shows, for those who cannot see it.
        caption: how to read it.
        figure: the picture, or None where it could not be drawn.
        reason: why not, in words.
        photo: it is made of crops (stored as JPEG, not PNG).
    """

    alt: str
    caption: str
    figure: Figure | None
    reason: str = ""
    photo: bool = False


@dataclass
class Section:
    """A heading, a paragraph, and figures."""

    title: str
    text: str
    figures: list[Shown] = field(default_factory=list)

    def show(self, draw: Callable[[], Figure], alt: str, caption: str, *, photo: bool = False) -> None:
        """Draw a figure; where the record cannot give it, keep the reason for the reader."""
        try:
            figure, reason = draw(), ""
        except ReidkitError as error:
            figure, reason = None, str(error)
        self.figures.append(Shown(alt, caption, figure, reason, photo))


def sections(pictures: Pictures) -> Iterator[Section]:
    """Draw one section of a run after the other, in the order in which they are read."""
    yield distances(pictures)
    yield labels(pictures)
    yield suspects(pictures)
    yield story(pictures)
    yield maps(pictures)
    yield cameras(pictures)
    yield searches(pictures)


def distances(pictures: Pictures) -> Section:
    """Pos and Neg over the epochs."""
    section = Section(
        "Do distances tell people apart?",
        "Take two crops and measure the distance between their features. Two crops of one person "
        "make a Pos pair (blue), crops of two people a Neg pair (vermillion). A search works when "
        "blue lies left of vermillion. Where the two overlap, no threshold can say who is who.",
    )
    truth = TRUTH
    if not pictures.judged:
        truth = "Drawn with pseudo-labels: what the network believes, not what is true."
        section.text += (
            " The true identities of test crops are not known here, so the pseudo-labels of the "
            "training crops say which pairs are Pos and which are Neg."
        )
    section.show(
        pictures.ridge,
        "Ridge plot: the Pos and the Neg distances, one row an epoch.",
        "One row an epoch, from direct transfer (epoch 0) down to the last. Each curve has the same "
        f"area; the number at the right is the share of it that both cover. {truth}",
    )
    section.show(
        pictures.before_after,
        "Pos and Neg distances before training (dashed) and after it (filled).",
        f"The same curves before and after training, on one axis. {truth}",
    )
    section.show(
        pictures.overlap,
        "The overlap of Pos and Neg after every epoch.",
        _two_cameras(pictures) + truth,
    )
    section.show(
        pictures.means,
        "Mean Pos and mean Neg distance after every epoch, with their spread.",
        f"Distributions separate when their means part, or when they get narrower. {truth}",
    )
    return section


def _two_cameras(pictures: Pictures) -> str:
    if pictures.record.crops["camid"].isna().all():
        return ""
    return (
        "Pairs within one camera are usually easier than pairs of two cameras; only the latter count in a "
        "search. "
    )


def labels(pictures: Pictures) -> Section:
    """The pseudo-labels against the truth, and as crops."""
    section = Section(
        "Do the pseudo-labels name people?",
        "Nobody tells the network who is who. Before each epoch the training crops are clustered, "
        "and the number of its cluster becomes the label of a crop: its pseudo-label. A crop that "
        "fits nowhere is an outlier, and is left out for that epoch.",
    )
    section.show(
        pictures.label_quality,
        "Agreement of pseudo-labels with people, number of clusters, number of outliers.",
        "AMI is 0 for random labels and 1 for perfect ones. Pair F1 weighs two errors: crops of two "
        "people put together, and crops of one person kept apart. "
        + (TRUTH if pictures.named else "The true identities are not known."),
    )
    mixed = (
        "After the last epoch, the clusters with most wrong members, some of the wrong ones first: the "
        "worst, not the typical. ✓ blue: the person whom most of the cluster shows; ✗ vermillion: somebody "
        f"else. {TRUTH}"
    )
    section.show(
        pictures.clusters,
        "Clusters of the last epoch as rows of crops.",
        mixed if pictures.named else "The largest clusters after the last epoch.",
        photo=True,
    )
    return section


def suspects(pictures: Pictures) -> Section:
    """What the doctor suspects, and how often it is right."""
    section = Section(
        "Which labels look wrong?",
        "Two crops of one person from one camera look alike, whatever the network thinks of other cameras. "
        "So wrong labels can be suspected without knowing anybody: a merge is a cluster that falls into two "
        "groups within one camera; a split, two clusters that are each other's nearest and that no camera "
        "contradicts (one of which, if it says camera, was seen by one camera only); an outlier, a crop "
        "left out although most crops near it are in one cluster; a duplicate, nearly one picture with two "
        "labels." + _without_labels(pictures),
    )
    section.show(
        pictures.suspects,
        "Suspects, one a row: the reason, a first group of crops, a second group.",
        "After the last epoch, the first two suspects of each kind. The grey words between the groups say "
        "what the doctor thinks they are. " + (f"✓ right, ✗ wrong. {TRUTH}" if pictures.named else ""),
        photo=True,
    )
    with suppress(ReidkitError):  # the same that stands in the figure's place
        section.text += f" Found here: {pictures.findings()}"
    return section


def story(pictures: Pictures) -> Section:
    """What became of the clusters."""
    section = Section(
        "What became of the clusters?",
        "Every epoch clusters afresh, and the numbers are dealt anew. What two epochs share is crops: a "
        "cluster goes on if more than half of the crops that are in either are in both. All else is an "
        "event: clusters merge, split, die (their crops become outliers) or are born. Churn is the share of "
        "the pairs of crops in one cluster that were not, or will no longer be. It falls when training "
        "settles. Settled is not right: when labels stop changing, their mistakes stay too."
        + _without_labels(pictures),
    )
    epochs = len(pictures.record.recorded)
    thinned = f"{COLUMNS} of {epochs} epochs are drawn; changes are those from one to the next. "
    judged = f"Vermillion: crops that are not the person whom most of their cluster shows. {TRUTH}"
    section.show(
        pictures.flow,
        "The clusters of every epoch as bars, their crops as ribbons between them, and the churn below.",
        "Drawn one by one: the clusters with the largest events. A ribbon has the colour of the cluster that "
        "its crops leave. The bars below count which share of the clusters merged, split or died. "
        + thinned * (epochs > COLUMNS)
        + judged * pictures.named,
    )
    return section


def _without_labels(pictures: Pictures) -> str:
    """A word on runs that cluster only for their record."""
    if pictures.record.config.get("method") != "scl":
        return ""
    return (
        " SCL itself trains on no cluster: its record clusters the crops after every epoch all the same, to "
        "show what such labels would be."
    )


def maps(pictures: Pictures) -> Section:
    """UMAP before and after."""
    section = Section(
        "Where do the crops lie?",
        "UMAP draws the many-dimensional features on a plane so that neighbours stay neighbours. "
        "Read who is next to whom: far distances and sizes mean little. The later map grew out of "
        "the earlier one, so a crop moved only where its features did.",
    )
    section.show(
        lambda: pictures.maps("label"),
        "Two maps of the training crops, before and after, coloured by pseudo-label.",
        "Training crops coloured by pseudo-label; the numbers of clusters change from epoch to "
        "epoch, so a colour does not carry over. Pale grey: outliers.",
        photo=True,
    )
    section.show(
        lambda: pictures.maps("pid"),
        "The same two maps coloured by true person.",
        f"The same maps coloured by true person. {TRUTH}",
        photo=True,
    )
    return section


def cameras(pictures: Pictures) -> Section:
    """The same people in every camera."""
    section = Section(
        "What does a camera do to a person?",
        "Light, colours, background and view change from camera to camera. A network that has not "
        "learned to look through this groups crops by camera instead of by person.",
    )
    section.show(
        pictures.cameras,
        "Some people in every camera.",
        "Training crops. " + (TRUTH if pictures.named else "The true identities are not known."),
        photo=True,
    )
    return section


def searches(pictures: Pictures) -> Section:
    """Ranked lists before and after."""
    section = Section(
        "What does a search return?",
        "Each query (black frame) is compared with the gallery's crops; the nearest come first. AP, the "
        "average precision, is 100 % when all crops of the person come first. Which crops are searched, and "
        "which of them do not count, the benchmark's protocol says.",
    )
    if not pictures.judged:
        section.text += " Without true identities of test crops, nobody can say what is right."
        return section
    section.text += f" Here it is {pictures.settings[0].rules}."
    for when in ("before", "after"):
        section.show(
            lambda when=when: pictures.searches(when),  # type: ignore[misc]
            f"Ranked lists {when} training, each result marked right or wrong.",
            "The two queries each with the lowest, the middle and the highest AP after training; the "
            f"same six in both pictures. ✓ blue: right; ✗ vermillion: wrong. {TRUTH}",
            photo=True,
        )
    return section
