"""A file that was parsed before gives the same workspace, whatever became of the cache."""

import os
from pathlib import Path

import pytest

from hazui.config.load import Loaded, load
from hazui.config.locate import Location
from hazui.config.parse_cache import ENTRIES_MAX, SIZE_BYTES_MIN, ParseCache
from hazui.config.problems import Rejected

LARGE = "".join(
    f"[tasks.t{n}]\ncommand = ['x', 'é']\ninputs = ['a{n}', 'b/*']\ntimeout_s = 1.5\n"
    for n in range(SIZE_BYTES_MIN // 60)
)


def load_with(root: Path, text: str, cache: ParseCache | None) -> Loaded | Rejected:
    (root / "hazui.toml").write_text(text, "utf-8")
    return load(Location(root / "hazui.toml", root), environ={}, cache=cache)


def test_a_cached_load_gives_what_a_fresh_one_gives(tmp_path: Path) -> None:
    cache = ParseCache(tmp_path / "cache")
    fresh = load_with(tmp_path, LARGE, None)
    first = load_with(tmp_path, LARGE, cache)
    assert [entry.stat().st_mode & 0o777 for entry in [cache.directory]] == [0o700]
    assert len(list(cache.directory.iterdir())) == 1
    second = load_with(tmp_path, LARGE, cache)
    assert isinstance(fresh, Loaded)
    assert isinstance(first, Loaded)
    assert isinstance(second, Loaded)
    assert fresh.workspace == first.workspace == second.workspace


def test_the_cache_is_really_read(tmp_path: Path) -> None:
    cache = ParseCache(tmp_path / "cache")
    load_with(tmp_path, LARGE, cache)
    (entry,) = cache.directory.iterdir()
    entry.write_text('{"tasks": {"other": {"command": "x"}}}')
    result = load_with(tmp_path, LARGE, cache)
    assert isinstance(result, Loaded)
    assert [task.name for task in result.workspace.tasks] == ["other"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b"null"])
def test_a_damaged_entry_is_not_there(tmp_path: Path, damage: bytes) -> None:
    cache = ParseCache(tmp_path / "cache")
    fresh = load_with(tmp_path, LARGE, cache)
    (entry,) = cache.directory.iterdir()
    entry.write_bytes(damage)
    again = load_with(tmp_path, LARGE, cache)
    assert isinstance(fresh, Loaded)
    assert isinstance(again, Loaded)
    assert again.workspace == fresh.workspace


def test_a_small_file_is_not_kept(tmp_path: Path) -> None:
    cache = ParseCache(tmp_path / "cache")
    load_with(tmp_path, "[tasks.a]\ncommand = 'x'\n", cache)
    assert not cache.directory.exists()


def test_a_file_with_a_date_or_inf_is_parsed_each_time(tmp_path: Path) -> None:
    cache = ParseCache(tmp_path / "cache")
    for extra in ("x = 1979-05-27\n", "x = inf\n"):
        for _ in range(2):
            result = load_with(tmp_path, extra + LARGE, cache)
            assert isinstance(result, Rejected)
            assert [problem.code for problem in result.problems] == ["config.unknown_key"]
    assert not list(cache.directory.glob("*"))


def test_problems_are_the_same_with_positions(tmp_path: Path) -> None:
    cache = ParseCache(tmp_path / "cache")
    text = LARGE + "retries = -1\n"
    results = [load_with(tmp_path, text, cache) for _ in range(2)]
    places = []
    for result in results:
        assert isinstance(result, Rejected)
        places.append([(p.code, p.line, p.column, p.excerpt) for p in result.problems])
    assert places[0] == places[1]
    assert places[0][0][1] == text.count("\n")


def test_a_cache_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for directory in (tmp_path / "file", tmp_path / "no" / "such", tmp_path / "file" / "below"):
        assert isinstance(load_with(tmp_path, LARGE, ParseCache(directory)), Loaded)


def test_only_so_many_entries_are_kept(tmp_path: Path) -> None:
    cache = ParseCache(tmp_path / "cache")
    cache.directory.mkdir()
    for number in range(ENTRIES_MAX + 5):
        old = cache.directory / f"{number}.json"
        old.write_text("{}")
        os.utime(old, ns=(number, number))
    load_with(tmp_path, LARGE, cache)
    names = {entry.name for entry in cache.directory.iterdir()}
    assert len(names) == ENTRIES_MAX
    assert "0.json" not in names
    assert f"{ENTRIES_MAX + 4}.json" in names
