import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe } from "node:test";
import { fault } from "../../src/core/errors.ts";
import type { PlatformEvent } from "../../src/core/event.ts";
import { buttonToken } from "../../src/core/event.ts";
import { defaultTenant } from "../../src/core/ids.ts";
import currentTime from "../../src/tools/current-time.ts";
import { settled } from "../clock.ts";
import { ada, type ChatPlatform } from "../support/chat.ts";
import { type Arrived, limits, moment, type Story, story } from "../support/lane-story.ts";

const bob = { ...ada, id: "bob", name: "Bob" };
const group = { id: "g1", kind: "group" } as const;

const press = (message: string): Partial<PlatformEvent> => ({ kind: "press", token: buttonToken(message, 0) });
const buttons = "Tea or coffee?\n```buttons\nTea = I'd like tea\n```";

describe("collect", () => {
  const collect = { routes: [{ mode: "collect" }] } as const;

  story("messages that come within the window get one answer, which answers the last", collect, async ({ chat, clock, model, ...s }) => {
    const from = clock.now();
    const [a] = await s.receive(chat.says("a", { chat: group }));
    await clock.advance(1_000);
    const [b, c] = await s.receive(chat.says("b", { chat: group }), chat.says("c", { chat: group }));
    await clock.advance(1_000);
    assert.equal(model.count, 0, "the window grew with what came in it");
    await s.pass("turn-start");
    const asked = await model.asked();
    assert.deepEqual(asked.told, ["user: a | b | c"]);
    asked.answer("to all");
    await s.pass("delivery-sent");
    assert.deepEqual(chat.shown("g1"), ["3: to all"]);
    assert.deepEqual(await s.told(a), ["received", "routed", "turn-start", "turn-join (collected)", "turn-done"]);
    for (const joined of [b, c]) assert.deepEqual(await s.told(joined), ["received", "joined (collected)", "turn-done"]);
    const begun = (await s.on.until("turn-start")).at;
    assert.ok(begun >= from + 2_500, `begun after ${begun - from} ms`);
  });

  story("who writes without end is answered after ten windows", collect, async ({ chat, clock, model, ...s }) => {
    const from = clock.now();
    let written = 0;
    while (model.count === 0) {
      await s.receive(chat.says(`m${written++}`));
      await clock.advance(1_000);
    }
    const asked = await model.asked();
    assert.match(asked.told[0] ?? "", /^user: m0 \| m1 \| /);
    const begun = (await s.on.until("turn-start")).at;
    assert.ok(begun >= from + 15_000, `begun after ${begun - from} ms`);
    // A slow disk may take some of the hand's seconds; without the limit it would never begin.
    assert.ok(written < 200, `${written} messages were written`);
    asked.answer("stop it");
    await s.pass("delivery-sent");
  });

  story(
    "who waits for its window takes no other conversation's place",
    {
      routes: [{ mode: "collect", collectMs: 60_000, when: { chat: ["c1"] } }, {}],
      limits: { concurrentTurns: 1 },
    },
    async ({ chat, model, ...s }) => {
      await s.receive(chat.says("a"));
      await s.receive(chat.says("b", { chat: { id: "c2", kind: "direct" } }));
      const asked = await model.asked();
      assert.deepEqual(asked.told, ["user: b"]);
      asked.answer("at once");
      await s.on.until("delivery-sent");
      assert.deepEqual([chat.shown("c1"), chat.shown("c2")], [[], ["at once"]]);
    },
  );

  story("after a takeover in the window nobody is answered", collect, async ({ chat, model, ...s }) => {
    const arrived = await s.receive(chat.says("a"), chat.says("b"));
    await s.takeOver(arrived[0]);
    await s.pass("ignored", 2);
    for (const one of arrived) assert.deepEqual(await s.told(one), ["received", "ignored (control-human)"]);
    assert.equal(model.count, 0);
  });

  story("after a takeover in the turn all are cancelled", collect, async ({ chat, model, ...s }) => {
    const [a, b] = await s.receive(chat.says("a"), chat.says("b"));
    await s.pass("turn-start");
    const asked = await model.asked();
    await s.takeOver(a);
    await s.pass("turn-cancel", 2);
    assert.ok(asked.signal.aborted);
    assert.deepEqual((await s.told(a)).at(-1), "turn-cancel (control-human)");
    assert.deepEqual((await s.told(b)).at(-1), "turn-cancel (control-human)");
    assert.deepEqual(chat.shown(), []);
  });

  story("an edit in the window changes what the turn sees; a reaction changes nothing", collect, async ({ chat, model, ...s }) => {
    const [a, edit] = await s.receive(
      chat.says("colour tow"),
      chat.says("colour two", { kind: "edit", platformId: "1" }),
      chat.says("", { kind: "reaction", platformId: "1", reactions: ["👍"] }),
      chat.says("please"),
    );
    await s.pass("turn-start");
    const asked = await model.asked();
    assert.deepEqual(asked.told, ["user: colour two | please"]);
    asked.answer("done");
    await s.pass("delivery-sent");
    assert.deepEqual(await s.told(edit), ["received", "ignored (nothing-to-answer)"]);
    assert.equal((await s.told(a)).at(-1), "turn-done");
  });

  story("nothing overtakes: a button, and another person, have a turn of their own", collect, async ({ chat, model, ...s }) => {
    await s.receive(chat.says("menu", { chat: group }));
    await s.pass("turn-start");
    (await model.asked()).answer(buttons);
    await s.pass("delivery-sent");
    const message = (await s.on.until("turn-done")).detail?.message as string;
    await s.receive(
      chat.says("a", { chat: group }),
      chat.says("b", { chat: group }),
      chat.says("", { ...press(message), chat: group } as never),
      chat.says("c", { chat: group, sender: bob }),
      chat.says("d", { chat: group }),
      chat.says("e", { chat: group, addressed: false }),
      chat.says("f", { chat: group }),
    );
    const seen = [];
    for (let turn = 2; turn <= 5; turn++) {
      await s.pass("turn-start", turn);
      const asked = await model.asked();
      seen.push(asked.told.at(-1));
      asked.answer(`no. ${turn}`);
      await s.pass("delivery-sent", turn);
    }
    assert.deepEqual(seen, ["user: a | b", "user: I'd like tea", "user: c", "user: d | f"]);
    assert.deepEqual(chat.shown("g1").slice(1), ["3: no. 2", "no. 3", "5: no. 4", "8: no. 5"]);
  });
});

