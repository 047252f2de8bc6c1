"""Every surrogate passes the public conformance kit, and the kit tells what breaks."""

from dataclasses import dataclass

import numpy as np
import pytest

from dmo.check import ConformanceError, check_surrogate
from surrogates.mlp import MLPEnsemble
from surrogates.ridge import Ridge


@pytest.mark.parametrize("surrogate", [Ridge(), MLPEnsemble()], ids=lambda s: type(s).__name__)
def test_ours_keep_the_contract(surrogate):
    check_surrogate(surrogate)


@dataclass(frozen=True)
class Constant:
    std: float = 1.0
    shift: float = 0.0

    def fit(self, x, y, rng):
        self_ = self

        class Fitted:
            def predict(self, z):
                mean = np.repeat(y.mean(axis=0)[None] + self_.shift * len(z), len(z), axis=0)
                return mean, np.full(mean.shape, self_.std)

        return Fitted()


@pytest.mark.parametrize(
    ("surrogate", "words"),
    [(Constant(), "errs by"), (Constant(std=-1.0), "negative"), (Constant(shift=1.0), "company")],
)
def test_the_kit_names_the_breach(surrogate, words):
    with pytest.raises(ConformanceError, match=words):
        check_surrogate(surrogate)
