import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type PostgresServer, postgresMissing, startPostgres } from "../servers/postgres.ts";
import { boundaries, type LifePlan } from "./crash/plan.ts";
import { words } from "./crash/report.ts";
import { type Outcome, runLives } from "./crash/run.ts";

/** What a life that doesn't come to its boundary may take. */
const kill = { after: "ready", ms: 8_000 } as const;

describe("a gateway on a real PostgreSQL", { skip: postgresMissing() }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  test("a kill at each boundary: nothing lost, nothing out of order, nothing twice without its own fault", {
    timeout: 15 * 60_000,
  }, async (context) => {
    const lives = boundaries.flatMap((point) =>
      (["before", "after"] as const).map((when): LifePlan => ({ crash: { point, when, nth: 1 }, kill })),
    );
    const outcome = await runLives({ seed: 7, lives, perSecond: 15, chats: 16, store: await server.database() });
    for (const line of words(outcome)) context.diagnostic(line);
    holds(outcome);
    assert.ok(outcome.missed.length <= lives.length / 10, `boundaries that were not reached: ${outcome.missed}`);
  });

  test("connections that are cut, and a server that is away for a while: nothing lost, nothing out of order, at most one doubt a cut", {
    timeout: 10 * 60_000,
  }, async (context) => {
    const store = await server.database();
    const cuts = 18;
    // Over before the last life is: what is asked beside the gateway then finds a server.
    const trouble = (async () => {
      for (let round = 1; round <= cuts; round++) {
        await new Promise((resolve) => setTimeout(resolve, 900));
        if (round % 6 > 0) await server.cut(store);
        else {
          await server.stop();
          await new Promise((resolve) => setTimeout(resolve, 1_500));
          await server.start();
        }
      }
    })();
    const lives = Array.from({ length: 2 }, (): LifePlan => ({ messages: 120, kill: { after: "ready", ms: 8_000 } }));
    const [outcome] = await Promise.all([runLives({ seed: 8, lives, perSecond: 10, chats: 8, store }), trouble]);
    for (const line of words(outcome)) context.diagnostic(line);
    const { unexplained, paidAgain, fell } = outcome.broken;
    holds({ ...outcome, broken: { ...outcome.broken, unexplained: [], paidAgain: [], fell: [] } });
    // A start finds no server, or a commit's answer is lost with it: the gateway ends and says so, and is started again.
    assert.ok(fell.length <= cuts / 6, JSON.stringify(fell));
    // What was sent, or asked of a model, while the store couldn't be told: it looks as after a kill, but the judge knows of no kill.
    for (const doubts of [unexplained, paidAgain]) assert.ok(doubts.length <= cuts, JSON.stringify(doubts));
  });
});

function holds(outcome: Outcome): void {
  for (const [law, broken] of Object.entries(outcome.broken)) assert.deepEqual(broken, [], `${law}; logs: ${outcome.logs}`);
  assert.ok(outcome.settled, "the last life comes to an end of what there is to do");
}
