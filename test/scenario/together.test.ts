import assert from "node:assert/strict";
import { describe } from "node:test";
import type { Part } from "../../src/core/message.ts";
import { ada } from "../support/chat.ts";
import { story } from "../support/lane-story.ts";

const group = { id: "g1", kind: "group" } as const;
const album = { group: "album-1", addressed: false } as const;
const bob = { ...ada, id: "bob", name: "Bob" };

/** A picture of which nobody wants the bytes. */
const picture = (caption?: string): readonly Part[] => [
  { type: "image", source: { at: "nowhere", reason: "too large" }, ...(caption && { caption }) },
];

describe("messages that are one to people", () => {
  for (const mode of ["queue", "collect", "steer", "interrupt"] as const) {
    story(
      `an album is answered once, whichever picture has the words (${mode})`,
      { routes: [{ mode }] },
      async ({ chat, model, clock, ...s }) => {
        const one = await s.receive(chat.says("", { chat: group, ...album, parts: picture() }));
        await clock.advance(500);
        const more = await s.receive(
          chat.says("", { chat: group, ...album, addressed: true, parts: picture("@bot what is this?") }),
          chat.says("", { chat: group, ...album, parts: picture() }),
        );
        await s.pass("turn-start");
        const asked = await model.asked();
        assert.equal(asked.told.length, 1);
        assert.equal(asked.told[0]?.match(/\[image/g)?.length, 3);
        asked.answer("three cats");
        await s.pass("delivery-sent");
        assert.deepEqual(chat.shown("g1"), ["3: three cats"]);
        assert.deepEqual((await s.told(one[0])).at(-1), "turn-done");
        for (const joined of more) assert.deepEqual(await s.told(joined), ["received", "joined (collected)", "turn-done"]);
        await clock.advance(20_000);
        assert.equal(model.count, 1);
      },
    );
  }

  story("nobody is spoken to by an album in a group: every picture is ignored", {}, async ({ chat, model, ...s }) => {
    const arrived = await s.receive(...[1, 2].map(() => chat.says("", { chat: group, ...album, parts: picture() })));
    await s.pass("ignored", 2);
    for (const one of arrived) assert.deepEqual(await s.told(one), ["received", "ignored (group-not-addressed)"]);
    assert.equal(model.count, 0);
  });

  story("what comes behind an album ends the wait for more of it, and has its own turn", {}, async ({ chat, model, clock, ...s }) => {
    const from = clock.now();
    await s.receive(...[1, 2].map(() => chat.says("", { ...album, parts: picture() })), chat.says("and?"));
    await s.pass("turn-start");
    assert.ok(clock.now() - from < 1_000, "the album was whole at once");
    const first = await model.asked();
    assert.equal(first.told[0]?.match(/\[image/g)?.length, 2);
    first.answer("two");
    await s.pass("turn-start", 2);
    const second = await model.asked();
    assert.equal(second.told.at(-1), "user: and?");
    second.answer("yes");
    await s.pass("delivery-sent", 2);
    assert.deepEqual(chat.shown(), ["two", "yes"]);
  });

  story("another person's album of the same name is another", {}, async ({ chat, model, ...s }) => {
    await s.receive(
      chat.says("", { chat: group, ...album, addressed: true, parts: picture() }),
      chat.says("", { chat: group, ...album, sender: bob, parts: picture() }),
    );
    await s.pass("turn-start");
    const asked = await model.asked();
    assert.equal(asked.told[0]?.match(/\[image/g)?.length, 1);
    asked.answer("one");
    await s.pass("ignored");
    await s.pass("delivery-sent");
  });

  story(
    "a new message takes the place of an album; a further picture of it doesn't",
    { routes: [{ mode: "interrupt" }] },
    async ({ chat, model, ...s }) => {
      const [one] = await s.receive(...[1, 2].map(() => chat.says("", { ...album, parts: picture() })));
      await s.pass("turn-start");
      const asked = await model.asked();
      await s.receive(chat.says("no, wait"));
      await s.pass("turn-cancel", 2);
      assert.deepEqual((await s.told(one)).at(-1), "turn-cancel (interrupted)");
      assert.ok(asked.signal.aborted);
      (await model.asked()).answer("I wait");
      await s.pass("delivery-sent");
      assert.deepEqual(chat.shown(), ["I wait"]);
    },
  );
});
