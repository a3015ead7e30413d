"""TIAToolbox's stain normalizers without the rest of TIAToolbox.

Its package imports everything it has (torchvision, storage of annotations) before it gives a normalizer; here
its own files are loaded alone, unchanged. Runs in an environment that has it.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
import types
from pathlib import Path
from typing import Any


def normalizers() -> Any:
    """The module ``tiatoolbox.tools.stainnorm``.

    Raises
    ------
    ModuleNotFoundError
        If it, or what its files import, is not installed.
    """
    found = importlib.util.find_spec("tiatoolbox")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("tiatoolbox", name="tiatoolbox")
    root = Path(found.origin).parent
    for name in ("tiatoolbox", "tiatoolbox.tools", "tiatoolbox.utils", "tiatoolbox.annotation"):
        module = types.ModuleType(name)
        module.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = module
    sys.modules["tiatoolbox"].logger = logging.getLogger("tiatoolbox")  # type: ignore[attr-defined]
    storage = types.ModuleType("tiatoolbox.annotation.storage")
    for name in ("Annotation", "AnnotationStore", "SQLiteStore"):
        setattr(storage, name, type(name, (), {}))
    sys.modules["tiatoolbox.annotation.storage"] = storage
    return importlib.import_module("tiatoolbox.tools.stainnorm")
