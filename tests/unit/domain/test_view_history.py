"""Back and forward between the places of a view."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.view_history import LONGEST, ViewHistory, is_same_place
from desktop_app.domain.viewport import Viewport


def place(x: float, *, downsample: float = 1.0) -> Viewport:
    return Viewport((x, 0.0), downsample, 0.0, (800, 600))


def visited(*places: float) -> ViewHistory:
    history = ViewHistory()
    for x in places:
        history.visit(place(x))
    return history


def test_back_and_forward_like_a_browser() -> None:
    history = visited(0, 1000, 2000)
    assert history.step(-1, place(2000)) == place(1000)
    assert history.step(-1, place(1000)) == place(0)
    assert history.step(-1, place(0)) is None
    assert history.step(1, place(0)) == place(1000)
    assert history.step(1, place(1000)) == place(2000)
    assert history.step(1, place(2000)) is None


def test_going_back_keeps_the_place_one_came_from() -> None:
    history = visited(0)
    assert history.step(-1, place(5000)) == place(0)
    assert history.step(1, place(0)) == place(5000)


def test_a_new_place_forgets_what_was_ahead() -> None:
    history = visited(0, 1000, 2000)
    history.step(-1, place(2000))
    history.visit(place(7000))
    assert not history.can_step(1, place(7000))
    assert history.step(-1, place(7000)) == place(1000)


def test_looking_to_and_fro_is_one_place() -> None:
    history = visited(0, 50, 90, 60)
    assert len(history.places) == 1
    assert history.places[0] == place(60)
    assert not history.can_step(-1, place(60))


def test_scale_angle_and_mirror_make_another_place() -> None:
    here = place(0)
    assert is_same_place(here, here.zoomed(1.1))
    assert not is_same_place(here, here.zoomed(1.3))
    assert not is_same_place(here, here.rotated(5))
    assert is_same_place(here.turned_to(359.5), here.turned_to(0.5))
    assert not is_same_place(here, here.flipped())


@given(st.lists(st.sampled_from(["visit", "back", "forward"]), max_size=300))
def test_whatever_is_done_the_index_is_a_place(doings: list[str]) -> None:
    history = ViewHistory()
    here = place(0)
    for number, doing in enumerate(doings):
        if doing == "visit":
            here = place(1000.0 * number)
            history.visit(here)
        else:
            here = history.step(-1 if doing == "back" else 1, here) or here
        assert len(history.places) <= LONGEST
        assert history.index == -1 or history.places[history.index] == here
