"""From the files of a configuration folder to the compiled lexicon."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.detect import files, languages
from monitor.detect.files import DetectionFile
from monitor.detect.lexicon import Lexicon, Weights, country_names
from monitor.detect.register import Register, read_actors, read_places
from monitor.detect.terms import forget
from monitor.errors import ConfigError


def load_lexicon(folder: Path) -> Lexicon:
    """Reads `detection.toml`, `lexicon/`, `institutions/`, `actors.toml`, `places.csv`. Raises `ConfigError` with all problems."""
    with _uncollected():
        return _load(folder)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage is collected meanwhile: all that is made is to stay, and looking through it again and again takes a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _load(folder: Path) -> Lexicon:
    problems: list[str] = []
    detection = files.read(folder / "detection.toml", DetectionFile, problems)
    places, towns = read_places(folder / "places.csv", problems)
    spoken, speakers = languages.read(folder / "lexicon", towns, problems)
    register = Register()
    for path in sorted((folder / "institutions").glob("*.toml")):
        register.read(path, problems)
    actors = read_actors(folder / "actors.toml", problems)
    forget()
    if problems or detection is None:
        raise ConfigError(problems)
    return Lexicon(
        watched=frozenset(detection.watched),
        suspects=frozenset(detection.suspects),
        weights=Weights(detection.threshold, detection.bias, detection.weights),
        prior=Weights(detection.threshold, detection.prior_bias, detection.prior),
        strength=detection.strength,
        languages=spoken,
        scripts={name: language.script for name, language in spoken.items()},
        speakers=speakers,
        spoken=detection.spoken,
        home_of=detection.home,
        aliases=register.aliases,
        local=dict(register.local),
        acronyms={name: tuple(found) for name, found in register.acronyms.items()},
        by_name=register.by_name,
        places=places,
        actors=actors,
        country_names=country_names(),
    )


def check_lexicon(folder: Path) -> None:
    """Raises `ConfigError` with all problems if the files of detection cannot be used, and keeps nothing."""
    load_lexicon(folder)
