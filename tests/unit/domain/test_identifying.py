"""Properties that tell who the patient is are known by their names, or by the file name in their value."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.domain.identifying import may_identify

PATH = Path("/clinic/Mueller-1955.svs")


@pytest.mark.parametrize(
    "name",
    [
        "dicom.PatientName",
        "dicom.PatientBirthDate",
        "dicom.AccessionNumber",
        "dicom.ReferringPhysicianName",
        "dicom.StudyInstanceUID",
        "dicom.SpecimenDescriptionSequence[0].SpecimenIdentifier",
        "aperio.Filename",
        "aperio.User",
        "aperio.Title",
        "aperio.Date",
        "aperio.Barcode",
        "leica.barcode",
        "mirax.GENERAL.SLIDE_NAME",
        "mirax.GENERAL.SLIDE_ID",
        "ventana.Barcode1D",
        "ventana.UserName",
        "philips.PIM_DP_UFS_BARCODE",
        "hamamatsu.Created Date",
        "openslide.comment",
        "tiff.ImageDescription",
        "tiff.DateTime",
        "tiff.HostComputer",
        "tiff.Artist",
    ],
)
def test_masked(name: str) -> None:
    assert may_identify(name, "x", PATH)


@pytest.mark.parametrize(
    "name",
    [
        "openslide.mpp-x",
        "openslide.objective-power",
        "openslide.level[0].width",
        "openslide.quickhash-1",
        "openslide.vendor",
        "aperio.AppMag",
        "aperio.MPP",
        "tiff.ResolutionUnit",
        "tiff.XResolution",
        "dicom.SOPClassUID",
        "dicom.ImagedVolumeWidth",
    ],
)
def test_shown(name: str) -> None:
    assert not may_identify(name, "0.25", PATH)


def test_a_value_that_holds_the_file_name_identifies_whatever_it_is_called() -> None:
    assert may_identify("vendor.Source", "D:/scans/Mueller-1955.svs", PATH)
    assert not may_identify("vendor.Source", "D:/scans/1.svs", PATH)
    assert not may_identify("vendor.Level", "1", Path("/clinic/1.svs"))
    assert not may_identify("aperio.User", "  ", PATH)
