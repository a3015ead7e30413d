"""A GeoJSON file read by geopandas, in the peers' environment.

    PEERS/bin/python tests/benchmarks/peers/read_geojson.py FILE

Prints the seconds it took, without the import, and how many features there were.
"""

from __future__ import annotations

import sys
import time

import geopandas


def main() -> None:
    """Read and print."""
    began = time.perf_counter()
    count = len(geopandas.read_file(sys.argv[1]))
    print(time.perf_counter() - began, count)


if __name__ == "__main__":
    main()
