"""Progress bars that are also readable in a log file."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm


class Bar:
    """A bar of steps with the time left, drawn once bar(done, total, figures) moves it."""

    def __init__(self, title: str, unit: str) -> None:
        self._title, self._unit = title, unit
        self._bar: tqdm[Any] | None = None

    def __call__(self, done: int, total: int, figures: dict[str, Any] | None = None) -> None:
        if self._bar is None:
            live = sys.stderr.isatty()  # in a file: a line now and then
            interval = 0.2 if live else 20.0
            self._bar = tqdm(
                desc=self._title, total=total, unit=self._unit, mininterval=interval, ascii=not live
            )
        if figures:
            shown = {k: f"{v:.3f}" if isinstance(v, float) else v for k, v in figures.items()}
            self._bar.set_postfix(shown, refresh=False)
        self._bar.update(done - self._bar.n)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the bar as it is; others may follow."""
        if self._bar is not None:
            self._bar.close()
