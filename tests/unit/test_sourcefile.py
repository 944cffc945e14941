from __future__ import annotations

import multiprocessing
import os
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.sourcefile import Difference, SourceFiles, add, change, difference, listed, new_key, table
from monitor.errors import ConfigError, InputError
from monitor.model import Source

ODD = """\
# Albania

[[source]]   # the first
key = "al.a" # kept
name = 'A'
url = "https://a.al/feed"

# about b
[[ source ]]
  enabled  =  true   # since 2020
key='al.b'
name = "B"
url = "https://b.al/feed"
why = "it \\"works\\"" # seen


[[source]]
key = "al.c"
name = "C"
url = "https://c.al/feed\""""
A, B, C = (Source(f"al.{name}", name.upper(), f"https://{name}.al/feed", outlet=f"{name}.al") for name in "abc")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "AL.toml").write_bytes(ODD.encode())
    return tmp_path


def text(folder: Path) -> str:
    return (folder / "AL.toml").read_bytes().decode()


# In place


def test_a_value_is_changed_and_nothing_else(folder: Path) -> None:
    change(folder, "al.b", {"enabled": False, "why": 'a "b" \\ ë'})
    assert text(folder) == ODD.replace("  enabled  =  true   #", "  enabled  =  false   #").replace(
        '"it \\"works\\"" # seen', '"a \\"b\\" \\\\ ë" # seen'
    )


def test_a_value_that_is_missing_stands_below_its_table_and_above_the_next_ones_remarks(folder: Path) -> None:
    change(folder, "al.a", {"enabled": False})
    assert text(folder) == ODD.replace('feed"\n\n# about b', 'feed"\nenabled = false\n\n# about b')


def test_a_value_may_be_added_to_a_last_line_without_an_end(folder: Path) -> None:
    change(folder, "al.c", {"enabled": False})
    assert text(folder) == ODD + "\nenabled = false\n"


def test_line_ends_stay_as_they_are(folder: Path) -> None:
    (folder / "AL.toml").write_bytes(ODD.replace("\n", "\r\n").encode())
    change(folder, "al.a", {"enabled": False})
    add(folder, "AL.toml", [Source("al.d", "D", "https://d.al/feed", outlet="d.al")])
    assert text(folder).count("\n") == text(folder).count("\r\n")
    assert len(listed(folder)) == 4


@pytest.mark.parametrize(
    "written",
    [
        'source = [{key = "al.a", name = "A", url = "https://a.al/f"}]\n',  # no table of its own
        '[[source]]\n"key" = "al.a"\nname = "A"\nurl = "https://a.al/f"\n',
        '[[source]]\nkey = "al.a"\nname = "A"\nurl = "https://a.al/f"\nwhy = """\nlong\n[[source]]\n"""\n',
        '[[source]]\nkey = "al.a"\nname = "A"\nurl = "https://a.al/f"\nwhy = """x"""\n',
        '[[source]]\nname = """\nkey = "al.a"\n"""\nkey = "al.z"\nurl = "https://z.al/f"\n[[source]]\n\'key\'="al.a"\nname="A"\nurl="https://a.al/f"\n',
    ],
)
def test_a_form_that_cannot_be_edited_safely_is_left_alone(folder: Path, written: str) -> None:
    (folder / "AL.toml").write_text(written, encoding="utf-8")
    before = listed(folder)
    with pytest.raises(InputError, match=r"edit it by hand|would break the file"):
        change(folder, "al.a", {"why": "x"})
    assert text(folder) == written
    assert listed(folder) == before
    assert [path.name for path in folder.iterdir()] == ["AL.toml"]


@given(
    st.lists(st.sampled_from([A, B, C]), unique=True, min_size=1),
    st.dictionaries(st.sampled_from(["why", "name"]), st.text(st.characters(exclude_categories=["Cs"]), min_size=1)),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_text_can_be_written_and_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Source], values: dict[str, str], newline: str
) -> None:
    folder = tmp_path_factory.mktemp("sources")
    (folder / "AL.toml").write_bytes(f"{newline}".join(map(table, rows)).replace("\n", newline).encode())
    change(folder, rows[-1].key, values)
    found = next(each for each in listed(folder) if each.key == rows[-1].key)
    assert {name: getattr(found, name) for name in values} == values


