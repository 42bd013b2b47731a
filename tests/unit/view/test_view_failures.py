"""The list of failures: order, folding, chains, reports and the summary."""

from hazui.domain.links import Diagnosis, Link
from hazui.errors.record import ErrorRecord
from hazui.protocol import events
from hazui.protocol.events import Event
from hazui.protocol.values import Phase
from hazui.view.chain import LINKS_MAX
from hazui.view.failures import failures_of
from hazui.view.models import SessionView
from hazui.view.reduce import reduce_batch
from hazui.view.report import chain_lines, link_text, report, reproducer
from hazui.view.summary import headline, summary
from tests.support import scenes


def after(*found: Event | float) -> SessionView:
    return reduce_batch(SessionView(), scenes.stamped(found))


def failed(task: str = "api:test", diagnosis: Diagnosis | None = scenes.CART_CHAIN) -> list[Event]:
    return [*scenes.started(task), scenes.finished(task, code=1, diagnosis=diagnosis)]


def errored(error: ErrorRecord, task: str = "lib:gen") -> Event:
    return events.TaskErrored(task=task, turn=1, phase=Phase.STORE, error=error)


def test_a_failed_task_leads_over_its_links_to_the_root() -> None:
    (failure,) = failures_of(after(*failed()))
    assert [link.number for link in failure.chain] == [0, 1, 2]
    assert failure.chain[0].message == "api:test exit 1"
    assert failure.root.title == "KeyError: 'price'"
    assert failure.root.place == "src/cart.py:8"
    assert failure.title == "KeyError: 'price'"


def test_without_a_diagnosis_the_exit_status_is_the_root() -> None:
    (failure,) = failures_of(after(*failed(diagnosis=None)))
    assert failure.root.number == 0
    assert failure.title == "exit 1"


def test_an_errored_task_leads_over_its_sources_to_the_root() -> None:
    (failure,) = failures_of(after(errored(scenes.no_space())))
    assert [link.code for link in failure.chain] == [
        None,
        "run_task.store_failed",
        "store.io",
        "fs.no_space",
    ]
    assert failure.root.file == "/shop/.hazui/cache/cas/ab"
    assert failure.group == "errored"


def test_a_group_names_its_members_and_its_first_one_is_the_root() -> None:
    leaf = ErrorRecord(code="a.leaf", message="leaf", type="Leaf")
    other = ErrorRecord(code="a.other", message="other", type="Other")
    middle = ErrorRecord(code="a.mid", message="mid", type="Mid", source=leaf)
    group = ErrorRecord(code="a.group", message="2 errors", type="G", members=(middle, other))
    (failure,) = failures_of(after(errored(group)))
    assert [(link.code, link.relation, link.depth) for link in failure.chain[1:]] == [
        ("a.group", None, 0),
        ("a.mid", "member", 1),
        ("a.leaf", "caused_by", 1),
        ("a.other", "member", 1),
    ]
    assert failure.root.code == "a.leaf"


def test_a_single_member_is_not_a_branch() -> None:
    leaf = ErrorRecord(code="a.leaf", message="leaf", type="Leaf")
    group = ErrorRecord(code="a.group", message="1 error", type="G", members=(leaf,))
    (failure,) = failures_of(after(errored(group)))
    assert failure.root.depth == 0


def test_an_endless_chain_is_cut_and_counted() -> None:
    record = ErrorRecord(code="a.end", message="end", type="End")
    for number in range(LINKS_MAX + 20):
        record = ErrorRecord(code="a.step", message=str(number), type="S", source=record)
    (failure,) = failures_of(after(errored(record)))
    assert len(failure.chain) == LINKS_MAX + 1
    assert failure.omitted_links == 21


def test_skipped_tasks_are_folded_into_the_failure_at_their_root() -> None:
    state = after(
        *failed(), scenes.skipped("e2e:all", "api:test"), scenes.skipped("deploy:x", "api:test")
    )
    (failure,) = failures_of(state)
    assert failure.skipped == ("deploy:x", "e2e:all")


def test_the_same_root_in_two_tasks_is_one_failure() -> None:
    (failure,) = failures_of(after(*failed("api:test"), *failed("web:test")))
    assert failure.task == "api:test"
    assert failure.also == ("web:test",)


def test_each_distinct_error_of_a_task_is_a_failure() -> None:
    links = tuple(
        Link(type="E", message=f"m{i}", file="a.c", line=i, stream="stderr") for i in (1, 2, 2)
    )
    found = failures_of(after(*failed(diagnosis=Diagnosis(chain=(links[0],), errors=links))))
    assert [failure.title for failure in found] == ["E: m1", "E: m2"]
    assert len({failure.key for failure in found}) == 2


