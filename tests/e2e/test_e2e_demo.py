"""The demo: what a newcomer sees first."""

from pathlib import Path

import pytest

from tests.support.terminal import RESTORED, open_terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def test_the_demo_shows_every_state_and_a_chain_of_causes(tmp_path: Path) -> None:
    with open_terminal(tmp_path) as terminal:
        terminal.run("hazui demo")
        seen: set[str] = set()
        states = {
            *("idle      deploy", "errored   invoice", "skipped   report", "failed    test"),
            *("ready     web", "running   import-orders", "waiting   import-stock"),
            *("succeeded prices", "succeeded lint", "succeeded import-orders"),
        }

        def all_seen(shown: str) -> bool:
            seen.update(state for state in states if state in shown)
            return seen == states

        terminal.wait_for(all_seen)
        shown = terminal.screen()
        # The chain of the failed test: order, list, table; the root is the last link.
        terminal.keys("]")
        if "shop:test exit 1" not in terminal.wait_for(
            "errors \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
        ):
            terminal.keys("]")
        shown = terminal.wait_for("shop:test exit 1", "3 KeyError: 'pear'", "shop/prices.py:17")
        assert "CheckoutError" in shown
        assert "UnknownProduct" in shown
        terminal.keys("q")
        terminal.wait_for("still run")
        terminal.keys("Enter")
        assert terminal.exit_code() == 0
        assert terminal.modes() == RESTORED
        terminal.has_nothing_left()

        # The second time what succeeded comes from the cache.
        terminal.run("hazui demo")
        terminal.wait_for("cached    prices", "cached    lint", "failed    test")
        terminal.keys("q", "y")
        assert terminal.exit_code() == 0
        terminal.has_nothing_left()


def test_without_a_configuration_it_offers_a_start(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    with open_terminal(tmp_path) as terminal:
        terminal.run("hazui")
        terminal.wait_for("hazui init", "hazui demo", "i, d or Enter?")
        terminal.keys("Enter")
        assert terminal.exit_code() == 3
        terminal.run("hazui")
        terminal.wait_for(lambda shown: shown.count("i, d or Enter?") == 2)
        terminal.keys("i", "Enter")
        assert terminal.exit_code() == 0
        assert (tmp_path / "hazui.toml").is_file()
        terminal.run("hazui check")
        assert terminal.exit_code() == 0
