"""Write files whole: a reader finds the old one or the new one, never a part."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What reading a file that is damaged, or was made to do harm, may raise: numpy archives are zip files,
# and a header may ask for more memory than there is.
UNREADABLE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def reason(error: BaseException) -> str:
    """Why a file could not be read, in one line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, KeyError):
        return f"it has no {text}"
    # What numpy says of anything that is no archive, with advice that is no good.
    return "it is no numpy archive" if "allow_pickle" in text else text


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """A path beside `file` to write to; it takes the file's name when the block ends without an error.

    The folder is made where it is missing. Processes that write the same file do not meet: the
    last one to finish stays.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{os.getpid()}-{file.name}")
    try:
        yield partial
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
