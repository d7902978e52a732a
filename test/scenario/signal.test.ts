import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type GatewayProcess, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { ann, startSignalSimulator } from "../simulators/signal.ts";

const rounds = 6;

/**
 * The real gateway before signal-cli, killed again and again while somebody writes, also while nobody is there. Signal has no key against
 * doubles, so the account says `resend`: each kill explains one.
 */
test("Signal: kill -9 loses nothing and turns nothing round", { timeout: 180_000 }, async (t) => {
  await using home = await temporaryHome();
  const signal = await startSignalSimulator();
  t.after(() => signal.close());
  const configuration = {
    accounts: { desk: { channel: "signal", ...signal.settings, onUnknown: "resend", access: { direct: "open" } } },
    providers: { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: ["demo/demo"] } },
    routes: [{ agent: "main" }],
  };
  let gateway: GatewayProcess | undefined;
  t.after(() => gateway?.kill());
  const answers = () => signal.seen(ann.uuid).map(({ text }) => /word-(\d+)/.exec(text)?.[1] ?? text);
  let kills = 0;
  let said = 0;
  for (let round = 0; round < rounds; round++) {
    gateway = await startGatewayProcess({ home: home.path, configuration });
    const before = answers().length;
    for (let message = 0; message < 3; message++) signal.say(`say word-${said++}`);
    if (round === rounds - 1) break;
    // In the middle of this round's answers.
    while (answers().length === before) await wait(5);
    await gateway.kill();
    kills++;
    signal.say(`say word-${said++}`);
  }
  while (new Set(answers()).size < said) await wait(20);
  assert.deepEqual(
    [...new Set(answers())],
    Array.from({ length: said }, (_, word) => String(word)),
    String(answers()),
  );
  assert.ok(answers().length - said <= kills, String(answers()));
  assert.equal(await gateway?.stop(), 0);
  assert.deepEqual(signal.violations, []);
});
