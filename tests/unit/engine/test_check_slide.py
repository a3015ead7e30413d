"""Recipes know stains: a slide of fluorescence channels is refused before anything is read."""

from __future__ import annotations

import pytest

from desktop_app.domain.slide_info import Channel
from desktop_app.engine.check_slide import check_brightfield
from desktop_app.engine.job import JobControl
from desktop_app.engine.run_slide import run_slide
from desktop_app.errors import NotBrightfieldError
from tests.support.engine_cases import Messages, fake_job, fake_recipe, fake_steps, tissue_slide

DAPI = Channel("DAPI", (0, 0, 255), 65535, (0.0, 4000.0))


def test_a_brightfield_slide_passes() -> None:
    check_brightfield(tissue_slide().info, fake_recipe())


@pytest.mark.parametrize("mpp", [(0.5, 0.5), None])
def test_a_slide_of_channels_is_refused_before_it_is_read(mpp: tuple[float, float] | None) -> None:
    # Nothing of it can be read; without an mpp the channels are still what is told.
    slide = tissue_slide(channels=(DAPI,), mpp=mpp, unreadable=(0, 0, 10_000, 10_000))
    messages = Messages()
    with pytest.raises(
        NotBrightfieldError, match=r"fake/detector needs a brightfield \(H&E or IHC\) slide"
    ) as caught:
        run_slide(slide, fake_steps(), job=fake_job(), sink=messages, control=JobControl())
    assert "slide.svs has fluorescence channels" in str(caught.value)
    assert not messages.sent
