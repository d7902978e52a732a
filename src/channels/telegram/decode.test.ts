import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Sample, samples, samplesReadAt } from "../../../test/simulators/telegram/samples.ts";
import { decode } from "./decode.ts";
import { update } from "./update.ts";

const self = { id: "123456", name: "@polylogue_test_bot" };

describe("telegram: what an update says", () => {
  for (const [name, sample] of Object.entries<Sample>(samples)) {
    test(name, () => assert.deepEqual(decode(update.parse(sample.update), self, samplesReadAt), sample.event));
  }

  test("before the first probe the bot knows itself by its id alone", () => {
    const event = decode(update.parse(samples.mention.update), { id: "123456", name: undefined }, samplesReadAt);
    assert.ok(event?.kind === "message" && !event.addressed);
    const own = decode(update.parse(samples.ownEcho.update), { id: "123456", name: undefined }, samplesReadAt);
    assert.equal(own?.sender.self, true);
  });

  test("ids of 52 bits stay exact", () => {
    const id = 2 ** 52 - 1;
    const event = decode(
      update.parse({ update_id: 1, message: { message_id: 1, date: 1, chat: { id: -id, type: "channel" }, text: "x" } }),
      self,
      0,
    );
    assert.equal(event?.chat.id, "-4503599627370495");
  });
});