describe("steer", () => {
  const steer = { routes: [{ mode: "steer" }] } as const;

  story(
    "what comes while a tool runs is seen by the next call",
    { ...steer, tools: [currentTime as never], agent: { limits, tools: ["current_time"] } },
    async ({ chat, model, ...s }) => {
      const [a] = await s.receive(chat.says("what time is it?"));
      const first = await model.asked();
      const [b] = await s.receive(chat.says("in Tokyo"));
      first.call("current_time", { zone: "UTC" });
      const second = await model.asked();
      assert.deepEqual([second.told[0], second.told.at(-1)], ["user: what time is it?", "user: in Tokyo"]);
      assert.match(second.told.at(-2) ?? "", /^tool: /);
      second.answer("nine");
      await s.pass("delivery-sent");
      assert.deepEqual(chat.shown(), ["nine"]);
      assert.deepEqual(await s.told(b), ["received", "joined (steered)", "turn-done"]);
      assert.deepEqual(await s.told(a), ["received", "routed", "turn-start", "tool", "turn-join (steered)", "turn-done"]);
      assert.equal(model.count, 2);
    },
  );

  story(
    "an answer that was given without it is followed by another step",
    { ...steer, streaming: true },
    async ({ chat, clock, model, ...s }) => {
      await s.receive(chat.says("a"));
      const first = await model.asked();
      first.say("to a");
      while (chat.shown().length === 0) await moment(clock);
      await s.receive(chat.says("b"), chat.says("c"));
      first.answer(".");
      const second = await model.asked();
      assert.deepEqual(second.told, ["user: a", "assistant: to a.", "user: b | c"]);
      second.answer("to b and c");
      await s.pass("turn-done", 3);
      while (chat.shown()[0] !== "to a.\n\nto b and c") await moment(clock);
      assert.equal(chat.sends, 1, "the draft went on");
    },
  );

  story(
    "what the steps don't allow is next in the queue",
    { ...steer, agent: { limits: { ...limits, steps: 1 } } },
    async ({ chat, model, ...s }) => {
      await s.receive(chat.says("a"));
      const first = await model.asked();
      const [b] = await s.receive(chat.says("b"));
      first.answer("to a");
      (await model.asked()).answer("to b");
      await s.pass("delivery-sent", 2);
      assert.deepEqual(chat.shown(), ["to a", "to b"]);
      assert.deepEqual(await s.told(b), ["received", "routed", "turn-start", "turn-done"]);
    },
  );

  story("what waits already is in the turn from its beginning", steer, async ({ chat, model, ...s }) => {
    const [, b] = await s.receive(chat.says("a"), chat.says("b"));
    const asked = await model.asked();
    assert.deepEqual(asked.told, ["user: a | b"]);
    asked.answer("to both");
    await s.pass("delivery-sent");
    assert.deepEqual(await s.told(b), ["received", "joined (collected)", "turn-done"]);
  });

  story("a turn that is tried again takes it along", steer, async ({ chat, model, ...s }) => {
    await s.receive(chat.says("a"));
    const first = await model.asked();
    const [b] = await s.receive(chat.says("b"));
    first.answer("to a");
    (await model.asked()).fail(fault("provider-unavailable", "down"));
    await s.pass("turn-start", 2);
    const again = await model.asked();
    assert.deepEqual(again.told, ["user: a | b"]);
    again.answer("to both");
    await s.pass("delivery-sent");
    assert.deepEqual(chat.shown(), ["to both"]);
    assert.deepEqual(await s.told(b), [
      "received",
      "joined (steered)",
      "turn-retry (provider-unavailable)",
      "joined (collected)",
      "turn-done",
    ]);
  });

  story("after a takeover all are cancelled, and what came too late isn't answered", steer, async ({ chat, model, ...s }) => {
    const [a] = await s.receive(chat.says("a"));
    const first = await model.asked();
    const [b] = await s.receive(chat.says("b"));
    first.answer("to a");
    await model.asked();
    const [c] = await s.receive(chat.says("c"));
    await s.takeOver(a);
    await s.pass("ignored");
    for (const one of [a, b]) assert.equal((await s.told(one)).at(-1), "turn-cancel (control-human)");
    assert.deepEqual(await s.told(c), ["received", "ignored (control-human)"]);
    assert.deepEqual(chat.shown(), []);
  });

  story("a button and another person wait", steer, async ({ chat, model, ...s }) => {
    await s.receive(chat.says("a", { chat: group }));
    const first = await model.asked();
    await s.receive(chat.says("b", { chat: group, sender: bob }), chat.says("c", { chat: group }));
    first.answer("to a");
    const second = await model.asked();
    assert.equal(second.told.at(-1), "user: b");
    second.answer("to b");
    (await model.asked()).answer("to c");
    await s.pass("delivery-sent", 3);
    assert.deepEqual(chat.shown("g1"), ["1: to a", "2: to b", "3: to c"]);
  });
});

