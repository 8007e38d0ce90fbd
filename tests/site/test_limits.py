"""The page's waits: one limit for all tries of a request, whatever else comes from the board meanwhile."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from squeezenet_lib.device.protocol import ANSWER, BENCH, ERROR, HELLO, frame
from tests.support.page_module import bundle_module

# A board whose answers, and what else comes, are scripted; time passes from one timer to the next.
RUNNER = """
import { readFileSync } from "node:fs";
const timers = new Map();
let now = 0, made = 0;
globalThis.Date.now = () => now;
globalThis.setTimeout = (what, after = 0) => { timers.set(++made, { at: now + after, what }); return made; };
globalThis.clearTimeout = (which) => timers.delete(which);
const settle = () => new Promise((resolve) => setImmediate(resolve));
async function pass() {
  const [which, { at, what }] = [...timers].reduce((a, b) => (b[1].at < a[1].at ? b : a));
  timers.delete(which);
  now = Math.max(now, at);
  what();
  await settle();
}
const bytes = (text) => new Uint8Array(Buffer.from(text, "hex"));
const { board, within, ask, background, answers, stuck } = JSON.parse(readFileSync(0, "utf8"));
const { Board } = await import(board);
const limit = (await import(within)).within;
const asked = [];
const write = async (sent) => {
  asked.push(now);
  if (stuck) await new Promise(() => undefined);
  for (const [after, hex] of answers[Math.min(asked.length, answers.length) - 1] ?? []) {
    setTimeout(() => talk.receive(bytes(hex)), after);
  }
};
const talk = new Board(write, 115200, () => undefined);
if (background) {
  const come = () => { talk.receive(bytes(background[1])); setTimeout(come, background[0]); };
  come();
}
let end;
const requests = {
  hello: () => talk.hello(), golden: () => talk.golden(), bench: () => talk.bench(1000),
  classify: () => talk.classify(new Uint8Array(1000)),
  within: () => limit(5000, () => new Error("late"), (getOn) => {
    for (const at of [4000, 8000, 12000]) setTimeout(getOn, at);
    return new Promise(() => undefined);
  }),
};
requests[ask]().then(() => { end = {}; }, (why) => { end = { why: why.message }; });
await settle();
while (end === undefined && now < 10_000_000) await pass();
console.log(JSON.stringify({ ...end, seconds: now / 1000, asked: asked.map((at) => at / 1000) }));
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("node")
    bundle_module("board.ts", folder)
    bundle_module("within.ts", folder)
    (folder / "run.mjs").write_text(RUNNER)
    return folder


def run(page: Path, ask: str, **script: Any) -> dict[str, Any]:
    request = {"board": "./board.mjs", "within": "./within.mjs", "ask": ask, "answers": [], **script}
    done = subprocess.run(
        ["node", "run.mjs"], cwd=page, input=json.dumps(request), capture_output=True, text=True, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


CHATTER = {
    "nothing": None,
    "text": (200, b"I (1234) wifi: sta is connected\r\n"),
    "zeros": (10, bytes(100)),
    "noise": (10, b"\xff\x00\x02\x81" * 20),
    "answers to somebody else": (100, frame(HELLO + ANSWER, b"x=y", 777)),
}


@pytest.mark.parametrize("name", CHATTER)
@pytest.mark.parametrize(("ask", "seconds"), [("hello", 10), ("classify", 20), ("golden", 70), ("bench", 20)])
def test_a_board_that_does_not_answer_is_given_up(page: Path, name: str, ask: str, seconds: float) -> None:
    chatter = CHATTER[name]
    background = chatter and (chatter[0], chatter[1].hex())
    found = run(page, ask, background=background)
    assert found["seconds"] == pytest.approx(seconds, abs=0.5)
    assert found["why"].startswith(f"The board did not answer within {seconds} s. Restart it; check")
    assert len(found["asked"]) < 90, "noise makes it ask a few times a second"


def test_a_silent_board_is_asked_again(page: Path) -> None:
    assert run(page, "hello")["asked"] == pytest.approx([0, 2, 4, 6, 8], abs=0.1)


def test_a_long_benchmark_is_waited_for(page: Path) -> None:
    """300 ms each."""
    one, all_of_them = (
        frame(BENCH + ANSWER, bench_answer(count), sequence).hex() for count, sequence in ((1, 1), (1000, 2))
    )
    found = run(page, "bench", answers=[[(300, one)], [(300_000, all_of_them)]])
    assert (found["seconds"], len(found["asked"])) == (pytest.approx(300.3), 2)


def bench_answer(count: int) -> bytes:
    cycles = 300_000 * 240
    body = [count.to_bytes(2, "little"), (240).to_bytes(2, "little"), *[cycles.to_bytes(4, "little")] * 2]
    return b"".join(body) + (cycles * count).to_bytes(8, "little")


def test_a_request_that_arrives_damaged_is_sent_again_at_once(page: Path) -> None:
    damaged, hello = frame(ERROR, b"\x01\x00", 0).hex(), frame(HELLO + ANSWER, b"name=x\n", 1).hex()
    found = run(page, "hello", answers=[[(10, damaged)], [(10, damaged)], [(10, hello)]])
    assert (found["seconds"], len(found["asked"])) == (pytest.approx(0.53), 3)


def test_an_answer_that_comes_after_word_of_damage_counts(page: Path) -> None:
    damaged, hello = frame(ERROR, b"\x01\x00", 0).hex(), frame(HELLO + ANSWER, b"name=x\n", 1).hex()
    found = run(page, "hello", answers=[[(10, damaged), (100, hello)]])
    assert (found["seconds"], len(found["asked"])) == (pytest.approx(0.1), 1)


def test_a_port_that_takes_nothing_is_told(page: Path) -> None:
    found = run(page, "hello", stuck=True)
    assert found["why"].startswith("The port takes no more bytes: plug the board in again")
    assert found["seconds"] < 10


def test_others_code_is_given_up_unless_it_gets_on(page: Path) -> None:
    assert run(page, "within") == {"why": "late", "seconds": 17, "asked": []}
