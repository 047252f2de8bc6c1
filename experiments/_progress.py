"""Progress bars that are also readable in a log file."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm


class Bar:
    """A bar of steps with the time left; bar(done, total, figures) moves it."""

    def __init__(self, title: str, unit: str) -> None:
        live = sys.stderr.isatty()
        self._bar: tqdm[Any] = tqdm(
            desc=title, unit=unit, mininterval=0.2 if live else 20.0, ascii=not live, dynamic_ncols=live
        )

    def __call__(self, done: int, total: int, figures: dict[str, Any] | None = None) -> None:
        self._bar.total = total
        if figures:
            shown = {k: f"{v:.3f}" if isinstance(v, float) else v for k, v in figures.items()}
            self._bar.set_postfix(shown, refresh=False)
        self._bar.update(done - self._bar.n)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()
