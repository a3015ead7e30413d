"""The virtual environment of the viewers and libraries that we are measured against.

    python tests/benchmarks/peers/setup.py

Made in ``$COVERSLIP_PEERS``, else beside the benchmarks' slides; nothing of it is ever installed into the
project's own environment. Prints the path of its interpreter.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PACKAGES = (
    "napari==0.9.2",
    "PySide6<6.12",
    "zarr>=3",
    "tifffile",
    "imagecodecs",
    "numpy",
    "bermuda",
    "geopandas",
    "pyogrio",
    "dask[array]",
    "filelock",
    "joblib",
    "matplotlib",
    "opencv-python-headless",
    "pandas",
    "pillow",
    "psutil",
    "pyyaml",
    "requests",
    "scikit-image",
    "scikit-learn",
    "shapely",
    "tqdm",
)
"""PySide6 below 6.12, as for the project itself: 6.12.0 corrupts reference counts on Python 3.11."""

ALONE = ("tiatoolbox==2.1.3",)
"""Without what it says it needs, which is an older torch: only its stain normalizers are asked."""


def folder() -> Path:
    """Where it is, or will be."""
    bench = Path(os.environ.get("COVERSLIP_BENCH") or Path(tempfile.gettempdir()) / "coverslip-bench")
    return Path(os.environ.get("COVERSLIP_PEERS") or bench / "peers")


def interpreter() -> Path:
    """Its Python, whether it is there or not."""
    return folder() / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def main() -> None:
    """Make it, or bring it up to date."""
    if not interpreter().exists():
        venv.create(folder(), with_pip=True)
    subprocess.run([interpreter(), "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    subprocess.run([interpreter(), "-m", "pip", "install", "--quiet", "--no-deps", *ALONE], check=True)
    print(interpreter())


if __name__ == "__main__":
    main()