describe("interrupt", () => {
  const interrupt = { routes: [{ mode: "interrupt" }] } as const;

  story(
    "a new message cancels the turn; its draft ends, and nothing that was written is lost",
    { ...interrupt, streaming: true },
    async ({ chat, clock, model, ...s }) => {
      const [a] = await s.receive(chat.says("the capital of France?"));
      const first = await model.asked();
      first.say("The capital of Fr");
      while (chat.shown().length === 0) await moment(clock);
      const [b] = await s.receive(chat.says("of Spain, I mean"));
      const second = await model.asked();
      assert.ok(first.signal.aborted);
      assert.deepEqual(second.told, ["user: the capital of France?", "assistant: The capital of Fr …", "user: of Spain, I mean"]);
      second.answer("Madrid");
      while (chat.shown().length < 2) await moment(clock);
      await s.pass("turn-done");
      assert.deepEqual(chat.shown(), ["The capital of Fr …", "Madrid"]);
      assert.deepEqual(await s.told(a), ["received", "routed", "turn-start", "turn-cancel (interrupted)"]);
      assert.deepEqual(await s.told(b), ["received", "routed", "turn-start", "turn-done"]);
      const stories = await s.on.store.records.stories(defaultTenant, { limit: 9 });
      assert.deepEqual(
        stories.map(({ state, reason }) => [state, reason]),
        [
          ["done", undefined],
          ["cancelled", "interrupted"],
        ],
      );
    },
  );

  const memoryless = { agent: { limits: { ...limits, history: 0 } } };

  story(
    "an agent without a memory sees what wasn't answered, and nothing else",
    { ...interrupt, ...memoryless },
    async ({ chat, model, ...s }) => {
      await s.receive(chat.says("old"));
      (await model.asked()).answer("to old");
      await s.pass("delivery-sent");
      await s.receive(chat.says("a"));
      await model.asked();
      await s.receive(chat.says("b"));
      await model.asked();
      await s.receive(chat.says("c"));
      const third = await model.asked();
      assert.deepEqual(third.told, ["user: a | b | c"]);
      third.answer("to all");
      await s.pass("delivery-sent", 2);
      assert.deepEqual(chat.shown(), ["to old", "to all"]);
    },
  );

  story("of many that come at once only the last is asked about", { ...interrupt, ...memoryless }, async ({ chat, model, ...s }) => {
    const [a, b] = await s.receive(chat.says("a"), chat.says("b"), chat.says("c"));
    const asked = await model.asked();
    assert.deepEqual(asked.told, ["user: a | b | c"]);
    asked.answer("to all");
    await s.pass("delivery-sent");
    assert.equal(model.count, 1);
    for (const one of [a, b]) assert.deepEqual(await s.told(one), ["received", "turn-cancel (interrupted)"]);
  });

  story("neither another person's message, nor what gets no answer, nor a button interrupts", interrupt, async ({ chat, model, ...s }) => {
    await s.receive(chat.says("a", { chat: group }));
    const first = await model.asked();
    await s.receive(
      chat.says("", { chat: group, kind: "reaction", platformId: "1", reactions: ["👍"] }),
      chat.says("not to you", { chat: group, addressed: false }),
      chat.says("b", { chat: group, sender: bob }),
    );
    first.answer(buttons);
    const second = await model.asked();
    assert.equal(second.told.at(-1), "user: not to you | b");
    second.answer("to b");
    await s.pass("delivery-sent", 2);
    const message = (await s.on.until("turn-done")).detail?.message as string;
    await s.receive(chat.says("", { ...press(message), chat: group } as never));
    const third = await model.asked();
    await s.receive(chat.says("c", { chat: group }));
    third.answer("tea it is");
    (await model.asked()).answer("to c");
    await s.pass("delivery-sent", 4);
    assert.deepEqual(chat.shown("g1").slice(1), ["4: to b", "tea it is", "6: to c"]);
  });

  story("a message that waits for its next try is interrupted too", { ...interrupt, ...memoryless }, async ({ chat, model, ...s }) => {
    const [a] = await s.receive(chat.says("a"));
    (await model.asked()).fail(fault("provider-unavailable", "down"));
    await s.on.until("turn-retry");
    await s.receive(chat.says("b"));
    const asked = await model.asked();
    assert.deepEqual(asked.told, ["user: a | b"]);
    asked.answer("to both");
    await s.pass("delivery-sent");
    assert.deepEqual((await s.told(a)).slice(-2), ["turn-retry (provider-unavailable)", "turn-cancel (interrupted)"]);
  });

  story("a takeover wins over an interruption", { ...interrupt, streaming: true }, async ({ chat, clock, model, ...s }) => {
    const [a] = await s.receive(chat.says("a"));
    const first = await model.asked();
    first.say("half an ans");
    while (chat.shown().length === 0) await moment(clock);
    await s.takeOver(a);
    const [b] = await s.receive(chat.says("b"));
    await s.pass("ignored");
    assert.deepEqual((await s.told(a)).at(-1), "turn-cancel (control-human)");
    assert.deepEqual(await s.told(b), ["received", "ignored (control-human)"]);
    assert.deepEqual(chat.shown(), ["half an ans"]);
  });
});

