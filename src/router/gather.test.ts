import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { agentOf } from "../../test/support/agent.ts";
import type { Configuration } from "../core/configuration.ts";
import type { PlatformEvent } from "../core/event.ts";
import type { AccountId, AgentId, ConversationId, EventId, TenantId } from "../core/ids.ts";
import { textPart } from "../core/message.ts";
import type { Route } from "../core/route.ts";
import type { QueuedEvent } from "../core/store.ts";
import { decide } from "./decide.ts";
import { gather, mostJoined, windowEnd } from "./gather.ts";

const agents = ["main", "other"].map((id) => agentOf({ id: id as AgentId }));
const here = { id: "c1", kind: "group" } as const;
const ada = { id: "ada", bot: false, self: false };
const account = { id: "bot" as AccountId, access: { direct: "open", group: "open", allow: [], groups: [], mention: true } };

function configuration(routes: readonly Route[] = [{ agent: "main" as AgentId }]): Configuration {
  return {
    accounts: new Map([[account.id, account]]),
    agents: new Map(agents.map((agent) => [agent.id, agent])),
    routes,
    limits: { turnTries: 5 },
  } as unknown as Configuration;
}

let made = 0;

function queued(event: Partial<PlatformEvent> = {}, more: Partial<QueuedEvent> = {}): QueuedEvent {
  made += 1;
  const scope = { tenant: "default" as TenantId, account: account.id, channel: "telegram" };
  const message = {
    kind: "message",
    key: `${made}`,
    chat: here,
    sender: ada,
    at: 0,
    platformId: `${made}`,
    parts: [textPart("hi")],
    addressed: true,
  };
  return {
    ...scope,
    id: `ev_${made}` as EventId,
    conversation: { ...scope, id: "cv_1" as ConversationId, chat: here, control: "agent", controlVersion: 1 },
    event: { ...message, ...event } as PlatformEvent,
    ...{ tries: 0, crashes: 0, receivedAt: 0, dueAt: 0, past: { story: 1, behind: 0, from: 0, version: 0 } },
    ...more,
  };
}

const bob = { id: "bob", bot: false, self: false };
const press = { kind: "press", token: "t" } as const;

/** What becomes of each event behind the first: `+` joins, a reason: is passed over, `|`: nothing from here on. */
function told(lead: QueuedEvent, waiting: readonly QueuedEvent[], routes?: readonly Route[], most?: number): string {
  const decision = decide(lead, configuration(routes));
  assert.equal(decision.kind, "turn");
  const found = gather(lead, decision as never, waiting, configuration(routes), most);
  const seen = waiting.flatMap((event) => {
    if (found.joined.includes(event)) return ["+"];
    return found.passed.flatMap((passed) => (passed.event === event ? [passed.reason] : []));
  });
  return [...seen, ...(found.closed ? ["|"] : [])].join(" ");
}

describe("what may share a turn", () => {
  const cases: readonly (readonly [name: string, waiting: readonly QueuedEvent[], expect: string])[] = [
    ["messages of the same sender", [queued(), queued()], "+ +"],
    ["nothing waits", [], ""],
    [
      "reactions and edits are passed over",
      [queued({ kind: "reaction" }), queued({ kind: "edit" }), queued()],
      "nothing-to-answer nothing-to-answer +",
    ],
    ["a bot is passed over", [queued({ sender: { ...ada, bot: true } }), queued()], "sender-is-bot +"],
    ["what isn't addressed to it is passed over", [queued({ sender: bob, addressed: false }), queued()], "group-not-addressed +"],
    ["a button has a turn of its own, and nothing overtakes it", [queued(), queued(press), queued()], "+ |"],
    ["another person has a turn of his own, and nothing overtakes it", [queued({ sender: bob }), queued()], "|"],
    ["what kills the process is taken alone", [queued({}, { crashes: 4 }), queued()], "|"],
    ["what was set aside is passed over", [queued({}, { tries: 5 }), queued()], "poison +"],
  ];
  for (const [name, waiting, expect] of cases) test(name, () => assert.equal(told(queued(), waiting), expect));

  test("a button gathers nothing", () => assert.equal(told(queued(press), [queued(press), queued()]), "|"));

  test("what may kill the process goes alone", () => {
    assert.equal(told(queued({}, { crashes: 3 }), [queued()]), "+");
    assert.equal(told(queued({}, { crashes: 4 }), [queued()]), "|");
  });

  test("a number is the most", () => {
    const many = Array.from({ length: mostJoined + 9 }, () => queued());
    assert.equal(told(queued(), many), `${"+ ".repeat(mostJoined - 1)}|`);
    assert.equal(told(queued(), many.slice(0, 3), undefined, 2), "+ + |");
    assert.equal(told(queued(), many.slice(0, 3), undefined, 0), "|");
  });

  test("only what the same route leads to the same agent", () => {
    const routes = [
      { when: { sender: ["ada"], kind: "direct" }, agent: "main" as AgentId },
      { when: { kind: "group" }, agent: "other" as AgentId },
      { agent: "main" as AgentId },
    ] as const;
    const direct = queued({ chat: { id: "c1", kind: "direct" } });
    assert.equal(told(queued(), [queued(), direct, queued()], routes), "+ |");
    assert.equal(told(direct, [direct, queued()], routes), "+ |");
  });
});

describe("the window", () => {
  const at = (receivedAt: number) => queued({}, { receivedAt });
  const open = (...times: number[]) => ({ joined: times.map(at), passed: [], closed: false });
  const cases: readonly (readonly [name: string, end: number, expect: number])[] = [
    ["one message", windowEnd(at(1_000), open(), 500, 1_000), 1_500],
    ["it grows with each message", windowEnd(at(1_000), open(1_300, 1_700), 500, 1_700), 2_200],
    ["it is over when it is over", windowEnd(at(1_000), open(), 500, 9_000), 1_500],
    ["who doesn't stop writing gets an answer after ten windows", windowEnd(at(1_000), open(3_000, 5_900), 500, 5_900), 6_000],
    ["nothing more can join", windowEnd(at(1_000), { ...open(1_100), closed: true }, 500, 1_100), 1_100],
    ["the clock was set back", windowEnd(at(9_000), open(), 500, 1_000), 1_000],
    ["the clock was set back between two messages", windowEnd(at(1_000), open(9_000), 500, 1_100), 1_100],
  ];
  for (const [name, end, expect] of cases) test(name, () => assert.equal(end, expect));
});
