"""Pictures of accuracy over size: the figures' own data, and that all of it is in the files."""

from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from squeezenet_lib.report.accuracy_plot import frontier_figure, frontier_svg, path_figure, path_svg
from squeezenet_lib.report.frontier import Point, Setting
from squeezenet_lib.report.spread import Spread


def point(name: str, accuracy: float, size: float, around: float = 0.0, seeds: int = 1) -> Point:
    spread = Spread(accuracy, accuracy - around, accuracy + around)
    return Point(name, spread, Spread(size, size * (1 - around), size * (1 + around)), seeds)


PATH = [
    point("float32", 0.84, 2_889_480),
    point("pruned <zip>", 0.83, 700_000),
    point("int8", 0.82, 250_000),
    point("coded", 0.82, 200_000),
]
OVER_SEEDS = [point(item.name, item.accuracy.mean, item.bytes.mean, 0.01, 3) for item in PATH]
SETTINGS = {
    Setting(0.8, 6): point("80 %", 0.82, 150_000, 0.01, 3),
    Setting(0.8, 14): point("80 %", 0.83, 250_000, 0.02, 3),
    Setting(0.9, 6): point("90 %", 0.80, 160_000, 0.01, 3),
}
FLOATS = Spread(0.84, 0.835, 0.845)
DEFAULT = Setting(0.8, 14)


def data(figure: Figure, label: str) -> list[tuple[float, float]]:
    """Bytes and percents of the line with this label."""
    (axes,) = figure.axes
    (line,) = [line for line in axes.lines if line.get_label() == label]
    return [(float(x), float(y)) for x, y in zip(*line.get_data(), strict=True)]


def expected(points: list[Point]) -> list[tuple[float, float]]:
    return [(item.bytes.mean, pytest.approx(100 * item.accuracy.mean)) for item in points]


def bars(figure: Figure) -> list[list[float]]:
    """Left, right, bottom and top of each point's bars; bytes and percents."""
    found = []
    for container in figure.axes[0].containers:
        _, _, (across, upright) = container.lines
        (((left, _), (right, _)),) = across.get_segments()
        (((_, bottom), (_, top)),) = upright.get_segments()
        found.append([left, right, bottom, top])
    return found


SVG = "{http://www.w3.org/2000/svg}"


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_the_path_has_a_point_for_each_state() -> None:
    assert data(path_figure(PATH), "path") == expected(PATH)


def test_the_path_goes_right_as_the_model_shrinks_and_down_as_it_errs() -> None:
    figure = path_figure(PATH)
    (axes,) = figure.axes
    places = axes.transAxes.inverted().transform(axes.transData.transform(data(figure, "path")))
    x, y = places.T
    assert 0 < x[0] < x[1] < x[2] < x[3] < 1
    assert 1 > y[0] > y[1] > y[2] == y[3] > 0


def test_all_words_of_the_path_are_in_the_file() -> None:
    picture = path_svg(PATH)
    assert picture == path_svg(PATH)
    assert {
        "Test accuracy and bytes (logarithmic), from float32 to what the chip runs",
        "one seed",
        *("1", "2", "3", "4"),
        "1  float32: 84.00 %",
        "2  pruned <zip>: 83.00 %",
        "3  int8: 82.00 %",
        "4  coded: 82.00 %",
        *("2 MB", "500 KB", "200 KB"),
        *("81 %", "85 %"),
    } <= set(texts(picture))


def test_one_seed_has_no_bars_and_several_have_their_ranges() -> None:
    assert not bars(path_figure(PATH))
    found = bars(path_figure(OVER_SEEDS))
    ranges = [
        [item.bytes.lowest, item.bytes.highest, 100 * item.accuracy.lowest, 100 * item.accuracy.highest]
        for item in OVER_SEEDS
    ]
    assert found == [pytest.approx(sides) for sides in ranges]
    assert "means of 3 seeds, bars from the lowest to the highest" in texts(path_svg(OVER_SEEDS))


def test_experiments_that_failed_leave_fewer_seeds_to_some_points() -> None:
    mixed = [PATH[0], *OVER_SEEDS[1:]]
    assert len(bars(path_figure(mixed))) == len(mixed) - 1
    assert "means of 1-3 seeds, bars from the lowest to the highest" in texts(path_svg(mixed))


