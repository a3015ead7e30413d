"""Whether a slide is of the kind that a recipe can work on.

Everything a recipe is made of knows stains: on fluorescence channels a tissue detector would find the glass
and a model would answer about colors that somebody chose. Pure; any thread.
"""

from __future__ import annotations

from desktop_app.domain.recipe import Recipe
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.errors import NotBrightfieldError


def check_brightfield(info: SlideInfo, recipe: Recipe) -> None:
    """Stop a run on a slide of channels before anything of it is read.

    Raises
    ------
    NotBrightfieldError
        Naming the first step of the recipe.
    """
    if not info.is_brightfield:
        raise NotBrightfieldError(info.path, recipe.tissue.use)
