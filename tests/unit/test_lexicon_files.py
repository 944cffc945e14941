"""A slip of the pen in a file of detection is a sentence with file and place; all of them are told at once."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from monitor.detect.files import with_weights
from monitor.detect.load import load_lexicon
from monitor.detect.match import words
from monitor.errors import ConfigError
from monitor.settings import default_folder
from monitor.text.fold import tokens


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration with two lexicons and one register, small enough to load quickly."""
    whole = default_folder({})
    for name in ("lexicon", "institutions"):
        (tmp_path / name).mkdir()
    for name in ("detection.toml", "actors.toml", "lexicon/en.toml", "lexicon/sq.toml", "institutions/AL.toml"):
        shutil.copy(whole / name, tmp_path / name)
    shutil.copy(whole / "places.csv", tmp_path / "places.csv")
    return tmp_path


def problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_lexicon(folder)
    return caught.value.problems


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_a_small_configuration_loads(folder: Path) -> None:
    assert set(load_lexicon(folder).languages) == {"en", "sq"}


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("institutions/AL.toml", '\n[[institution]]\nsector = "bank"\n', "institution."),
        ("institutions/AL.toml", '\n[[institution]]\nname = "X"\nsector = "banc"\n', "'banc' is no sector; did you mean 'bank'?"),
        ("institutions/AL.toml", '\n[[institution]]\nname = "X"\nsector = "bank"\nalias = ["Y"]\n', "Extra inputs are not permitted"),
        ("institutions/AL.toml", '\n[[institution]]\nname = "X"\nsector = "bank"\naliases = ["*"]\n', "is not a word, stem* or stem*3"),
        ("lexicon/sq.toml", '\n[[generic]]\nnoun = ["spital*3"]\nsector = "hospital"\n', ".en: Field required"),
        ("lexicon/sq.toml", "\n[concepts.atack]\n", "concepts.atack"),
        ("detection.toml", "\n[homes]\n", "did you mean 'home'?"),
        ("actors.toml", '\n[[actor]]\naliases = ["X"]\n', ".name: Field required"),
        ("places.csv", "AL,Nowhere,many,\n", "expected country,name,population,other names"),
        ("places.csv", f"AL,{'x' * 200_000},1,\n", "expected country,name,population,other names"),
        ("lexicon/sq.toml", "\n[broken\n", "sq.toml"),
    ],
)
def test_each_slip_is_named_with_its_file(folder: Path, file: str, text: str, sentence: str) -> None:
    append(folder / file, text)
    found = problems(folder)
    assert any(Path(file).name in problem and sentence in problem for problem in found), found


@pytest.mark.parametrize("en", ["Municipality", "Municipality of {town}", "Municipality of {place", "{place} {0}"])
def test_a_pattern_that_no_place_can_be_put_into_is_refused(folder: Path, en: str) -> None:
    append(folder / "lexicon" / "sq.toml", f'\n[[generic]]\nnoun = ["spital*3"]\nsector = "hospital"\nen = "{en}"\n')
    (problem,) = problems(folder)
    assert problem.endswith(f".en: expected a name with {{place}} in it, and no other braces; got {en!r}")


@pytest.mark.parametrize(
    ("key", "value"),
    [("threshold", "0.0"), ("threshold", "1.0"), ("threshold", "nan"), ("bias", "nan"), ("bias", "-inf"), ("strength", "inf")],
)
def test_a_number_that_cannot_be_reckoned_with_is_refused(folder: Path, key: str, value: str) -> None:
    path = folder / "detection.toml"
    text = re.sub(rf"(?m)^{key} = \S+", f"{key} = {value}", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    (problem,) = problems(folder)
    assert problem.startswith(f"{path}: {key}: Input should be ")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('bias = 1.0\n[weights]\n"a" = 1\n\n# of b\n[b]\n', 'bias = -2.50\n[weights]\n"cyber.title" = 1.20\n\n# of b\n[b]\n'),
        ('bias=1 # why\n[ weights ] # fitted\n"a" = 1\n', 'bias=-2.50 # why\n[ weights ] # fitted\n"cyber.title" = 1.20\n'),
        ("  bias = 1\n  [weights]\n  a = 1\n  [b]\nc = 1\n", '  bias = -2.50\n  [weights]\n"cyber.title" = 1.20\n  [b]\nc = 1\n'),
    ],
)
def test_weights_are_written_however_the_file_is_laid_out(written: str, expected: str) -> None:
    made = with_weights(written, -2.5, {"cyber.title": 1.2})
    assert made == expected
    table = tomllib.loads(made)
    assert (table["bias"], table["weights"]) == (-2.5, {"cyber.title": 1.2})


