import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compileMatchers } from "./matchers.ts";

describe("a pattern", () => {
  test("is found anywhere, whatever the case", async () => {
    const { text } = (await compileMatchers({ text: String.raw`\b(refund|money back)\b` })) ?? {};
    assert.deepEqual(
      ["I want a REFUND!", "my money back, please", "refunding", ""].map((words) => text?.(words)),
      [true, true, false, false],
    );
  });
  test("takes no time to speak of, whatever it is and whatever it is looked for in", async () => {
    const { text } = (await compileMatchers({ text: "(a+)+$" })) ?? {};
    assert.equal(text?.(`${"a".repeat(9_000)}b`), false);
  });
  test("that isn't one is refused with what is wrong", async () => {
    for (const pattern of ["(", "(?<=a)b", String.raw`(a)\1`, "[z-a]"])
      await assert.rejects(compileMatchers({ text: pattern }), /error parsing/, pattern);
  });
});

test("a language is told from short sentences, and no guess is one", async () => {
  const { language } = (await compileMatchers({ language: ["de", "fr"] })) ?? {};
  const told = (words: string) => language?.(words);
  for (const words of ["Wo ist mein Paket?", "Ich möchte mein Geld zurück", "Où est mon colis ?", "Bonjour, je voudrais un rendez-vous"])
    assert.ok(told(words), words);
  for (const words of ["Where is my parcel?", "¿Dónde está mi paquete?", "Где моя посылка?", "我的包裹在哪里", "ok", "12345", "😀"])
    assert.equal(told(words), false, words);
});

describe("a time", () => {
  const at = async (time: { days?: string[]; from?: string; to?: string; zone?: string }, iso: string) => {
    const settings = { days: [], from: "00:00", to: "24:00", zone: "UTC", ...time };
    return (await compileMatchers({ time: settings }))?.time?.(Date.parse(iso));
  };
  // 2026-11-27 is a Friday.
  const cases: readonly [Parameters<typeof at>[0], string, boolean][] = [
    [{ from: "09:00", to: "17:00" }, "2026-11-27T09:00:00Z", true],
    [{ from: "09:00", to: "17:00" }, "2026-11-27T17:00:00Z", false],
    [{ from: "09:00", to: "17:00", zone: "Europe/Berlin" }, "2026-11-27T16:30:00Z", false],
    [{ from: "09:00", to: "17:00", zone: "Europe/Berlin" }, "2026-07-24T07:30:00Z", true],
    [{ days: ["sat", "sun"] }, "2026-11-27T23:30:00Z", false],
    [{ days: ["sat", "sun"], zone: "Europe/Berlin" }, "2026-11-27T23:30:00Z", true],
    [{ days: ["fri"], from: "22:00", to: "06:00" }, "2026-11-27T23:00:00Z", true],
    [{ days: ["fri"], from: "22:00", to: "06:00" }, "2026-11-28T05:59:00Z", true],
    [{ days: ["fri"], from: "22:00", to: "06:00" }, "2026-11-27T05:00:00Z", false],
    [{ from: "00:00", to: "24:00" }, "2026-11-27T00:00:00Z", true],
  ];
  for (const [time, iso, expected] of cases) {
    test(`${JSON.stringify(time)} at ${iso}: ${expected}`, async () => assert.equal(await at(time, iso), expected));
  }
});

test("nothing is compiled or loaded where there is nothing", async () => {
  assert.equal(await compileMatchers({}), undefined);
});
