"""Key and explanation come from one walk: equal keys are equal texts, and a diff is never empty."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from hazui.cache.explain import differences
from hazui.cache.manifest import (
    Action,
    FileItem,
    ServiceItem,
    StreamItem,
    describe,
    escaped,
    hash_action,
    unescaped,
)
from hazui.domain.ids import ActionKey, Digest
from hazui.domain.paths import CanonicalPath

SECRET = b"k" * 32

# Few and nasty: separators of both walks, bytes that are no UTF-8, texts that join to each other.
texts = st.sampled_from(
    ["", "a", "b", "ab", "a\tb", "a\nb", "1:a", "a\0b", "\\", "\\t", "ü", "\udce9", "=", "A=1"]
)
names = st.sampled_from(["A", "B", "AB"])
digests = st.sampled_from([Digest("1" * 64), Digest("2" * 64)])
files = st.builds(FileItem, texts.map(CanonicalPath), digests, st.booleans())
sorted_files = st.lists(files, max_size=3).map(lambda items: tuple(sorted(set(items))))
env = st.dictionaries(names, st.none() | texts, max_size=2).map(lambda d: tuple(sorted(d.items())))
actions = st.builds(
    Action,
    hash_name=st.just("blake3"),
    command=texts | st.lists(texts, max_size=3).map(tuple),
    shell=st.sampled_from(["sh", "bash"]),
    arguments=st.lists(texts, max_size=2).map(tuple),
    env=env,
    cwd=texts.map(CanonicalPath),
    tty=st.booleans(),
    output_patterns=st.lists(texts, max_size=2).map(tuple),
    platform=st.just("linux"),
    inputs=sorted_files,
    dependency_outputs=sorted_files,
    dependency_streams=st.lists(st.builds(StreamItem, texts, digests, digests), max_size=1).map(
        tuple
    ),
    services=st.lists(
        st.builds(ServiceItem, texts, digests.map(lambda d: ActionKey(str(d)))), max_size=1
    ).map(tuple),
)


def normal(action: Action) -> Action:
    """An argv has no shell."""
    return action if isinstance(action.command, str) else replace(action, shell="")


@given(actions, actions)
@settings(max_examples=150)
def test_keys_are_equal_if_and_only_if_texts_are(one: Action, two: Action) -> None:
    is_same_key = hash_action(one) == hash_action(two)
    is_same_text = describe(one, SECRET) == describe(two, SECRET)
    assert is_same_key == is_same_text == (normal(one) == normal(two))


PARTS = sorted(set(Action.__slots__) - {"hash_name", "platform", "shell"})


@given(actions, actions, st.sampled_from(PARTS))
@settings(max_examples=150)
def test_one_part_taken_from_another_action_is_seen_by_both(
    one: Action, two: Action, part: str
) -> None:
    mixed = replace(one, **{part: getattr(two, part)})
    is_same = normal(mixed) == normal(one)
    assert (hash_action(mixed) == hash_action(one)) == is_same
    assert (describe(mixed, SECRET) == describe(one, SECRET)) == is_same
    facts, omitted = differences(describe(one, SECRET), describe(mixed, SECRET))
    assert bool(facts or omitted) == (not is_same)


@given(st.text(st.characters()), st.text())
def test_escaping_is_one_line_of_ascii_and_is_undone(one: str, two: str) -> None:
    for text in (one, two):
        line = escaped(text)
        assert line.isascii()
        assert line.isprintable()
        assert unescaped(line) == text
    assert (escaped(one) == escaped(two)) == (one == two)
