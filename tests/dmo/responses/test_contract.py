"""Every response on every history at the edge: enough points, in the space, the same for the same seed."""

import numpy as np
import pytest
from histories import batch, edges, restart

import dmo.responses

RESPONSES = {
    name: cls()
    for name in dmo.responses.__all__
    if not getattr(cls := getattr(dmo.responses, name), "_is_protocol", False)
}
EDGES = edges()


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("name", RESPONSES)
def test_at_the_edge(name, edge):
    space, past = EDGES[edge]

    def evaluate(x):
        f = np.stack([x.sum(axis=1), -x[:, 0]], axis=1)
        f = np.c_[f, x[:, -1]] if space.n_obj == 3 else f
        return batch(x, f, np.repeat(x[:, :1] - 0.5, past.populations[-1].g.shape[1], axis=1))

    for n in (2, 4, 10, 25):
        first = restart(RESPONSES[name], past, space, n, 3, evaluate)
        again = restart(RESPONSES[name], past, space, n, 3, evaluate)
        assert len(first) >= n
        assert np.isfinite(first).all()
        assert space.contains(first).all()
        assert np.array_equal(first, again)
