"""Writes tiny DICOM files, as pydicom writes them, one thing changed at a time."""

from io import BytesIO

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation as DigitalXRay
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

NAME = "Doe^Jane"


def film(pixels: np.ndarray, **tags) -> Dataset:
    """A film of these grey levels, unsigned 16 bits unless they are of 8."""
    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file.file_meta.MediaStorageSOPClassUID = DigitalXRay
    file.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    file.SOPClassUID, file.SOPInstanceUID = DigitalXRay, generate_uid()
    file.PatientName, file.PatientID = NAME, "0042"
    file.Rows, file.Columns = pixels.shape[:2]
    file.SamplesPerPixel = 3 if pixels.ndim == 3 else 1
    file.PhotometricInterpretation = "MONOCHROME2"
    file.BitsAllocated = file.BitsStored = 8 * pixels.dtype.itemsize
    file.HighBit = file.BitsStored - 1
    file.PixelRepresentation = int(pixels.dtype.kind == "i")
    file.PixelData = pixels.tobytes()
    for tag, value in tags.items():
        setattr(file, tag, value)
    return file


def written(file: Dataset) -> bytes:
    """The bytes of the whole file, with its preamble."""
    buffer = BytesIO()
    file.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
