"""The process room's instruments for one session, together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from hazui.process.platform import Platform, detect
from hazui.process.signals import prepare_signals
from hazui.process.spawn import ProcessSpawner
from hazui.process.subreaper import enable_subreaper
from hazui.process.sweep import Sweeper


@dataclass(frozen=True, slots=True)
class Processes:
    """What starts children and what ends what they leave."""

    platform: Platform
    spawner: ProcessSpawner
    sweeper: Sweeper

    @classmethod
    def detect(cls, environ: Mapping[str, str]) -> Self:
        """With what this system offers; orphans come to us from now on, where that can be had."""
        prepare_signals()
        return cls.on(enable_subreaper(detect(environ)))

    @classmethod
    def on(cls, platform: Platform) -> Self:
        """With the given accelerators."""
        spawner = ProcessSpawner(platform)
        return cls(platform, spawner, Sweeper(spawner))
