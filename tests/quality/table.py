"""The README's table of how good detection is: made from the figures, and held against them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
_START, _END = "<!-- quality -->\n", "<!-- end of quality -->"
_MEANINGS = {
    "dev": "dev: real reports re-told, always in sight",
    "second": "second: written blind, then learned from",
    "third": "third: written blind, hardly looked at since",
    "fourth": "fourth: oblique tellings, learned from",
    "fifth": "fifth: like real news, **written blind and never looked at**",
    "sixth": "sixth: like real news, learned from",
    "seventh": "seventh: oblique tellings, **written blind and never looked at**",
    "knots-a": "knots-a: hard to gather into stories, learned from",
    "knots-c": "knots-c: hard to gather into stories, learned from",
    "knots-b": "knots-b: hard to gather into stories, **written blind and never looked at**",
    "newsroom": "the demo's newsroom",
}


def markdown(found: Mapping[str, Mapping[str, float]]) -> str:
    """All figures as Markdown, to two places."""
    return "\n".join(
        (
            "| articles | flagging F1 | stories B-cubed F1 | pairs in one story that tell one incident | stories an incident |",
            "|---|---|---|---|---|",
            *(f"| {meaning} | {_of_set(found[name])} |" for name, meaning in _MEANINGS.items()),
            f"| dev by `monitor assess`, line by line | | {_stories(found['assessed'])} |",
            "",
            "| on dev | |",
            "|---|---|",
            f"| flagging F1, weights fitted without the incident | {found['unseen']['overall']:.2f} |",
            *(f"| {name} F1 | {found['dev'][name]:.2f} |" for name in ("countries", "victims", "actors")),
            *(f"| {name} right | {found['dev'][name]:.2f} |" for name in ("attack", "kind")),
            "",
            f"| language | {' | '.join(found['languages'])} |",
            f"|---|{'---|' * len(found['languages'])}",
            f"| F1 on all sets | {' | '.join(f'{value:.2f}' for value in found['languages'].values())} |",
            f"| F1 on dev, incident unseen | {' | '.join(_unseen(found, lang) for lang in found['languages'])} |",
            "",
            f"Flagged wrongly: {1 - found['ordinary']['unflagged']:.2%} of ordinary articles, {1 - found['everyday']['unflagged']:.2%} of "
            "articles written so that they use the words of attack in their everyday sense.",
        )
    )


def _of_set(figures: Mapping[str, float]) -> str:
    return f"{figures['flagging']:.2f} | {_stories(figures)}"


def _stories(figures: Mapping[str, float]) -> str:
    return " | ".join(f"{value:.2f}" for value in (figures["stories"], figures["pairs"], 1 / figures["unsplit"]))


def _unseen(found: Mapping[str, Mapping[str, float]], lang: str) -> str:
    return f"{found['unseen'][lang]:.2f}" if lang in found["unseen"] else "–"


def stands_in_readme(found: Mapping[str, Mapping[str, float]]) -> bool:
    return f"{_START}{markdown(found)}\n{_END}" in README.read_text(encoding="utf-8")


def write(found: Mapping[str, Mapping[str, float]]) -> None:
    """Puts the table between its marks in the README."""
    text = README.read_text(encoding="utf-8")
    start, end = text.index(_START), text.index(_END)
    README.write_text(f"{text[:start]}{_START}{markdown(found)}\n{text[end:]}", encoding="utf-8")
