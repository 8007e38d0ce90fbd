"""Pictures of accuracy over size: well-formed, the same for the same input, true to scale."""

from xml.etree import ElementTree

from squeezenet_lib.accuracy_plot import frontier_svg, path_svg
from squeezenet_lib.frontier import Point, Setting, Spread

SVG = "{http://www.w3.org/2000/svg}"


def point(name: str, accuracy: float, size: float, around: float = 0.0, seeds: int = 1) -> Point:
    spread = Spread(accuracy, accuracy - around, accuracy + around)
    return Point(name, spread, Spread(size, size, size), seeds)


PATH = [
    point("float32", 0.84, 2_889_480),
    point("pruned <zip>", 0.83, 700_000),
    point("int8", 0.82, 250_000),
    point("coded", 0.82, 200_000),
]
SETTINGS = {
    Setting(0.8, 6): point("80 %", 0.82, 150_000, 0.01, 3),
    Setting(0.8, 14): point("80 %", 0.83, 250_000, 0.02, 3),
    Setting(0.9, 6): point("90 %", 0.80, 160_000, 0.01, 3),
}
FLOATS = Spread(0.84, 0.835, 0.845)


def elements(picture: str, tag: str, kind: str | None = None) -> list[ElementTree.Element]:
    found = ElementTree.fromstring(picture).findall(f"{SVG}{tag}")
    return [element for element in found if kind is None or element.get("class") == kind]


def test_path_goes_right_as_the_model_shrinks_and_down_as_it_errs() -> None:
    picture = path_svg(PATH)
    assert picture == path_svg(PATH)
    circles = elements(picture, "circle")
    x = [float(circle.attrib["cx"]) for circle in circles]
    y = [float(circle.attrib["cy"]) for circle in circles]
    assert 0 < x[0] < x[1] < x[2] < x[3] < 720
    assert y[0] < y[1] < y[2] == y[3] < 380
    assert "pruned &lt;zip&gt;: 83.00 %" in picture


def test_one_seed_has_no_error_bars_and_several_say_what_the_bars_are() -> None:
    assert not elements(path_svg(PATH), "path", "bar")
    assert "one seed" in path_svg(PATH)
    several = [point(item.name, item.accuracy.mean, item.bytes.mean, 0.01, 3) for item in PATH]
    assert len(elements(path_svg(several), "path", "bar")) == len(PATH)
    assert "means of 3 seeds, bars from the lowest to the highest" in path_svg(several)


def test_picture_copes_with_a_model_that_is_always_right() -> None:
    assert "float32: 100.00 %" in path_svg([point("float32", 1.0, 1000), point("int8", 1.0, 300)])


def test_the_front_leaves_out_what_is_beaten_and_the_default_is_ringed() -> None:
    picture = frontier_svg(SETTINGS, FLOATS, Setting(0.8, 14))
    (front,) = elements(picture, "polyline", "front")
    places = [(circle.attrib["cx"], circle.attrib["cy"]) for circle in elements(picture, "circle")]
    (ring,) = elements(picture, "circle", "default")
    small, large, ringed, _beaten = places[:4]
    assert front.attrib["points"] == f"{','.join(small)} {','.join(large)}"
    assert (ring.attrib["cx"], ring.attrib["cy"]) == large == ringed
    assert len(elements(picture, "path", "bar")) == len(SETTINGS)


def test_no_ring_where_the_default_is_not_in_the_sweep() -> None:
    picture = frontier_svg(SETTINGS, FLOATS, Setting(0.7, 14))
    assert not elements(picture, "circle", "default")
    assert "ringed" not in picture


def test_the_float_networks_are_a_line_with_their_range() -> None:
    picture = frontier_svg(SETTINGS, FLOATS, Setting(0.8, 14))
    assert "float32: 84.00 %" in picture
    assert len(elements(picture, "path", "float")) == len(elements(picture, "rect", "band")) == 1
    assert not elements(frontier_svg(SETTINGS, Spread(0.84, 0.84, 0.84), Setting(0.8, 14)), "rect", "band")