def test_numbers_stand_beyond_the_bars_above_and_below_by_turns() -> None:
    (axes,) = path_figure(OVER_SEEDS).axes
    for index, (label, item) in enumerate(zip(axes.texts, OVER_SEEDS, strict=True)):
        above = index % 2 == 0
        accuracy = item.accuracy.highest if above else item.accuracy.lowest
        assert label.get_text() == str(index + 1)
        assert label.xy == (item.bytes.mean, pytest.approx(100 * accuracy))
        assert (label.get_position()[1] > 0) == above


def test_axes_hold_every_range() -> None:
    for figure in (path_figure(OVER_SEEDS), frontier_figure(SETTINGS, Spread(0.9, 0.9, 0.9), DEFAULT)):
        (axes,) = figure.axes
        (right, left), (low, high) = sorted(axes.get_xlim()), axes.get_ylim()
        assert axes.get_xlim() == (left, right)
        for sides in bars(figure):
            assert right < sides[0] <= sides[1] < left
            assert low < sides[2] <= sides[3] < high
    assert low < 90 < high


def test_a_model_that_is_always_right_can_be_drawn() -> None:
    picture = path_svg([point("float32", 1.0, 1000), point("int8", 1.0, 300)])
    assert "1  float32: 100.00 %" in texts(picture)


def test_every_setting_is_a_point_of_its_levels_colour_with_its_name() -> None:
    figure = frontier_figure(SETTINGS, FLOATS, DEFAULT)
    (axes,) = figure.axes
    small, large, beaten = SETTINGS.values()
    assert data(figure, "6 levels") == expected([small, beaten])
    assert data(figure, "14 levels") == expected([large])
    assert len({line.get_color() for line in axes.lines if "levels" in str(line.get_label())}) == 2
    assert [(label.get_text(), label.xy) for label in axes.texts] == [
        (item.name, (item.bytes.mean, 100 * item.accuracy.mean)) for item in SETTINGS.values()
    ]
    assert len(bars(figure)) == len(SETTINGS)


def test_the_front_leaves_out_what_is_beaten() -> None:
    small, large, _beaten = SETTINGS.values()
    assert data(frontier_figure(SETTINGS, FLOATS, DEFAULT), "Pareto front") == expected([small, large])


def test_the_default_is_ringed_where_it_is_in_the_sweep() -> None:
    (axes,) = frontier_figure(SETTINGS, FLOATS, DEFAULT).axes
    (ring,) = [line for line in axes.lines if line.get_gid() == "default"]
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == expected([SETTINGS[DEFAULT]])[0]
    remark = "means of 3 seeds, bars from the lowest to the highest"
    assert f"{remark}; ringed: params.yaml" in texts(frontier_svg(SETTINGS, FLOATS, DEFAULT))

    elsewhere = Setting(0.7, 14)
    (axes,) = frontier_figure(SETTINGS, FLOATS, elsewhere).axes
    assert not [line for line in axes.lines if line.get_gid() == "default"]
    assert remark in texts(frontier_svg(SETTINGS, FLOATS, elsewhere))


def test_the_float_networks_are_a_line_with_their_range() -> None:
    (axes,) = frontier_figure(SETTINGS, FLOATS, DEFAULT).axes
    (band,) = [patch for patch in axes.patches if patch.get_gid() == "floats"]
    assert (band.get_y(), band.get_height()) == pytest.approx((83.5, 1.0))
    (line,) = [line for line in axes.lines if str(line.get_label()).startswith("float32")]
    assert list(line.get_ydata()) == [84, 84]

    (axes,) = frontier_figure(SETTINGS, Spread(0.84, 0.84, 0.84), DEFAULT).axes
    assert not [patch for patch in axes.patches if patch.get_gid() == "floats"]


def test_the_legend_says_what_is_what() -> None:
    assert {
        "6 levels",
        "14 levels",
        "Pareto front",
        "float32: 84.00 %, grey: range",
        "beside the points: zeros asked for",
    } <= set(texts(frontier_svg(SETTINGS, FLOATS, DEFAULT)))


@pytest.mark.parametrize("levels", [1, 2, 3, 6, 7, 11])
def test_the_legend_stays_within_the_picture(levels: int) -> None:
    points = {Setting(0.8, count): point("80 %", 0.8, 1e5 + count) for count in range(levels)}
    figure = frontier_figure(points, FLOATS, DEFAULT)
    box = figure.axes[0].get_legend().get_window_extent()
    assert box.x0 >= 0 and box.x1 <= figure.bbox.x1 and box.y0 >= 0
