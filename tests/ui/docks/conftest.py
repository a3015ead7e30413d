"""The fixtures of tests with annotations."""

from tests.support.annotation_bench import bench, blank_slide, choice, document, selection

__all__ = ["bench", "blank_slide", "choice", "document", "selection"]
