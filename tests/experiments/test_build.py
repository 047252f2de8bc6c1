"""A configuration names components, nothing else that can be imported."""

import pytest
from omegaconf import OmegaConf

from dmo import Schedule
from dmo.errors import DmoError
from experiments.entry import build


@pytest.mark.parametrize(
    "target", ["os.system", "subprocess.Popen", "builtins.eval", "shutil.rmtree", "importlib.import_module"]
)
def test_what_is_no_component_is_never_called(target, tmp_path):
    for node in ({"_target_": target, "_args_": ["touch " + str(tmp_path / "called")]},):
        for nested in (
            node,
            {"_target_": "dmo.Evolve", "optimiser": node},
            {"_target_": "dmo.fixed", "evals": [node]},
        ):
            with pytest.raises(DmoError, match="_target_: expected a dataclass"):
                build(OmegaConf.create(nested))
    assert not list(tmp_path.iterdir())


def test_a_target_that_is_missing_is_named():
    with pytest.raises(DmoError, match=r"_target_: 'nowhere\.Nothing' cannot be imported"):
        build(OmegaConf.create({"_target_": "nowhere.Nothing"}))


def test_components_are_built():
    assert isinstance(build(OmegaConf.create({"_target_": "dmo.fixed", "evals": 5})), Schedule)
