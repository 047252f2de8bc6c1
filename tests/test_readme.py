"""What the README shows works as shown."""

import re
from pathlib import Path

from hydra import compose, initialize_config_dir

from dmo import Evolve
from dmo.check import check_searcher
from dmo.optimisers import NSGA2
from experiments.entry import CONF

TEXT = (Path(__file__).parents[1] / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = re.findall(r"python -m experiments\.(\w+) ?([^\n`|]*)", TEXT)


def test_five_lines_of_python(capsys):
    names: dict = {}
    exec(BLOCKS[0], names)
    assert float(capsys.readouterr().out) > 0.0


def test_a_response_of_ones_own():
    names: dict = {"__name__": "mine"}
    exec(BLOCKS[1], names)
    check_searcher(Evolve(NSGA2(10), names["Jitter"]()))


def test_every_command_composes():
    assert len(COMMANDS) >= 8
    for name, arguments in COMMANDS:
        overrides = [a.strip("'") for a in arguments.split() if a not in ("-m",) and "mine." not in a]
        overrides = [a.replace("glob(df*)", "df1").split(",")[0] for a in overrides]
        with initialize_config_dir(str(CONF), version_base="1.3"):
            compose(name, overrides)