@pytest.mark.parametrize("written", ['"bias" = 1.0\n[weights]\na = 1\n', "bias = 1.0\nweights = {a = 1}\n", "bias = 1.0\nweights.a = 1\n"])
def test_weights_are_not_said_to_be_written_where_they_cannot_be(written: str) -> None:
    assert tomllib.loads(written)["weights"] == {"a": 1}
    with pytest.raises(ValueError, match="expected one line"):
        with_weights(written, -2.5, {"cyber.title": 1.2})


def test_a_bad_term_is_named_with_its_line(folder: Path) -> None:
    path = folder / "lexicon" / "sq.toml"
    text = path.read_text(encoding="utf-8").replace("[concepts]\n", '[concepts]\nofficial_x = ["sulm* .."]\n', 1)
    path.write_text(text, encoding="utf-8")
    line = text.splitlines().index('official_x = ["sulm* .."]') + 1
    assert any(f"sq.toml:{line}: concepts.official_x: not known; did you mean 'official'?" in problem for problem in problems(folder))


def test_all_problems_are_told_at_once(folder: Path) -> None:
    append(folder / "actors.toml", '\n[[actor]]\naliases = ["X"]\n')
    append(folder / "places.csv", "AL\n")
    (folder / "institutions" / "AL.toml").write_text('country = "AL"\n', encoding="utf-8")
    assert len({problem.split(":")[0] for problem in problems(folder)}) == 3


