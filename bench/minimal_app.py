"""The least that Textual can show: what start-up and memory of the screen are compared with."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class MinimalApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("the first frame")


if __name__ == "__main__":
    MinimalApp().run()
