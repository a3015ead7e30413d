"""Checkpoint files: read in pieces, and believed only when every byte is what was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.storage import checkpoints
from desktop_app.storage.checkpoints import list_checkpoints, read_checkpoint, write_checkpoint
from tests.support.annotation_samples import square


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkpoint of some objects, larger than many pieces."""
    monkeypatch.setattr(checkpoints, "_PIECE", 300)
    write_checkpoint(tmp_path, 7, AnnotationSnapshot.of([square(9 * x, 5, 6.5) for x in range(400)]))
    return list_checkpoints(tmp_path)[7]


def test_what_was_written_is_read(file: Path) -> None:
    snapshot = read_checkpoint(file)
    assert snapshot is not None
    assert len(snapshot) == 400
    np.testing.assert_array_equal(snapshot.bounds()[399], [3591, 5, 3597.5, 11.5])


def test_columns_cannot_be_written_to(file: Path) -> None:
    snapshot = read_checkpoint(file)
    assert snapshot is not None
    with pytest.raises(ValueError, match="read-only"):
        snapshot.chunks[0].offsets[0] = 0


@pytest.mark.parametrize("share", [0, 0.0005, 0.3, 0.9999])
def test_a_file_that_was_cut_is_not_believed(file: Path, share: float) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    assert read_checkpoint(file) is None


@pytest.mark.parametrize("share", [0, 0.001, 0.3, 0.9999])
def test_a_changed_byte_is_found(file: Path, share: float) -> None:
    content = bytearray(file.read_bytes())
    content[int(share * len(content))] ^= 4
    file.write_bytes(content)
    assert read_checkpoint(file) is None
