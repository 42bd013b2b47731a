"""What happens when the screen itself breaks: it ends quietly and the error is handed on.

Textual would print a traceback with local variables over the terminal. Here the command line tells
the error, typed, after the terminal is restored. Written for Textual 8.2, whose ``App`` has no
public door for this; to be removed when it gets one.
"""

from textual.app import App


class Breaking(App[int]):
    """An app that keeps the exception that ended it."""

    @property
    def broken_by(self) -> Exception | None:
        """What ended the app, or None when it was left in the ordinary way."""
        return self._exception

    def _handle_exception(self, error: Exception) -> None:
        if self.is_headless:
            super()._handle_exception(error)  # The pilot of a test raises it.
            return
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()
