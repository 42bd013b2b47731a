"""The recognisers, in the order in which they may claim lines: the most telling shapes first."""

from hazui.diagnosis.recogniser import Recogniser
from hazui.diagnosis.recognisers import (
    arrow,
    causes,
    eslint,
    go_panic,
    java,
    js_tests,
    linker,
    located,
    make,
    node,
    npm,
    perl,
    php,
    plain,
    pytest_report,
    python_fatal,
    python_rich,
    python_traceback,
    ruby,
    ruby_report,
    rust_panic,
    sanitizer,
    shell,
    tap,
    unittest_report,
)

RECOGNISERS: tuple[Recogniser, ...] = (
    pytest_report.RECOGNISER,
    unittest_report.RECOGNISER,
    js_tests.RECOGNISER,
    tap.RECOGNISER,
    python_rich.RECOGNISER,
    python_fatal.RECOGNISER,
    python_traceback.RECOGNISER,
    ruby_report.RECOGNISER,
    ruby.RECOGNISER,
    php.RECOGNISER,
    perl.RECOGNISER,
    java.RECOGNISER,
    node.RECOGNISER,
    go_panic.RECOGNISER,
    rust_panic.RECOGNISER,
    sanitizer.RECOGNISER,
    arrow.RECOGNISER,
    linker.RECOGNISER,
    causes.RECOGNISER,
    make.RECOGNISER,
    eslint.RECOGNISER,
    located.RECOGNISER,
    shell.RECOGNISER,
    npm.RECOGNISER,
    plain.RECOGNISER,
)


def names() -> tuple[str, ...]:
    """What a task's ``matchers`` may list."""
    return tuple(recogniser.name for recogniser in RECOGNISERS)
