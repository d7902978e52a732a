import assert from "node:assert/strict";
import { test } from "node:test";
import { openAccount } from "../../test/contract/account.ts";
import { outbound } from "../../test/contract/channel.ts";
import { startMessagingSimulator } from "../../test/simulators/messaging.ts";
import instagram from "../channels/instagram/index.ts";
import messenger from "../channels/messenger/index.ts";
import type { Channel } from "../core/channel.ts";
import type { Chat } from "../core/event.ts";

const person = "1254459154682919";
const direct: Chat = { id: person, kind: "direct" };
const never = new AbortController().signal;
const hour = 3_600_000;

interface Case {
  readonly hours: number;
  readonly byHand?: true;
  readonly humanAgent?: boolean;
  /** What goes out, or why nothing does. */
  readonly expect: "RESPONSE" | "HUMAN_AGENT" | RegExp;
}

const cases: { readonly [name: string]: Case } = {
  "an answer within 24 hours": { hours: 23.9, expect: "RESPONSE" },
  "an operator's message within 24 hours": { hours: 1, byHand: true, humanAgent: true, expect: "RESPONSE" },
  "an answer after 24 hours": { hours: 24.1, humanAgent: true, expect: /24 hours ago: nothing reaches them until/ },
  "an operator's message after 24 hours": { hours: 24.1, byHand: true, humanAgent: true, expect: "HUMAN_AGENT" },
  "an operator's message where Meta granted nothing": { hours: 24.1, byHand: true, expect: /24 hours ago: .* humanAgent says so/ },
  "an operator's message within 7 days": { hours: 7 * 24 - 0.1, byHand: true, humanAgent: true, expect: "HUMAN_AGENT" },
  "an operator's message after 7 days": { hours: 7 * 24 + 0.1, byHand: true, humanAgent: true, expect: /7 days ago: nothing reaches them/ },
};

for (const kind of ["messenger", "instagram"] as const) {
  const channel = (kind === "messenger" ? messenger : instagram) as Channel;
  const opened = async (humanAgent: boolean) => {
    const meta = await startMessagingSimulator(kind);
    const { accessToken, appSecret, verifyToken, self, url: apiRoot } = meta;
    const id = kind === "messenger" ? { pageId: self } : { accountId: self };
    const account = openAccount(channel, { accessToken, appSecret, verifyToken, apiRoot, humanAgent, ...id });
    const close = async () => {
      assert.deepEqual(meta.violations, []);
      await account.close();
      await meta.close();
    };
    return { meta, account, [Symbol.asyncDispose]: close };
  };

  for (const [name, { hours, byHand, humanAgent = false, expect }] of Object.entries(cases)) {
    test(`${kind}: ${name}`, async () => {
      await using open = await opened(humanAgent);
      const heardAt = Date.now() - hours * hour;
      open.meta.humanAgent = humanAgent;
      open.meta.meet(person, heardAt);
      const one = { ...outbound(direct, "hello", byHand ? { byHand } : {}), heardAt };
      const outcome = await channel.send(open.account, one, never);
      if (expect instanceof RegExp) {
        assert.ok(outcome.kind === "refused" && outcome.code === "window-closed", JSON.stringify(outcome));
        assert.match(outcome.message, expect);
        assert.deepEqual(open.meta.calls, [], "Meta isn't asked");
      } else {
        assert.equal(outcome.kind, "sent", JSON.stringify(outcome));
        assert.equal(open.meta.sent[0]?.tag ?? "RESPONSE", expect);
      }
    });
  }

  test(`${kind}: of whom nobody knows when they wrote, Meta decides`, async () => {
    await using open = await opened(true);
    open.meta.meet(person, Date.now() - 25 * hour);
    const outcome = await channel.send(open.account, outbound(direct, "hello"), never);
    assert.ok(outcome.kind === "refused" && outcome.code === "window-closed", JSON.stringify(outcome));
    assert.equal(open.meta.calls.length, 1);
  });

  test(`${kind}: a feature that Meta didn't grant is said by Meta`, async () => {
    await using open = await opened(true);
    const heardAt = Date.now() - 25 * hour;
    open.meta.meet(person, heardAt);
    const outcome = await channel.send(open.account, { ...outbound(direct, "hello", { byHand: true }), heardAt }, never);
    assert.ok(outcome.kind === "refused" && outcome.code === "window-closed", JSON.stringify(outcome));
  });
}
