"""The table of a million annotations sorted by area, beside numpy sorting the same column.

    .venv/bin/python tests/benchmarks/annotation/sorting.py

Row 11. The table goes from the order of making to that of area; its areas were asked for before, as the
column that numpy sorts is there, too. The first sorting, which works them out, is reported beside. Nine of
each, interleaved; medians. Prints JSON.
"""

from __future__ import annotations

import json
import statistics
import time

import numpy as np
from desk import desk
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView
from stage import application, rest

from desktop_app.domain.measure_columns import areas_px
from desktop_app.ui.models.annotation_table import AREA, AnnotationTableModel

TIMES = 9


def main() -> None:
    """Measure and print."""
    _app = application()
    with desk(10**6) as ours:
        table = AnnotationTableModel(ours.document)
        view = QTableView()
        view.setModel(table)
        view.show()
        rest(0.5)
        began = time.perf_counter()
        table.sort(AREA)
        first = time.perf_counter() - began
        column = np.concatenate([areas_px(chunk) for chunk in ours.document.snapshot.chunks])
        sorts, plain = [], []
        for number in range(TIMES):
            order = Qt.SortOrder.DescendingOrder if number % 2 == 0 else Qt.SortOrder.AscendingOrder
            table.sort(-1)
            began = time.perf_counter()
            table.sort(AREA, order)
            sorts.append(time.perf_counter() - began)
            began = time.perf_counter()
            np.argsort(column)
            plain.append(time.perf_counter() - began)
        rest(0.2)
        view.close()
        view.deleteLater()
        table.deleteLater()
    us, them = statistics.median(sorts), statistics.median(plain)
    print(json.dumps({"sort": us / them, "sort_s": us, "argsort_s": them, "first_sort_s": first}))


if __name__ == "__main__":
    main()