describe("attachments", () => {
  const picture = { parts: [{ type: "image", source: { at: "platform", ref: "p1" } }] } as const;

  /** Runs with a server that has the picture, and gives it away once `ready`. */
  async function withPicture(chat: ChatPlatform, run: (server: Server) => Promise<void>, ready = Promise.resolve()): Promise<void> {
    const server = createServer((_, response) => {
      void ready.then(() => response.end(Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    chat.files.set("p1", `http://127.0.0.1:${(server.address() as AddressInfo).port}/p1.png`);
    try {
      await run(server);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  async function isStored({ on, told }: Pick<Story, "on" | "told">, arrived: Arrived | undefined): Promise<void> {
    const [message] = (await on.store.records.trace(defaultTenant, arrived?.event ?? ""))?.messages ?? [];
    const [part] = message?.parts ?? [];
    assert.equal(part?.type === "image" && part.source.at, "store");
    assert.equal((await told(arrived)).filter((stage) => stage === "file").length, 1);
  }

  story("of collected messages are fetched, each in its own story", { routes: [{ mode: "collect" }] }, async ({ chat, model, ...s }) => {
    await withPicture(chat, async () => {
      const [, b] = await s.receive(chat.says("look at"), chat.says("", picture), chat.says("please"));
      await s.pass("turn-start");
      const asked = await model.asked();
      assert.deepEqual(asked.told, ["user: look at | [image: you can't see it] | please"]);
      asked.answer("nice");
      await s.pass("delivery-sent");
      await isStored(s, b);
    });
  });

  story("of a message that steers are fetched before the model sees it", { routes: [{ mode: "steer" }] }, async ({ chat, model, ...s }) => {
    await withPicture(chat, async () => {
      await s.receive(chat.says("a"));
      const first = await model.asked();
      const [b] = await s.receive(chat.says("", picture));
      first.answer("to a");
      const second = await model.asked();
      assert.equal(second.told.at(-1), "user: [image: you can't see it]");
      second.answer("nice");
      await s.pass("delivery-sent");
      await isStored(s, b);
    });
  });

  story("of an interrupted message are fetched all the same", { routes: [{ mode: "interrupt" }] }, async ({ chat, model, ...s }) => {
    await withPicture(chat, async () => {
      const [a] = await s.receive(chat.says("", picture), chat.says("what is it?"));
      const asked = await model.asked();
      assert.deepEqual(asked.told, ["user: [image: you can't see it] | what is it?"]);
      asked.answer("a picture");
      await s.pass("delivery-sent");
      await isStored(s, a);
    });
  });

  story(
    "go on being fetched when the message is interrupted meanwhile",
    { routes: [{ mode: "interrupt" }] },
    async ({ chat, model, ...s }) => {
      const { promise: ready, resolve: give } = Promise.withResolvers<void>();
      await withPicture(
        chat,
        async (server) => {
          const asked = once(server, "request");
          const [a] = await s.receive(chat.says("", picture));
          await asked;
          await s.receive(chat.says("what is it?"));
          await settled();
          give();
          (await model.asked()).answer("a picture");
          await s.pass("delivery-sent");
          assert.deepEqual(await s.told(a), ["received", "file", "turn-cancel (interrupted)"]);
          await isStored(s, a);
        },
        ready,
      );
    },
  );
});
