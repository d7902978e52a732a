import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatEvent, ChatMessage } from "../../api/webchat.ts";
import { type ChatState, confirmSent, emptyChat, hearEvent, takeHistory } from "./chat-state.ts";

const answer = (id: string, at: number, author: "agent" | "operator" = "agent"): ChatMessage => ({
  id,
  direction: "out",
  author,
  at,
  parts: [{ type: "text", text: id, markup: "markdown" }],
});
const hear = (events: readonly ChatEvent[], from: ChatState = emptyChat) => events.reduce(hearEvent, from);

test("an answer grows, and its final form takes the draft's place with the tools it used", () => {
  const during = hear([
    { type: "turn-start", turn: "t1" },
    { type: "turn-tool", turn: "t1", name: "calculator", state: "running" },
    { type: "turn-tool", turn: "t1", name: "calculator", state: "done" },
    { type: "turn-text", turn: "t1", delta: "It is " },
    { type: "turn-text", turn: "t1", delta: "42" },
  ]);
  assert.deepEqual(during.draft, { turn: "t1", text: "It is 42", tools: [{ name: "calculator", state: "done" }], ended: false });
  const after = hear(
    [
      { type: "turn-end", turn: "t1", state: "done" },
      { type: "message", message: answer("ms_1", 5) },
    ],
    during,
  );
  assert.equal(after.draft, undefined);
  assert.deepEqual(
    after.messages.map(({ id }) => id),
    ["ms_1"],
  );
  assert.deepEqual(after.tools, { ms_1: [{ name: "calculator", state: "done" }] });
});

test("a restart voids what was streamed, a failed turn leaves no draft", () => {
  const restarted = hear([
    { type: "turn-text", turn: "t1", delta: "wrong" },
    { type: "turn-restart", turn: "t1" },
    { type: "turn-text", turn: "t1", delta: "right" },
  ]);
  assert.equal(restarted.draft?.text, "right");
  assert.equal(hear([{ type: "turn-end", turn: "t1", state: "failed" }], restarted).draft, undefined);
});

test("the end of another turn and an operator's words leave the draft alone", () => {
  const writing = hear([{ type: "turn-text", turn: "t2", delta: "a" }]);
  const after = hear(
    [
      { type: "turn-end", turn: "t1", state: "done" },
      { type: "message", message: answer("ms_9", 1, "operator") },
    ],
    writing,
  );
  assert.equal(after.draft?.text, "a");
});

test("a confirmed message is shown once, wherever the stream tells it again", () => {
  const sending: ChatState = { ...emptyChat, unsent: [{ id: "c1", text: "hi", at: 1, state: "sending" }] };
  const sent = confirmSent(sending, "c1", "ms_1", 2);
  assert.deepEqual(sent.unsent, []);
  const told: ChatMessage = { id: "ms_1", direction: "in", at: 2, parts: [{ type: "text", text: "hi", markup: "plain" }] };
  assert.equal(hear([{ type: "message", message: told }], sent).messages.length, 1);
});

test("an answer that was quicker than the confirmation of its question stands below it", () => {
  const sending: ChatState = { ...emptyChat, unsent: [{ id: "c1", text: "hi", at: 1, state: "sending" }] };
  const told: ChatMessage = { id: "ms_1", direction: "in", at: 2, parts: [{ type: "text", text: "hi", markup: "plain" }] };
  const heard = hear(
    [
      { type: "message", message: told },
      { type: "message", message: answer("ms_2", 3) },
    ],
    sending,
  );
  const sent = confirmSent(heard, "c1", "ms_1", 9);
  assert.deepEqual(sent.unsent, []);
  assert.deepEqual(
    sent.messages.map(({ id }) => id),
    ["ms_1", "ms_2"],
  );
});

test("history is laid in by time, ends a finished draft and keeps a running one", () => {
  const ended = hear([
    { type: "turn-text", turn: "t1", delta: "a" },
    { type: "turn-end", turn: "t1", state: "done" },
  ]);
  const taken = takeHistory(ended, [answer("ms_2", 4), answer("ms_1", 3)]);
  assert.equal(taken.draft, undefined);
  assert.deepEqual(
    taken.messages.map(({ id }) => id),
    ["ms_1", "ms_2"],
  );
  assert.equal(takeHistory(hear([{ type: "turn-text", turn: "t1", delta: "a" }]), []).draft?.text, "a");
});