def test_what_was_dismissed_is_recognised_in_the_next_turn() -> None:
    first = failures_of(after(scenes.turn(1, ["api:test"]), *failed()))
    second = failures_of(
        after(
            scenes.turn(2, ["api:test"]),
            *scenes.started("api:test", 2),
            scenes.finished("api:test", 2, code=1, diagnosis=scenes.CART_CHAIN),
        )
    )
    assert first[0].key == second[0].key


def test_a_failure_of_hazui_itself_is_in_the_list() -> None:
    state = after(
        events.Noticed(level="error", text="the journal is full", error=scenes.no_space())
    )
    (failure,) = failures_of(state)
    assert failure.task == ""
    assert failure.chain[0].message == "the journal is full"


def test_foreign_text_stays_on_one_line() -> None:
    link = Link(type="E\n", message="a\x1b[31m\nb", file="x\ny", line=1)
    (failure,) = failures_of(after(*failed(diagnosis=Diagnosis(chain=(link,)))))
    assert failure.title == "E\\n: a\\x1b[31m\\nb"
    assert failure.root.place == "x\\ny:1"


def test_the_report_holds_the_chain_the_reproducer_and_the_last_lines() -> None:
    (failure,) = failures_of(after(*failed(), scenes.skipped("e2e:all", "api:test")))
    text = report(
        failure, last_lines=[("stderr", ["```", "KeyError: 'price'"])], log_paths=["/l/stderr"]
    )
    assert "2 caused by KeyError: 'price'  (src/cart.py:8)" in text
    assert "cd /shop/api && python -m pytest -q" in text
    assert "````text\n```\nKeyError" in text
    assert "skipped because of it: e2e:all" in text
    assert "`/l/stderr`" in text


def test_a_reproducer_quotes_what_a_shell_would_read() -> None:
    state = after(
        events.ProcessSpawned(
            task="a:b",
            turn=1,
            pid=1,
            pgid=1,
            argv=("sh", "-c", "echo $HOME; rm x"),
            cwd="/a b",
            execution_id="r",
        ),
        scenes.finished("a:b", code=2),
    )
    (failure,) = failures_of(state)
    assert reproducer(failure) == "cd '/a b' && sh -c 'echo $HOME; rm x'"


def test_a_link_is_copied_with_its_code_and_fields() -> None:
    (failure,) = failures_of(after(errored(scenes.no_space())))
    text = link_text(failure.root)
    assert "code fs.no_space" in text
    assert "/shop/.hazui/cache/cas/ab" in text


def test_the_chain_in_text_names_every_relation() -> None:
    (failure,) = failures_of(after(*failed()))
    assert chain_lines(failure) == [
        "api:test exit 1",
        "  1 shop.checkout.CheckoutError: order 7 cannot be priced  (src/checkout.py:4)",
        "  2 caused by KeyError: 'price'  (src/cart.py:8)",
    ]


def test_the_summary_has_three_groups_with_root_causes() -> None:
    undeclared = ErrorRecord(
        code="run_task.output_declared_but_not_produced",
        message="dist/app.js was not produced",
        type="OutputDeclaredButNotProduced",
        family="run_task",
        kind="user",
    )
    state = after(
        *failed(),
        errored(undeclared, "web:build"),
        errored(scenes.no_space()),
        scenes.skipped("e2e:all", "api:test"),
    )
    lines = summary(state, lambda failure: ([f"last of {failure.task}"], "/full.log"))
    text = "\n".join(lines)
    assert "Failed (1):" in text
    assert "✗ api:test  exit 1  (+1 skipped)" in text
    assert "src/cart.py:8: KeyError: 'price'" in text
    assert "Did not honour the declared outputs (1):" in text
    assert "hazui could not run (1):" in text
    assert "| last of api:test" in text
    assert lines[-1] == "1 failed, 2 errored, 1 skipped"


def test_the_headline_of_a_good_run_counts_what_came_from_the_cache() -> None:
    state = after(
        scenes.turn(1, ["a:a", "b:b"]),
        *scenes.hit("a:a"),
        *scenes.started("b:b"),
        scenes.finished("b:b"),
        scenes.done(1),
    )
    assert headline(state) == "2 succeeded (1 from the cache) in 3.4 s"
    assert summary(state) == ["2 succeeded (1 from the cache) in 3.4 s"]
