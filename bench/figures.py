"""What a run measured: figures by name, printed for people and written for `bench.targets`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.running import ROOT

RUN = ROOT / "artifacts/bench/archives.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """`said`: what it was made of, for people."""

    value: float
    unit: str
    said: str


Figures = Mapping[str, Figure]


def show(figures: Figures) -> None:
    for name, figure in figures.items():
        print(f"  {name:16}{figure.value:9,.2f} {figure.unit:3} {figure.said}".rstrip())


def write(figures: Figures, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({name: figure.value for name, figure in figures.items()}, indent=2) + "\n")


def read(file: Path) -> Mapping[str, float]:
    """The values that `write` wrote."""
    values: dict[str, float] = json.loads(file.read_text())
    return values
