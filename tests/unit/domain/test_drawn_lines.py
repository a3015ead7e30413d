from __future__ import annotations

import numpy as np
import pytest

from desktop_app.domain.drawn_lines import in_round_direction, line_parts


def test_vertices_on_the_way_are_left_out() -> None:
    drawn = np.array([(0, 0), (50, 0.2), (100, 0), (100, 80)], dtype=np.float64)
    assert line_parts(drawn, 0.5)[0][0].tolist() == [[0, 0], [100, 0], [100, 80]]
    assert len(line_parts(drawn, 0.1)[0][0]) == 4


@pytest.mark.parametrize(
    ("place", "expected"),
    [((100, 9), (100, 0)), ((-4, -80), (0, -80)), ((60, 64), (62, 62)), ((0, 0), (0, 0))],
)
def test_a_line_is_held_to_sides_and_diagonals(
    place: tuple[float, float], expected: tuple[float, float]
) -> None:
    assert in_round_direction((0, 0), place) == pytest.approx(expected)
