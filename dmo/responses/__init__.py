"""Change responses: one file each."""

from dmo.responses.hypermutation import Hypermutation
from dmo.responses.immigrants import Immigrants
from dmo.responses.none import NoResponse
from dmo.responses.protocol import Response
from dmo.responses.restart import Restart

__all__ = ["Hypermutation", "Immigrants", "NoResponse", "Response", "Restart"]
