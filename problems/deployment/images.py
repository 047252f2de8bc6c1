"""Fashion-MNIST: found on disk or downloaded, checked, split and made into network inputs."""

from __future__ import annotations

import gzip
import hashlib
import os
import urllib.request
import zlib
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dmo.checks import at_least
from dmo.errors import DataError

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "dmo-lab" / "fashion-mnist"
MIRROR = "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"
SLICE = Path(__file__).parent / "data" / "fashion_slice.npz"

# SHA-256 of what the files unpack to: mirrors pack them differently.
FILES = {
    "train-images-idx3-ubyte.gz": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte.gz": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte.gz": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte.gz": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
VALIDATION = 5_000  # last training images: never trained on, used to choose; the test set only reports
TEST = 10_000
MEAN, STD = 0.2860, 0.3530


@dataclass(frozen=True)
class Images:
    """Grey images with labels. pixels: (n, 28, 28) uint8; labels: (n,) int64 in 0..9."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> Images:
        return Images(self.pixels[rows], self.labels[rows])


@dataclass(frozen=True)
class FashionMNIST:
    """train (55,000 images), validation (5,000, the last of the training file) and test (10,000)."""

    train: Images
    validation: Images
    test: Images


def load(
    path: str | Path | None = None,
    download: bool = False,
    validation: int = VALIDATION,
    test: int = TEST,
) -> FashionMNIST:
    """Read the whole data set from `path`, Debian's package or the download cache, in this order.

    download: fetch the files into the cache when they are nowhere else; validation, test: keep
    so many of these images, which makes accuracies of large networks cheaper to find. Raises DataError that
    names all three remedies when the data is absent, and the file when one is damaged.
    """
    for name, n in (("validation", validation), ("test", test)):
        at_least(name, n, 1)
    folder = _locate(path, download)
    raw = {name: _read(folder / name, sha256) for name, sha256 in FILES.items()}
    train = Images(*(_parse(raw[n]) for n in list(FILES)[:2]))  # type: ignore[arg-type]
    reports = Images(*(_parse(raw[n]) for n in list(FILES)[2:]))  # type: ignore[arg-type]
    return FashionMNIST(train[:-VALIDATION], train[-VALIDATION:][:validation], reports[:test])


def shipped_slice() -> Images:
    """200 test images that ship with the package, 20 of each class: for tests and demonstrations."""
    with np.load(SLICE, allow_pickle=False) as stored:
        return Images(stored["pixels"], stored["labels"].astype(np.int64))


def to_input(pixels: NDArray[np.uint8], resolution: int) -> NDArray[np.float32]:
    """Normalised network input (n, 1, resolution, resolution) from (n, 28, 28) pixels.

    Resized by bilinear interpolation with anti-aliasing, done by torch: the same in training,
    calibration and measurement.
    """
    import torch
    from torch.nn.functional import interpolate

    x = torch.from_numpy(pixels).unsqueeze(1).float().div_(255.0)
    if resolution != x.shape[-1]:
        x = interpolate(x, size=resolution, mode="bilinear", antialias=True, align_corners=False)
    return ((x - MEAN) / STD).numpy()


def _locate(path: str | Path | None, download: bool) -> Path:
    places = [Path(path).expanduser()] if path is not None else [DEBIAN, CACHE]
    for place in places:
        if all((place / name).is_file() for name in FILES):
            return place
    if download and path is None:
        return _download()
    raise DataError(
        f"Fashion-MNIST not found in {' or '.join(map(str, places))}; either install Debian's package "
        "(apt-get install dataset-fashion-mnist), or name a folder with its four .gz files "
        "(data.path=FOLDER), or let it be downloaded (data.download=true)"
    )


def _download() -> Path:
    CACHE.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        partial = CACHE / f"{name}.{os.getpid()}.part"
        try:
            with urllib.request.urlopen(MIRROR + name, timeout=60) as source:
                partial.write_bytes(source.read())
            _read(partial, FILES[name])
        except (OSError, HTTPException, DataError) as error:
            partial.unlink(missing_ok=True)
            raise DataError(
                f"cannot download {name} ({error}); either install Debian's package "
                "(apt-get install dataset-fashion-mnist) or name a folder with the files (data.path=FOLDER)"
            ) from error
        partial.replace(CACHE / name)
    return CACHE


def _read(file: Path, sha256: str) -> bytes:
    try:
        blob = gzip.decompress(file.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{file} is damaged ({error}); delete it and fetch it again") from error
    if hashlib.sha256(blob).hexdigest() != sha256:
        raise DataError(f"{file} is not Fashion-MNIST's; delete it and fetch it again")
    return blob


def _parse(blob: bytes) -> NDArray[np.uint8] | NDArray[np.int64]:
    rank = blob[3]
    shape = np.frombuffer(blob, ">i4", rank, 4)
    values = np.frombuffer(blob, np.uint8, -1, 4 + 4 * rank).reshape(shape)
    return values.copy() if rank == 3 else values.astype(np.int64)