@pytest.mark.parametrize("file", ["detection.toml", "actors.toml", "places.csv", "lexicon"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    path = folder / file
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert any(file in problem for problem in problems(folder))


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A configuration whose one lexicon and one register each test writes itself."""
    for name in ("lexicon", "institutions"):
        (tmp_path / name).mkdir()
    for name in ("detection.toml", "actors.toml"):
        shutil.copy(default_folder({}) / name, tmp_path / name)
    (tmp_path / "places.csv").write_text("country,name,population,other_names\n", encoding="utf-8")
    return tmp_path


def write_lexicon(folder: Path, *lines: str) -> None:
    head = ('language = "sq"', 'name = "Albanian"', 'script = "Latn"', 'function_words = ["dhe"]')
    (folder / "lexicon" / "sq.toml").write_text("\n".join((*head, *lines)), encoding="utf-8")


def found(folder: Path, text: str) -> list[str]:
    return [hit.term for hit in load_lexicon(folder).languages["sq"].concepts.hits(words(tokens(text)))]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            ("[concepts]", 'attack = ["haker*",', '"sulm", ', '"haker*"]'),
            "sq.toml:8: concepts.attack: 'haker*' stands there twice",
        ),
        (
            ("[concepts]", 'official = ["tha", "tha"]'),
            "sq.toml:6: concepts.official: 'tha' stands there twice",
        ),
        (
            ("[concepts]", 'attack = ["haker*",', '"sulm", "hakerët"]'),
            "sq.toml:7: concepts.attack: 'hakerët' is shadowed by 'haker*', which finds all that it finds",
        ),
        (
            ("[concepts]", 'policy = ["hartim* .. ligj*3",', '"hartimi .. ligjit"]'),
            "sq.toml:7: concepts.policy: 'hartimi .. ligjit' is shadowed by 'hartim* .. ligj*3', which finds all that it finds",
        ),
        (
            ('false_friends = ["hekur"]', "[concepts]", "attack = [", '"hek*"]'),
            "sq.toml:8: concepts.attack: 'hek*' would match 'hekur', a false friend",
        ),
        (
            ('false_friends = ["Hekurë"]', "[concepts]", 'ransomware = ["a", "sulm|hek*"]'),
            "sq.toml:7: concepts.ransomware: 'sulm|hek*' would match 'Hekurë', a false friend",
        ),
        (
            ("[concepts]", 'attack = ["haker*", "sulm"]', 'sport = ["gol",', '"sulm"]'),
            "sq.toml:8: 'sulm' stands under attack and under sport, which say the opposite",
        ),
        (
            ("[concepts]", 'attack = ["haker*",', '"~sulm"]'),
            "sq.toml:7: '~sulm' has nothing on one side of a | or ~",
        ),
        (
            ("[concepts]", 'official = ["tha",', '"|"]'),
            "sq.toml:7: '|' has nothing on one side of a | or ~",
        ),
    ],
)
def test_a_lexicon_that_says_too_much_or_the_opposite_is_refused(tiny: Path, lines: tuple[str, ...], problem: str) -> None:
    write_lexicon(tiny, *lines)
    assert problems(tiny) == [f"{tiny / 'lexicon'}/{problem}"]


@pytest.mark.parametrize(
    "lines",
    [
        ("[concepts]", 'attack = ["haker*"]', 'strike = ["haker*"]'),  # of two concepts that do not say the opposite
        ("[concepts]", 'attack = ["haker*2", "hakerimit"]'),  # longer than the ending may be
        ("[concepts]", 'attack = ["sulm* kibernetik*", "sulm*"]'),
        ('false_friends = ["hekur"]', "[concepts]", 'strike = ["hek*"]'),  # no word of attack on its own
        ('false_friends = ["hekur"]', "[concepts]", 'attack = ["hek* server*"]'),
    ],
)
def test_a_lexicon_that_only_looks_so_is_taken(tiny: Path, lines: tuple[str, ...]) -> None:
    write_lexicon(tiny, *lines)
    assert set(load_lexicon(tiny).languages) == {"sq"}


def write_register(folder: Path, *lines: str) -> None:
    write_lexicon(folder, "[concepts]")
    (folder / "institutions" / "AL.toml").write_text("\n".join(('country = "AL"', *lines)), encoding="utf-8")


ONE_BANK = ("[[institution]]", 'name = "One Bank"', 'sector = "bank"', 'aliases = ["Banka e Parë", "Banka"]')


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            ("[[institution]]", 'name = "Other Bank"', 'sector = "bank"', "aliases = [", '"Banka"]'),
            "AL.toml:10: 'Banka' names both 'One Bank' and 'Other Bank'",
        ),
        (
            ("[[institution]]", 'name = "Banka e Parë"', 'sector = "bank"'),
            "AL.toml:7: 'Banka e Parë' names both 'One Bank' and 'Banka e Parë'",
        ),
    ],
)
def test_a_name_of_two_institutions_of_one_register_is_refused(tiny: Path, lines: tuple[str, ...], problem: str) -> None:
    write_register(tiny, *ONE_BANK, *lines)
    assert problems(tiny) == [f"{tiny / 'institutions'}/{problem}"]


def test_a_name_of_institutions_of_two_registers_is_taken(tiny: Path) -> None:
    write_register(tiny, *ONE_BANK)
    other = "\n".join(('country = "XK"', *ONE_BANK))
    (tiny / "institutions" / "XK.toml").write_text(other, encoding="utf-8")
    both = load_lexicon(tiny).aliases.hits(words(tokens("Banka e Parë")))
    assert {(hit.term, hit.value.institution.victim.country) for hit in both if hit.last == 2} == {
        ("Banka e Parë", "AL"),
        ("Banka e Parë", "XK"),
    }


ATTACK = ("[concepts]", 'attack = ["kibernetik*", "administrator*"]', 'outage = ["mirëmbajtj*"]')


def test_only_the_stems_listed_as_misspelt_are_found_with_a_slip_and_only_of_attack(tiny: Path) -> None:
    said = "kibrenetik kibernettike administrtaor mirëmbatjje"
    write_lexicon(tiny, *ATTACK)
    assert found(tiny, said) == []
    write_lexicon(tiny, 'misspelt = ["kibernetik", "mirëmbajtj"]', *ATTACK)
    assert found(tiny, said) == ["kibernetik*", "kibernetik*"]
    write_lexicon(tiny, 'misspelt = ["kiber", "admin"]', *ATTACK)
    assert found(tiny, said) == ["kibernetik*", "kibernetik*", "administrator*"]


def test_a_false_friend_is_never_read_as_misspelt(tiny: Path) -> None:
    slips = ("kibernetin", "Kibernetín", "кибернетин")
    write_lexicon(tiny, 'misspelt = ["kiber"]', *ATTACK)
    assert [found(tiny, slip) for slip in slips] == [["kibernetik*"]] * 3
    write_lexicon(tiny, 'misspelt = ["kiber"]', 'false_friends = ["Kibernetin"]', *ATTACK)
    assert [found(tiny, slip) for slip in slips] == [[]] * 3
    assert found(tiny, "kibernetki") == ["kibernetik*"]
