"""The cloud of evaluation: suppliers by what they cost and what they are worth. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from supplier.web.charts import CurveMark

#: The cloud's narrowest sheet on a desk, a letter and a line of its words, in pixels.
WIDTH, LETTER, LINE = 460, 6.0, 15
#: Pixels above the best and below the worst score where the names of the quarters stand, and
#: those of the scale of spends under the ground line.
HEAD, FOOT, SCALE = 44, 34, 30
#: Words so far from their spot are tied to it by a line.
TIED = 24


@dataclass(frozen=True, slots=True)
class Spot:
    """One supplier of the cloud: twelve months' spend in euros and a score from 0 to 100."""

    label: str
    spend: Decimal
    score: float
    url: str = ""
    named: bool = False


@dataclass(frozen=True, slots=True)
class SpotPlace:
    """x in per cent, y and radius in pixels; `tie` is where a line to far words ends."""

    spot: Spot
    x: float
    y: float
    radius: float
    weak: bool
    name: CurveMark | None = None
    tie: float | None = None


@dataclass(frozen=True, slots=True)
class Cloud:
    """Score upwards, spend to the right on a scale of tens; two lines cut it in four.

    `scale` holds `(x, euros)`, `scores` holds `(y, score)`.
    """

    spots: tuple[SpotPlace, ...]
    split_x: float
    split_y: float
    height: int
    scale: tuple[tuple[float, int], ...]
    scores: tuple[tuple[float, int], ...]


def draw_cloud(
    spots: Sequence[Spot],
    *,
    split_spend: Decimal = Decimal(50_000),
    split_score: float = 70.0,
    height: int = 440,
) -> Cloud:
    """Place suppliers by what they cost and what they are worth; zero spend stands at the left."""
    lowest = min((s.score for s in spots), default=50.0)
    floor = max(math.floor(min(lowest, split_score - 20) / 10) * 10, 0)
    amounts = [max(float(s.spend), 1000.0) for s in spots] or [1000.0]
    first = math.floor(math.log10(min(*amounts, float(split_spend) / 10)))
    last = math.ceil(math.log10(max(*amounts, float(split_spend) * 10)))

    def x(euros: float) -> float:
        share = (math.log10(max(euros, 10**first)) - first) / (last - first)
        return round(9 + share * 88, 2)

    def y(score: float) -> float:
        room = height - SCALE - FOOT - HEAD
        return round(HEAD + (100 - score) / (100 - floor) * room, 1)

    places = [
        SpotPlace(
            spot=s,
            x=x(float(s.spend)),
            y=y(s.score),
            radius=round(4 + 1.6 * max(math.log10(max(float(s.spend), 1000.0)) - 3, 0), 1),
            weak=s.score < split_score and s.spend >= split_spend,
        )
        for s in sorted(spots, key=lambda s: -s.spend)
    ]
    cut = x(float(split_spend)), y(split_score)
    steps = sorted({floor, round(split_score), round((split_score + 100) / 2), 100})
    return Cloud(
        spots=tuple(_name_spots(places, height - SCALE, cut)),
        split_x=cut[0],
        split_y=cut[1],
        height=height,
        scale=tuple((x(10.0**power), 10**power) for power in range(first, last + 1)),
        scores=tuple((y(score), score) for score in steps),
    )


#: Left and right in per cent, top and bottom in pixels.
Room = tuple[float, float, float, float]


def _name_spots(
    places: Sequence[SpotPlace], floor: float, cut: tuple[float, float]
) -> list[SpotPlace]:
    """Give the named and the weak their words where nothing else stands; else the title speaks."""
    taken = [_room_of_spot(place) for place in places]
    taken += [(cut[0], cut[0], HEAD, floor), (6, 100, cut[1], cut[1])]
    found = []
    for place in places:
        mark = None
        if place.spot.named or place.weak:
            quarter = (6.0, cut[0]) if place.x < cut[0] else (cut[0], 100.0)
            mark = next((m for m in _sides(place, quarter) if _is_free(m, taken, floor)), None)
        if mark:
            taken.append(_room_of_words(mark))
        found.append(replace(place, name=mark, tie=_tie(place, mark)))
    return found


def _words(spot: Spot, quarter: tuple[float, float]) -> str:
    """Name and score, the name shortened to what the quarter has room for."""
    score = f", {round(spot.score)}"
    room = int((quarter[1] - quarter[0] - 2) / 100 * WIDTH / LETTER) - len(score)
    name = spot.label if len(spot.label) <= room else spot.label[: room - 1].rstrip() + "…"
    return name + score


def _sides(place: SpotPlace, quarter: tuple[float, float]) -> Iterator[CurveMark]:
    """Where words may stand: beside, above, below, then line by line further."""
    words = _words(place.spot, quarter)
    off, width = (place.radius + 5) / WIDTH * 100, _share(words)
    yield CurveMark(round(place.x - off, 2), place.y + 4, words, "end")
    yield CurveMark(round(place.x + off, 2), place.y + 4, words, "start")
    inside = min(max(place.x - width / 2, quarter[0] + 1), quarter[1] - width - 1)
    for further in range(0, 10 * LINE, LINE):
        for lift in (-place.radius - 6 - further, place.radius + 14 + further):
            at = round(place.y + lift, 1)
            yield CurveMark(place.x, at, words, "end")
            yield CurveMark(place.x, at, words, "start")
            yield CurveMark(round(inside, 2), at, words, "start")


def _share(words: str) -> float:
    return len(words) * LETTER / WIDTH * 100


def _tie(place: SpotPlace, mark: CurveMark | None) -> float | None:
    if mark is None or abs(mark.y - place.y) < place.radius + TIED:
        return None
    return round(mark.y + 4 if mark.y < place.y else mark.y - 12, 1)


def _room_of_spot(place: SpotPlace) -> Room:
    share = place.radius / WIDTH * 100
    return place.x - share, place.x + share, place.y - place.radius, place.y + place.radius


def _room_of_words(mark: CurveMark) -> Room:
    """The room of words in the chart's bold type, whose base line is `mark.y`."""
    width = _share(mark.words)
    left = {"start": mark.x, "middle": mark.x - width / 2, "end": mark.x - width}[mark.anchor]
    return left, left + width, mark.y - LINE + 4, mark.y + 4


def _is_free(mark: CurveMark, taken: Sequence[Room], floor: float) -> bool:
    left, right, top, bottom = _room_of_words(mark)
    if left < 6 or right > 100 or top < HEAD - 10 or bottom > floor - 22:
        return False
    return all(
        right < start or left > end or bottom <= high or top >= low
        for start, end, high, low in taken
    )
