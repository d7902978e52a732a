import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Sample, samples, samplesReadAt } from "../../../test/simulators/telegram/samples.ts";
import { decode } from "./decode.ts";
import { readUpdate, type Update } from "./update.ts";

const self = { id: "123456", name: "@polylogue_test_bot" };

function parsed(raw: unknown): Update {
  const { update, problem } = readUpdate(raw);
  assert.ok(update);
  assert.equal(problem, undefined);
  return update;
}

describe("telegram: what an update says", () => {
  for (const [name, sample] of Object.entries<Sample>(samples)) {
    test(name, () => assert.deepEqual(decode(parsed(sample.update), self, samplesReadAt), sample.event));
  }

  test("before the first probe the bot knows itself by its id alone", () => {
    const event = decode(parsed(samples.mention.update), { id: "123456", name: undefined }, samplesReadAt);
    assert.ok(event?.kind === "message" && !event.addressed);
    const own = decode(parsed(samples.ownEcho.update), { id: "123456", name: undefined }, samplesReadAt);
    assert.equal(own?.sender.self, true);
  });

  test("a message that can't be read is told, and its update counts all the same", () => {
    const { update, problem } = readUpdate({
      update_id: 5,
      message: { message_id: 1, date: "yesterday", chat: { id: 1, type: "private" }, text: "x" },
    });
    assert.equal(update?.update_id, 5);
    assert.match(problem ?? "", /message/);
  });

  test("ids of 52 bits stay exact", () => {
    const id = 2 ** 52 - 1;
    const event = decode(
      parsed({ update_id: 1, message: { message_id: 1, date: 1, chat: { id: -id, type: "channel" }, text: "x" } }),
      self,
      0,
    );
    assert.equal(event?.chat.id, "-4503599627370495");
  });
});
