"""County outlines as SVG paths: projected once, small enough to travel with each draw.

The map is a schematic. Any GeoJSON of polygons will do whose features carry the unit's
code as `adcode`; `label_lon` and `label_lat` place the name and may be left out.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

WIDTH = 2000  # user units; whole numbers of them are a quarter of a pixel on a desk
# Whose bounding box is below this part of the map's cannot hold its own label.
SMALL_PART = 0.02
INSET_WIDTH = 0.37  # of the map
GAP = 40

Point = tuple[float, float]
Box = tuple[int, int, int, int]


@dataclasses.dataclass(frozen=True)
class Shape:
    """One unit's outline: `path` is an SVG path, (x, y) the middle of its label."""

    code: str
    path: str
    x: int
    y: int
    is_small: bool


@dataclasses.dataclass(frozen=True)
class Inset:
    """A magnifying glass: shows the box `source` of the map at the box `place`."""

    source: Box
    place: Box


@dataclasses.dataclass(frozen=True)
class CountyMap:
    """Shapes in user units, y downwards; boxes are (x, y, width, height).

    `land` holds all shapes, `box` the inset as well, which may need room of its own.
    """

    land: Box
    box: Box
    shapes: tuple[Shape, ...]
    inset: Inset | None


def load_map(path: Path | str) -> CountyMap:
    """Read and project a GeoJSON file; read anew when the file changes.

    Equirectangular with the cosine of the middle latitude: at the size of a city its
    distortion is far below one pixel.

    Raises
    ------
    ValueError
        The file is no GeoJSON of polygons with `adcode`; the message says what to mend.
    """
    path = Path(path)
    return _load(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _load(path: Path, _changed: int) -> CountyMap:
    try:
        features = json.loads(path.read_text("utf-8"))["features"]
        outlines = {
            str(feature["properties"]["adcode"]): _rings(feature["geometry"])
            for feature in features
        }
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path}: a map is a GeoJSON FeatureCollection of Polygon or MultiPolygon "
            f"features with the property adcode ({error!r})."
        ) from error
    points = [point for rings in outlines.values() for ring in rings for point in ring]
    if not points:
        raise ValueError(f"{path}: the map holds no outline.")
    west, south, east, north = _bounds(points)
    shrink = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / ((east - west) * shrink)

    def project(point: Iterable[float]) -> Point:
        lon, lat, *_ = point
        return (lon - west) * shrink * scale, (north - lat) * scale

    height = round((north - south) * scale)
    shapes, boxes = [], {}
    for feature in features:
        properties = feature["properties"]
        code = str(properties["adcode"])
        rings = [[project(point) for point in ring] for ring in outlines[code]]
        left, top, right, bottom = _bounds(point for ring in rings for point in ring)
        boxes[code] = (left, top, right, bottom)
        if "label_lon" in properties and "label_lat" in properties:
            x, y = project((properties["label_lon"], properties["label_lat"]))
        else:
            x, y = (left + right) / 2, (top + bottom) / 2
        part = (right - left) * (bottom - top) / (WIDTH * height)
        path_text = "".join(map(_path, rings))
        shapes.append(Shape(code, path_text, round(x), round(y), part < SMALL_PART))
    land = (0, 0, WIDTH, height)
    small = [boxes[shape.code] for shape in shapes if shape.is_small]
    if not small:
        return CountyMap(land, land, tuple(shapes), None)
    source = _source(small)
    place = _inset_place(source, [project(point) for point in points], height)
    around = _around(place, height)
    return CountyMap(land, around, tuple(shapes), Inset(source, place))


def _rings(geometry: dict[str, Any]) -> list[list[list[float]]]:
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind == "Polygon":
        return coordinates
    if kind == "MultiPolygon":
        return [ring for polygon in coordinates for ring in polygon]
    raise ValueError(f"geometry of type {kind!r}")


def _bounds(points: Iterable[Iterable[float]]) -> tuple[float, float, float, float]:
    xs, ys = zip(*((x, y) for x, y, *_ in points), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _path(ring: list[Point]) -> str:
    """A closed ring as relative steps of whole units.

    Rounding is per point, so that two counties keep one common border.
    """
    rounded = [(round(x), round(y)) for x, y in ring]
    return f"M{rounded[0][0]} {rounded[0][1]}l{' '.join(_steps(rounded))}z"


def _steps(points: list[tuple[int, int]]) -> Iterator[str]:
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        if (x0, y0) != (x1, y1):
            yield f"{x1 - x0} {y1 - y0}"


def _source(boxes: list[tuple[float, float, float, float]]) -> Box:
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, bottom = max(b[2] for b in boxes), max(b[3] for b in boxes)
    margin = 0.06 * max(right - left, bottom - top)
    return (
        round(left - margin),
        round(top - margin),
        round(right - left + 2 * margin),
        round(bottom - top + 2 * margin),
    )


def _inset_place(source: Box, points: list[Point], height: int) -> Box:
    """The corner where the inset covers no land with the least extra height."""
    width = round(WIDTH * INSET_WIDTH)
    tall = round(width * source[3] / source[2])
    places = []
    for left in (0, WIDTH - width):
        column = [y for x, y in points if left - GAP < x < left + width + GAP]
        lowest, highest = max(column, default=0), min(column, default=height)
        places.append((left, max(height - tall, round(lowest) + GAP), width, tall))
        places.append((left, min(0, round(highest) - GAP - tall), width, tall))
    return min(places, key=lambda place: _around(place, height)[3])


def _around(place: Box, height: int) -> Box:
    top = min(0, place[1])
    return (0, top, WIDTH, max(height, place[1] + place[3]) - top)
