"""Published figures, met within what their own spread allows; whole tables are commands, not tests."""

import numpy as np
import pytest

from dmo import Evolve, cec2018, measure, run
from dmo.responses import Immigrants
from problems import synthetic

# Mean MIGD of DNSGA-II-A, n_t = tau_t = 10, N = 100, 30 changes.
# Source: the comparison in the paper of PFPA (2022), Table 2.
PUBLISHED = {"DF1": 0.0602, "DF2": 0.0429, "DF3": 0.2896, "DF4": 0.0754, "DF5": 0.0571, "DF6": 3.478}


@pytest.mark.parametrize("name", PUBLISHED)
def test_dnsga2_a_reaches_its_published_migd(name):
    options = {"DF4": {"variant": "report"}}.get(name, {})
    problem = getattr(synthetic, name)(**options)
    found = []
    for seed in range(20):
        result = run(problem, cec2018(), Evolve(response=Immigrants()), seed)
        found.append(measure(problem, result.answers, result.times).means["migd"])
    # Another processor rounds otherwise and so draws 20 other runs from the same distribution: two
    # standard errors of their mean are not a difference. DF5 is the only one near the limit, at 1.25.
    error = 2.0 * np.std(found, ddof=1) / np.sqrt(len(found))
    assert abs(np.mean(found) - PUBLISHED[name]) <= 0.25 * PUBLISHED[name] + error
