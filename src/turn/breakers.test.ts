import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
import { type ErrorCode, errorTable, fault } from "../core/errors.ts";
import { createBreakers } from "./breakers.ts";
import { chainOf } from "./chain.ts";

const made = () => {
  const clock = createHandClock();
  return { clock, breakers: createBreakers({ clock, random: () => 0.5, keys: () => 1 }) };
};
const to = (model: string, key = 0) => ({ model, key });
const quota = fault("provider-quota", "slow down");
const down = fault("provider-unavailable", "503");

describe("a model's breaker", () => {
  /** After how many failures in a row it opens; all codes that aren't here never open it. */
  const opens: { readonly [code: string]: number } = {
    ...{ "provider-quota": 1, "provider-auth": 1, "provider-spent": 1, "package-missing": 1 },
    ...{ "provider-unavailable": 3, "provider-malformed": 3 },
  };
  for (const code of Object.keys(errorTable) as ErrorCode[]) {
    test(`${code}: ${opens[code] ? `opens after ${opens[code]}` : "concerns one call only"}`, () => {
      const { breakers } = made();
      for (let failures = 1; failures <= 10; failures++) {
        breakers.begun(to("a/b"));
        breakers.heard(to("a/b"), fault(code, ""));
        assert.equal(breakers.wait(to("a/b")) > 0, failures >= (opens[code] ?? 99), `after ${failures}`);
      }
    });
  }

  test("says nothing about other models of the same provider", () => {
    const { breakers } = made();
    breakers.heard(to("a/b"), quota, 20_000);
    assert.deepEqual([breakers.wait(to("a/b")), breakers.wait(to("a/c"))], [20_000, 0]);
  });

  test("keeps to what the provider asked for, lets one call find out, and closes with its success", async () => {
    const { clock, breakers } = made();
    breakers.heard(to("a/b"), quota, 20_000);
    await clock.advance(19_999);
    assert.equal(breakers.wait(to("a/b")), 1);
    await clock.advance(1);
    assert.equal(breakers.wait(to("a/b")), 0);
    breakers.begun(to("a/b"));
    assert.ok(breakers.wait(to("a/b")) > 0, "the others pass it by");
    breakers.heard(to("a/b"), undefined);
    assert.equal(breakers.wait(to("a/b")), 0);
    breakers.heard(to("a/b"), down);
    assert.equal(breakers.wait(to("a/b")), 0, "it counts anew");
  });

  test("pauses longer with each probe that fails, a minute at most", async () => {
    const { clock, breakers } = made();
    const pauses: number[] = [];
    for (let i = 0; i < 12; i++) {
      breakers.heard(to("a/b"), down);
      const pause = breakers.wait(to("a/b"));
      if (pause > 0) pauses.push(pause);
      await clock.advance(pause);
    }
    assert.deepEqual(pauses.slice(0, 4), [750, 1_500, 3_000, 6_000]);
    assert.equal(pauses.at(-1), 60_000);
  });

  test("a success is one even when the call began before it opened; a call that was cut off tells nothing", () => {
    const { breakers } = made();
    breakers.begun(to("a/b"));
    breakers.heard(to("a/b"), quota, 5_000);
    breakers.heard(to("a/b"), fault("aborted", ""));
    assert.equal(breakers.wait(to("a/b")), 5_000);
    breakers.heard(to("a/b"), undefined);
    assert.equal(breakers.wait(to("a/b")), 0);
  });

  test("is a finding once it has been open for a minute, until it closes", async () => {
    const { clock, breakers } = made();
    breakers.heard(to("a/b"), quota, 90_000);
    assert.deepEqual(breakers.findings(), []);
    await clock.advance(60_000);
    assert.deepEqual(
      breakers.findings().map(({ code, subject }) => `${code} ${subject}`),
      ["model-failing models.a/b"],
    );
    assert.match(breakers.findings()[0]?.message ?? "", /^The model a\/b has failed since \d{4}-\d\d-\d\d \d\d:\d\d UTC \(/);
    breakers.heard(to("a/b"), undefined);
    assert.deepEqual(breakers.findings(), []);
  });
});

describe("a chain", () => {
  const shut = (waits: Record<string, number>, why = quota) => ({
    ...{ wait: ({ model }: { model: string }) => waits[model] ?? 0, keys: () => [0] },
    why: ({ model }: { model: string }) => (waits[model] ? why : undefined),
  });
  const walk = (models: string[], waits: Record<string, number>, ...codes: ErrorCode[]) => {
    const chain = chainOf({ models }, shut(waits));
    let link = chain.first;
    const walked = [`${link.model} ${link.squeeze}`];
    for (const code of codes) {
      const next = chain.after(link, fault(code, ""));
      if (!next) break;
      link = next;
      walked.push(`${link.model} ${link.squeeze}`);
    }
    return { walked, waitMs: chain.waitMs };
  };

  test("asks one after the other, and passes by those whose breaker is open", () => {
    const models = ["a/1", "a/2", "b/1"];
    assert.deepEqual(walk(models, {}, "provider-quota", "provider-refused", "provider-auth").walked, ["a/1 0", "a/2 0", "b/1 0"]);
    assert.deepEqual(walk(models, { "a/1": 9 }, "provider-quota").walked, ["a/2 0", "b/1 0"]);
    assert.deepEqual(walk(models, { "a/2": 9 }, "provider-quota").walked, ["a/1 0", "b/1 0"]);
    assert.deepEqual(walk(models, { "b/1": 9 }, "provider-quota", "provider-quota").walked, ["a/1 0", "a/2 0"]);
  });

  test("gives less to a model for which it was too long, before it asks the next", () => {
    const long = "context-too-long";
    assert.deepEqual(walk(["a/1", "b/1"], {}, long, long, long, long).walked, ["a/1 0", "a/1 1", "a/1 2", "b/1 0", "b/1 1"]);
    assert.deepEqual(walk(["a/1", "b/1"], {}, long, "provider-quota").walked, ["a/1 0", "a/1 1", "b/1 1"]);
  });

  test("says when it opens, when that is a finding, and when it closes; once each", async () => {
    const clock = createHandClock();
    const turned: string[] = [];
    const breakers = createBreakers({
      ...{ clock, random: () => 0.5, keys: () => 1 },
      turned: (model) => turned.push(`${model} ${breakers.findings().length}`),
    });
    breakers.heard(to("a/b"), undefined);
    breakers.heard(to("a/b"), down);
    assert.deepEqual(turned, [], "neither a success nor one failure is news");
    breakers.heard(to("a/b"), quota, 1_000);
    breakers.heard(to("a/b"), quota, 1_000);
    assert.deepEqual(turned, ["a/b 0"]);
    await clock.advance(59_999);
    assert.equal(turned.length, 1);
    await clock.advance(1);
    assert.deepEqual(turned.splice(0), ["a/b 0", "a/b 1"]);
    breakers.heard(to("a/b"), undefined);
    assert.deepEqual(turned.splice(0), ["a/b 0"]);

    breakers.heard(to("a/b"), quota);
    breakers.heard(to("a/b"), undefined);
    await clock.advance(120_000);
    assert.deepEqual(turned, ["a/b 0", "a/b 0"], "what passed sooner is no finding");
  });

  test("tries a provider's other keys where a key failed, each call beginning with the next", () => {
    const clock = createHandClock();
    const breakers = createBreakers({ clock, random: () => 0.5, keys: (provider) => (provider === "a" ? 3 : 1) });
    const walkKeys = (...codes: ErrorCode[]) => {
      const chain = chainOf({ models: ["a/1", "b/1"] }, breakers);
      const walked = [chain.first];
      for (const code of codes) {
        const next = chain.after(walked.at(-1) ?? chain.first, fault(code, ""));
        if (next) walked.push(next);
      }
      return walked.map(({ model, key }) => `${model} ${key}`);
    };
    assert.deepEqual(walkKeys("provider-quota", "provider-auth", "provider-spent"), ["a/1 0", "a/1 1", "a/1 2", "b/1 0"]);
    assert.deepEqual(walkKeys("provider-quota", "provider-unavailable"), ["a/1 1", "a/1 2", "b/1 0"], "no key mends a server that is down");
    breakers.heard(to("a/1", 2), quota, 20_000);
    assert.deepEqual(walkKeys("provider-quota"), ["a/1 0", "a/1 1"]);
    assert.deepEqual(walkKeys("provider-quota", "provider-quota"), ["a/1 0", "a/1 1", "b/1 0"]);
    assert.deepEqual(walkKeys("provider-refused"), ["a/1 1", "b/1 0"]);
    assert.equal(breakers.wait(to("a/1", 0)), 0, "a key at its limit says nothing about the others");
  });

  test("says who may answer another try: the first that opens of those that time alone mends", () => {
    const later = (why: typeof quota) => chainOf({ models: ["a/1", "a/2", "b/1"] }, shut({ "a/1": 900, "b/1": 300 }, why)).later();
    assert.deepEqual(later(quota), { fault: quota, afterMs: 300 });
    assert.equal(later(fault("provider-auth", "401")), undefined);
  });

  test("where all are shut, says when the first opens, and which that is", () => {
    const { walked, waitMs } = walk(["a/1", "b/1"], { "a/1": 900, "b/1": 300 });
    assert.deepEqual([walked, waitMs], [["b/1 0"], 300]);
    assert.deepEqual(walk([], {}).walked, ["none/none 0"]);
  });
});
