"""The four forms of a reference."""

import pytest

from hazui.config.references import parse_reference
from hazui.domain.specs import ReferenceKind


@pytest.mark.parametrize(
    ("text", "kind", "scope", "task"),
    [
        ("build", ReferenceKind.SAME_PROJECT, "here", "build"),
        ("web:build", ReferenceKind.PROJECT, "web", "build"),
        ("^:build", ReferenceKind.EVERY_PROJECT, "", "build"),
        ("[front]:build", ReferenceKind.TAG, "front", "build"),
    ],
)
def test_each_form_is_read(text: str, kind: ReferenceKind, scope: str, task: str) -> None:
    reference = parse_reference(text, "here")
    assert (reference.text, reference.kind) == (text, kind)
    assert (reference.scope, reference.task) == (scope, task)
    assert not reference.streams


@pytest.mark.parametrize(
    "text",
    [
        *("", ":", "a:", ":a", "a:b:c", "^", "^:", "^a", "[]:a", "[a b]:c", "[a]b", "[a]:", "[a:b"),
        *(" a", "a ", "a b", "-a", "a\n", "ä", "*:a", "[a]:b\n", "^:a b"),
    ],
)
def test_anything_else_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r'^".*" is not a '):
        parse_reference(text.replace("\n", "!"), "here")
    with pytest.raises(ValueError, match="is not a "):
        parse_reference(text, "here")
