import pytest

from hazui.spool.style import PLAIN, SgrStyle
from hazui.spool.text import Run, cell_width, clean, parse_runs


def test_plain_text_is_one_run() -> None:
    assert parse_runs(b"hello world") == [Run("hello world", PLAIN)]
    assert parse_runs(b"") == []


@pytest.mark.parametrize(
    ("codes", "style"),
    [
        (b"31", SgrStyle(foreground=1)),
        (b"97", SgrStyle(foreground=15)),
        (b"42", SgrStyle(background=2)),
        (b"103", SgrStyle(background=11)),
        (b"1;3;4", SgrStyle(is_bold=True, is_italic=True, is_underlined=True)),
        (b"2;7;9", SgrStyle(is_dim=True, is_reversed=True, is_struck=True)),
        (b"38;5;208", SgrStyle(foreground=208)),
        (b"48;5;17;1", SgrStyle(background=17, is_bold=True)),
        (b"38;2;1;2;3", SgrStyle(foreground=(1, 2, 3))),
        (b"38:2::1:2:3", SgrStyle(foreground=(1, 2, 3))),
        (b"48:5:9", SgrStyle(background=9)),
        (b"4:3", SgrStyle(is_underlined=True)),
        (b"38;5;999", PLAIN),
        (b"38;2;1;2", PLAIN),
        (b"12345678901234567890", PLAIN),
        (b"1;0", PLAIN),
        (b"", PLAIN),
    ],
)
def test_sgr_codes_become_a_style(codes: bytes, style: SgrStyle) -> None:
    assert parse_runs(b"\x1b[" + codes + b"mx") == [Run("x", style)]


def test_each_attribute_can_be_taken_back() -> None:
    taken_back = b"\x1b[1;2;3;4;7;9;31;42m\x1b[22;23;24;27;29;39;49mx"
    assert parse_runs(taken_back) == [Run("x", PLAIN)]


def test_runs_of_one_style_are_joined() -> None:
    assert parse_runs(b"a\x1b[31mb\x1b[31mc\x1b[0md") == [
        Run("a", PLAIN),
        Run("bc", SgrStyle(foreground=1)),
        Run("d", PLAIN),
    ]


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x1b]0;new title\x07",
        b"\x1b]52;c;aGVsbG8=\x07",
        b"\x1b]2;t\x1b\\",
        b"\x1b[2J\x1b[H",
        b"\x1b[10;20H",
        b"\x1b[?1049h",
        b"\x1b[>4;1m",
        b"\x1bP+q544e\x1b\\",
        b"\x1b_Gf=100;AAAA\x1b\\",
        b"\x1bc",
        b"\x1b(0",
        b"\x07\x00\x7f",
        "\u009b".encode(),
        "\u202e\u2066".encode(),
    ],
)
def test_nothing_but_colour_reaches_the_screen(hostile: bytes) -> None:
    assert parse_runs(b"a" + hostile + b"b") == [Run("ab", PLAIN)]


def test_a_sequence_that_is_not_closed_hides_no_text() -> None:
    assert "after" in clean(b"\x1b]8;;http://x after")
    assert "after" in clean(b"\x1b[38;5 \x01 after")


def test_links_lead_to_the_web_or_into_the_workspace() -> None:
    def link(uri: str) -> str | None:
        return parse_runs(f"\x1b]8;id=1;{uri}\x1b\\x".encode(), "/home/me/ws")[0].style.link

    assert link("https://example.org/a;b") == "https://example.org/a;b"
    assert link("http://example.org") == "http://example.org"
    assert link("file:///home/me/ws/src/a.py") == "file:///home/me/ws/src/a.py"
    assert link("file:///home/me/ws/../secret") is None
    assert link("file:///home/me/ws/%2e%2e/secret") is None
    assert link("file:///etc/passwd") is None
    assert link("file:///home/me/ws2/a") is None
    assert link("javascript:alert(1)") is None
    assert link("vscode://open") is None
    assert link("https://[broken") is None
    assert link("https://a b") is None


def test_a_link_ends_where_it_is_closed() -> None:
    runs = parse_runs(b"\x1b]8;;https://e.org\x07in\x1b]8;;\x07out")
    assert runs == [Run("in", SgrStyle(link="https://e.org")), Run("out", PLAIN)]


def test_a_progress_bar_shows_its_last_state() -> None:
    assert clean(b" 10%\r 50%\r100%\r") == "100%"
    assert clean(b"windows\r") == "windows"
    assert parse_runs(b"\x1b[31mold\r\x1b[0mnew") == [Run("new", PLAIN)]
    assert clean(b"abc\x08\x08X") == "aX"


def test_tabs_end_at_every_eighth_column() -> None:
    assert clean(b"a\tb") == "a       b"
    assert clean(b"12345678\tb") == "12345678        b"
    assert clean("日本\tb".encode()) == "日本    b"


def test_bytes_that_are_not_utf8_are_shown_as_replacements() -> None:
    assert clean(b"a\xff\xfeb") == "a��b"
    assert clean("é".encode()[:1]) == "�"


def test_width_counts_columns() -> None:
    assert cell_width("abc") == 3
    assert cell_width("日本") == 4
    assert cell_width("e\u0301") == 1