def test_what_is_broken_already_is_not_edited(folder: Path) -> None:
    (folder / "XK.toml").write_text("[[source]]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="key: is missing"):
        change(folder, "al.a", {"enabled": False})
    with pytest.raises(ConfigError, match="key: is missing"):
        add(folder, "new.toml", [C])
    assert text(folder) == ODD
    assert not (folder / "new.toml").exists()


# Added


def test_sources_are_appended_whole(folder: Path) -> None:
    new = Source("xk.d", "D", "https://d.com/map", "sitemap", "*", "XK", "sq", False, "tried", "")
    links = Source("xk.e", "E", "https://e.com/", "links", "e.com", select="h2 > a")
    add(folder, "AL.toml", [new, links])
    assert text(folder).startswith(ODD + "\n")
    assert {new, links} < set(listed(folder))
    assert set(tomllib.loads(table(A))["source"][0]) == {"key", "name", "url"}


def test_a_folder_and_a_file_are_made(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "sources"
    assert listed(folder) == ()
    assert add(folder, "AL.toml", [A]) == folder / "AL.toml"
    assert listed(folder) == (A,)
    assert text(folder).startswith("# One table a source")


def test_a_source_that_would_break_the_list_is_not_written(folder: Path) -> None:
    for bad in (A, Source("al.z", "Z", "https://www.a.al/feed/", outlet="a.al"), Source("Z", "Z", "https://z.al/", outlet="z.al")):
        with pytest.raises(InputError, match="nothing was changed: "):
            add(folder, "XK.toml", [bad])
    assert not (folder / "XK.toml").exists()


def test_who_may_read_a_file_stays_and_a_link_stays_a_link(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    real = tmp_path_factory.mktemp("elsewhere") / "real.toml"
    (folder / "AL.toml").rename(real)
    real.chmod(0o640)
    (folder / "AL.toml").symlink_to(real)
    change(folder, "al.a", {"enabled": False})
    assert (folder / "AL.toml").is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert not listed(folder)[0].enabled


def test_a_folder_that_cannot_be_written_is_a_sentence() -> None:
    with pytest.raises(InputError, match=r"/proc/self/net.*: cannot be written \("):
        add(Path("/proc/self/net"), "AL.toml", [A])


def _adds(folder: Path, number: int) -> None:
    for at in range(5):
        add(folder, "AL.toml", [Source(f"al.n{number}-{at}", "N", f"https://n{number}.al/{at}", outlet=f"n{number}.al")])


def test_none_of_several_editors_at_once_loses_what_another_wrote(folder: Path) -> None:
    editors = [multiprocessing.get_context("fork").Process(target=_adds, args=(folder, number)) for number in range(4)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    assert len(listed(folder)) == 3 + 4 * 5


# Watched


def test_files_are_read_again_only_when_they_change(folder: Path) -> None:
    files = SourceFiles(folder)
    assert files.listed == (A, Source("al.b", "B", "https://b.al/feed", outlet="b.al", why='it "works"'), C)
    assert files.look() is None
    change(folder, "al.a", {"enabled": False})
    fresh = files.look()
    assert fresh is not None
    assert files.look() == fresh  # until it is taken for good
    files.accept(fresh)
    assert files.look() is None
    assert not files.listed[0].enabled


def test_broken_files_are_said_once_for_each_change(folder: Path) -> None:
    files = SourceFiles(folder)
    for broken in ("[[source]]", "[[source]]\nkey = 'x'"):
        (folder / "XK.toml").write_text(broken, encoding="utf-8")
        with pytest.raises(ConfigError, match=r"XK\.toml"):
            files.look()
        assert files.look() is None
    (folder / "XK.toml").unlink()
    assert files.look() is None
    assert len(files.listed) == 3


def test_a_corrected_permission_is_a_change(folder: Path) -> None:
    files = SourceFiles(folder)
    os.chmod(folder / "AL.toml", 0o600)  # noqa: PTH101
    assert files.look() is None  # it lists the same
    assert SourceFiles(folder).look() is None


def test_what_changed_is_counted() -> None:
    off, renamed = Source("al.a", "A", A.url, outlet="a.al", enabled=False), Source("al.b", "Other", B.url, outlet="b.al")
    assert difference((A, B), (off, renamed, C)) == Difference(added=1, disabled=1, changed=1)
    assert difference((off, B, C), (A, B)) == Difference(removed=1, enabled=1)
    assert difference((A, B), (B, A)) == Difference()


# Keys


@pytest.mark.parametrize(
    ("country", "url", "key"),
    [
        ("AL", "https://www.albeu.com/feed", "al.albeu"),
        (None, "https://feeds.bbc.co.uk/x", "int.feeds-bbc"),
        ("XK", "https://lajme.rtv21.tv/", "xk.lajme-rtv21"),
        ("AL", "http://10.0.0.1:8080/", "al.10-0-0-1"),
        ("AL", "http://localhost/", "al.localhost"),
        ("BG", "https://новини.бг/", "bg.xn-b1amarcd"),
        ("RS", "https://co.rs/", "rs.co"),
    ],
)
def test_a_key_is_made_of_country_and_site(country: str | None, url: str, key: str) -> None:
    assert new_key(country, url, set[str]().__contains__) == key
    assert new_key(country, url, {key, f"{key}-2"}.__contains__) == f"{key}-3"
