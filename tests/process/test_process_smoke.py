import pytest

from tests.support.processes import Nursery

pytestmark = pytest.mark.anyio


async def test_a_child_prints_and_exits(nursery: Nursery):
    ran = await nursery.run(nursery.spawn("sh", "-c", "echo out; echo err >&2; exit 3"))
    assert (ran.stdout, ran.stderr, ran.status.code) == (b"out\n", b"err\n", 3)
