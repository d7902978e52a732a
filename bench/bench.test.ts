import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { faultsOf } from "./load/tally.ts";
import { startLoad } from "./load.ts";
import { startModel } from "./model.ts";
import { alternate, withBoth } from "./parts/slice.ts";
import { lastWord } from "./sink.ts";

/** Few messages: the harness is on trial here, not the machine. */
const slice = { seconds: 60, messages: 60 };

for (const kind of ["in the process", "over HTTP"]) {
  test(`gateway and yardstick, model ${kind}: every message is answered once and in order, in both of two rounds`, async (t) => {
    const model = kind === "over HTTP" ? await startModel({ delayMs: 0 }) : undefined;
    t.after(() => model?.close());
    await withBoth({ conversations: 7, connections: 3, ...(model ? { model: model.url } : {}) }, async (both) => {
      const runs = await alternate(both, 2, slice);
      for (const side of ["gateway", "yardstick"] as const) {
        assert.deepEqual(
          runs[side].map(({ delivered }) => delivered),
          [60, 60],
        );
        assert.equal(faultsOf(await both[side].load.counts()), undefined);
      }
    });
  });
}

test("an open loop keeps its rate, and sends no more than that", async (t) => {
  const { run } = await against(t, (answer, n) => answer(n));
  const figures = await run({ seconds: 0.5, rate: 100 });
  assert.equal(faultsOf(figures), undefined);
  assert.equal(figures.acknowledged, 50);
});

/** Targets that do wrong; the count must see it. */
const wrongs: Readonly<Record<string, Reaction>> = {
  "20 missing": (answer, n, count) => count % 3 !== 0 && answer(n),
  "60 repeated": (answer, n) => {
    answer(n);
    answer(n);
  },
  "60 unasked, 60 missing": (answer, n) => answer(n, "and that is"),
};
for (const [faults, reaction] of Object.entries(wrongs)) {
  test(`a target that does wrong: ${faults}`, async (t) => {
    const { run, counts } = await against(t, reaction);
    await run({ ...slice, backlog: 1_000, patienceMs: 500 });
    const found = async () => (faultsOf(await counts()) ?? "nothing").split(", ").sort();
    const wanted = faults.split(", ").sort();
    // On a busy machine the last of them are still on their way.
    for (let n = 0; n < 400 && `${await found()}` !== `${wanted}`; n++) await new Promise((go) => setTimeout(go, 50));
    assert.deepEqual(await found(), wanted);
  });
}

test("a target that answers the other way round is out of order", async (t) => {
  const kept: number[] = [];
  const { run } = await against(t, (answer, n) => {
    kept.push(n);
    if (kept.length === 60) void kept.toReversed().reduce((before, each) => before.then(() => answer(each)), Promise.resolve());
  });
  const figures = await run({ ...slice, backlog: 1_000 });
  // All but the first of each conversation's answers come after a later one.
  assert.equal(faultsOf(figures), "53 out of order");
});

test("a target that refuses", async (t) => {
  const { run } = await against(t, () => {}, 503);
  assert.equal(faultsOf(await run(slice)), "60 refused");
});

type Reaction = (answer: (n: number, end?: string) => Promise<void>, n: number, count: number) => unknown;

/** A target of the test's own: what it is sent it hands to `react`, which answers as it likes. */
async function against(t: TestContext, react: Reaction, status = 202) {
  const load = await startLoad();
  t.after(() => load.stop());
  const post = async (n: number, end: string) => {
    await (await fetch(load.sink, { method: "POST", body: JSON.stringify({ text: `#${n}# …${end}` }) })).text();
  };
  // One after the other: requests side by side may arrive in any order.
  let last = Promise.resolve();
  const answer = (n: number, end = lastWord) => {
    last = last.then(() => post(n, end));
    return last;
  };
  let count = 0;
  const server = http.createServer(async (request, response) => {
    const n = Number(/#(\d+)#/.exec(await text(request))?.[1]);
    response.writeHead(status, { "content-length": 0 }).end();
    react(answer, n, ++count);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await load.aim({ urls: [url], secret: `whsec_${Buffer.alloc(32).toString("base64")}`, connections: 3, conversations: 7 });
  return load;
}
