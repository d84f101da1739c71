"""DICOM files as pictures: values by hand, and what is refused."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    RLELossless,
)
from tests.data.dicoms import NAME, film, written

from negcxr.data import dicom
from negcxr.data.dicom import read_dicom
from negcxr.data.files import FileImages
from negcxr.errors import InputError

RAMP = np.array([[0, 500, 1000, 1500, 2000]], dtype=np.uint16)
NOISE = np.random.default_rng(0).integers(0, 256, (16, 24)).astype(np.uint8)


def levels(file: Dataset) -> list[int]:
    return np.asarray(read_dicom(written(file)))[0].tolist()


def compressed(pixels, syntax, encoded, **tags):
    file = film(pixels, **tags)
    file.file_meta.TransferSyntaxUID = syntax
    file.PixelData = encapsulate([encoded])
    return file


def encoded(pixels, form, **options):
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, form, **options)
    return buffer.getvalue()


def table(entries, first, bits):
    lut = Dataset()
    lut.LUTDescriptor = [len(entries), first, bits]
    lut.LUTData = entries
    lut["LUTData"].VR = "US"
    return [lut]


def test_grey_levels_are_stretched_to_8_bits():
    assert levels(film(RAMP)) == [0, 64, 128, 191, 255]  # 63.75, 127.5, 191.25


def test_monochrome1_comes_out_as_the_same_film_in_monochrome2():
    turned = film(2000 - RAMP, PhotometricInterpretation="MONOCHROME1")
    assert levels(turned) == [0, 64, 127, 191, 255]  # 255 - 128 in the middle
    assert np.abs(np.subtract(levels(turned), levels(film(RAMP)))).max() <= 1


def test_a_window_clips_what_lies_outside_it():
    # centre 1000, width 1001: from 500 to 1500, by the formula of C.11.2.1.2.1
    windowed = film(RAMP, WindowCenter=1000.5, WindowWidth=1001)
    assert levels(windowed) == [0, 0, 128, 255, 255]


def test_of_several_windows_the_first_is_taken():
    windowed = film(RAMP, WindowCenter=[1000.5, 5], WindowWidth=[1001, 3])
    assert levels(windowed) == [0, 0, 128, 255, 255]


def test_a_window_is_of_rescaled_values():
    # -1000 to 1000 after rescaling; the window from -500 to 500
    shifted = film(RAMP, RescaleSlope=1, RescaleIntercept=-1000)
    shifted.WindowCenter, shifted.WindowWidth = 0.5, 1001
    assert levels(shifted) == [0, 0, 128, 255, 255]


def test_a_falling_rescale_slope_turns_the_film():
    assert levels(film(RAMP, RescaleSlope=-1, RescaleIntercept=0)) == [
        *(255, 191, 128, 64, 0)
    ]


def test_a_window_is_applied_before_the_film_is_turned():
    file = film(RAMP, WindowCenter=1500.5, WindowWidth=1001)  # from 1000 to 2000
    file.PhotometricInterpretation = "MONOCHROME1"
    assert levels(file) == [255, 255, 255, 127, 0]


def test_a_table_of_what_is_worth_seeing_goes_before_a_window():
    pixels = np.array([[0, 1, 2, 3]], np.uint16)
    file = film(pixels, WindowCenter=1, WindowWidth=2)
    file.VOILUTSequence = table([0, 51, 204, 255], first=0, bits=8)
    assert levels(file) == [0, 51, 204, 255]


def test_a_table_of_units_is_applied_first():
    pixels = np.array([[0, 1, 2, 3]], np.uint16)
    file = film(pixels, ModalityLUTSequence=table([255, 204, 51, 0], first=0, bits=8))
    assert levels(file) == [255, 204, 51, 0]


def test_signed_pixels_keep_their_order():
    assert levels(film(np.array([[-1000, 0, 1000]], np.int16))) == [0, 128, 255]


@pytest.mark.parametrize("stored", [10, 12, 16])
def test_unused_high_bits_do_no_harm(stored):
    pixels = np.array([[0, 500, 1000]], np.uint16)
    assert levels(film(pixels, BitsStored=stored, HighBit=stored - 1)) == [0, 128, 255]


def test_implicit_files_are_read():
    file = film(RAMP)
    file.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    assert levels(file) == [0, 64, 128, 191, 255]


def test_jpeg_2000_is_read_without_loss():
    pixels = NOISE.astype(np.uint16) * 16
    code = encoded(pixels, "JPEG2000", irreversible=False, no_jp2=True)
    read = read_dicom(written(compressed(pixels, JPEG2000Lossless, code)))
    plain = read_dicom(written(film(pixels)))
    np.testing.assert_array_equal(np.asarray(read), np.asarray(plain))


def test_jpeg_of_8_bits_is_read():
    smooth = np.tile(np.arange(0, 240, 10, dtype=np.uint8), (16, 1))
    code = encoded(smooth, "JPEG", quality=95)
    read = read_dicom(written(compressed(smooth, JPEGBaseline8Bit, code)))
    assert read.size == (24, 16)
    expected = np.asarray(read_dicom(written(film(smooth)))).astype(int)
    assert np.abs(np.asarray(read) - expected).max() <= 5


def test_run_lengths_are_read():
    file = film(NOISE)
    file.compress(RLELossless)
    plain = np.asarray(read_dicom(written(film(NOISE))))
    np.testing.assert_array_equal(np.asarray(read_dicom(written(file))), plain)


def test_colour_becomes_luminance():
    red = np.full((2, 2, 3), (255, 0, 0), np.uint8)
    file = film(red, PhotometricInterpretation="RGB", PlanarConfiguration=0)
    assert levels(file) == [76, 76]  # 255 x 0.299


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(
            lambda file: setattr(file, "PhotometricInterpretation", "PALETTE COLOR"),
            "photometric interpretation 'PALETTE COLOR'; allowed: MONOCHROME1, MONO",
            id="palette",
        ),
        pytest.param(
            lambda file: setattr(file, "NumberOfFrames", 2), "2 pictures", id="frames"
        ),
        pytest.param(
            lambda file: (setattr(file, "Rows", 65535), setattr(file, "Columns", 65535)),
            "4294836225 pixels; at most",
            id="bomb",
        ),
        pytest.param(
            lambda file: delattr(file, "PixelData"), "no tag PixelData", id="no pixels"
        ),
        pytest.param(lambda file: delattr(file, "Rows"), "Rows", id="no rows"),
        pytest.param(
            lambda file: setattr(file, "WindowWidth", 0),
            "broken or cut off",
            id="window without width",
        ),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(change, told):
    file = film(RAMP, WindowCenter=1000, WindowWidth=1000)
    change(file)
    with pytest.raises(ValueError) as refused:
        read_dicom(written(file))
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_compression_without_decoder_is_named():
    file = compressed(NOISE, JPEGLosslessSV1, b"\xff\xd8\xff\xd9")
    with pytest.raises(ValueError, match=r"JPEG Lossless.*1\.2\.840\.10008\.1\.2\.4\.70"):
        read_dicom(written(file))


@pytest.mark.parametrize("syntax", [DeflatedExplicitVRLittleEndian, UID("1.2.3")])
def test_a_transfer_syntax_that_is_not_of_films_is_named(syntax):
    file = film(RAMP)
    if syntax.is_transfer_syntax:
        file.file_meta.TransferSyntaxUID = syntax
        data = written(file)
    else:
        data = written(file).replace(b"1.2.840.10008.1.2.1\0", b"1.2.3".ljust(20, b"\0"))
    with pytest.raises(ValueError, match=rf"transfer syntax .*{syntax}"):
        read_dicom(data)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.999])
def test_a_truncated_file_is_refused_by_name(tmp_path, share):
    data = written(film(np.tile(RAMP, (40, 40))))
    path = tmp_path / "cut.dicom"
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(
        InputError, match="cut.dicom: not a readable image .DICOM: "
    ) as told:
        FileImages([path]).open(0)
    assert "\n" not in str(told.value)


def test_no_byte_of_a_broken_file_is_quoted():
    data = written(film(RAMP, WindowCenter=1234.567, WindowWidth=1000))
    with pytest.raises(ValueError, match="^DICOM: broken or cut off") as refused:
        read_dicom(data.replace(b"1234.567", NAME.encode()))
    assert NAME not in str(refused.value)


def test_a_truncated_compressed_film_is_refused():
    code = encoded(NOISE, "JPEG2000", no_jp2=True)
    with pytest.raises(ValueError, match="DICOM"):
        read_dicom(written(compressed(NOISE, JPEG2000Lossless, code[: len(code) // 4])))


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom says what it finds odd
@pytest.mark.parametrize("seed", range(60))
def test_broken_bytes_give_a_picture_or_one_refusal(seed):
    rng = np.random.default_rng(seed)
    data = bytearray(written(film(RAMP, WindowCenter=1000, WindowWidth=1000)))
    places = rng.integers(132, len(data), 1 + seed % 5)
    for place in places:
        data[place] = rng.integers(256)
    try:
        assert read_dicom(bytes(data)).mode == "L"
    except ValueError as error:
        assert str(error).startswith("DICOM: ") and "\n" not in str(error)


def test_a_film_is_told_by_its_content_whatever_the_file_is_called(tmp_path):
    path = tmp_path / "film.png"
    path.write_bytes(written(film(RAMP)))
    opened = FileImages([path]).open(0)
    assert (opened.mode, np.asarray(opened).tolist()) == ("L", [[0, 64, 128, 191, 255]])


def test_a_dicom_file_that_is_also_named_inverted_is_refused(tmp_path):
    path = tmp_path / "film.dcm"
    path.write_bytes(written(film(RAMP)))
    images = FileImages([path], photometric=["MONOCHROME1"])
    with pytest.raises(InputError, match="film.dcm.*says itself which way round it is"):
        images.open(0)


def test_no_patient_is_read(monkeypatch):
    read = []
    monkeypatch.setattr(
        dicom, "dcmread", lambda *one, **how: read.append(dcmread(*one, **how)) or read[0]
    )
    data = written(film(RAMP))
    assert NAME.encode() in data
    opened = dicom.read_dicom(data)
    assert "Rows" in read[0]
    assert not {"PatientName", "PatientID"} & set(read[0].dir())
    assert opened.info == {}
