import assert from "node:assert/strict";
import { z } from "zod";
import { type AccountId, defaultTenant } from "../../../src/core/ids.ts";
import { textPart } from "../../../src/core/message.ts";
import { defineProvider } from "../../../src/core/provider.ts";
import { composeTestGateway, type TestGateway, type TestGatewayOptions } from "../../compose.ts";
import { temporaryHome } from "../../gateway-process.ts";
import { type Behaviour, createPlatform, type Platform } from "./platform.ts";
import { createSimulation, type Simulation, seeded } from "./simulation.ts";

export const second = 1_000;
export const minute = 60 * second;

const silent = defineProvider<never>({
  kind: "test",
  name: "Test",
  settings: z.never(),
  // biome-ignore lint/correctness/useYield: nothing is asked of it
  async *stream() {
    throw new Error("no model is needed here");
  },
  models: async () => ({ ok: true, value: ["model"] }),
});

export interface World {
  readonly on: TestGateway;
  readonly simulation: Simulation;
  readonly platforms: { readonly [account: string]: Platform };
  queue(account: string, chats: number, messages: number): Promise<void>;
}

/** A gateway in simulated time, with one account on each platform; each behaves as it is told. */
export async function inWorld(
  behaviours: { readonly [account: string]: Behaviour },
  run: (world: World) => Promise<void>,
  { idempotent = true, ...options }: Partial<Pick<TestGatewayOptions, "limits" | "provider">> & { readonly idempotent?: boolean } = {},
): Promise<void> {
  const home = await temporaryHome();
  const simulation = createSimulation();
  const { clock } = simulation;
  const names = Object.keys(behaviours);
  const platforms = Object.fromEntries(names.map((name) => [name, createPlatform(name, clock, behaviours[name] as Behaviour, idempotent)]));
  const on = await composeTestGateway({
    home: home.path,
    channels: Object.values(platforms).map(({ channel }) => channel),
    accounts: Object.fromEntries(names.map((name) => [name, { channel: name, settings: {} }])),
    provider: silent,
    clock,
    random: seeded(7),
    wrap: simulation.wrap,
    remember: false,
    ...options,
    limits: { deliveryAttempts: 20, deliveryAgeMs: 86_400_000, turnTries: 5, ...options.limits },
  });
  async function queue(account: string, chats: number, messages: number): Promise<void> {
    for (let from = 0; from < messages; from += 500) {
      const some = Array.from({ length: Math.min(500, messages - from) }, (_, i) => from + i);
      await Promise.all(some.map((n) => say(on, account, `c${n % chats}`, String(Math.floor(n / chats)))));
    }
  }
  try {
    await run({ on, simulation, platforms, queue });
  } finally {
    // What runs may need time to end, and nobody else moves it on.
    await Promise.all([on[Symbol.asyncDispose](), simulation.run(simulation.clock.elapsed() + 10 * second)]);
    await home[Symbol.asyncDispose]();
  }
}

export async function say({ gateway }: TestGateway, account: string, chat: string, text: string): Promise<void> {
  const sent = await gateway.send({
    tenant: defaultTenant,
    to: { account: account as AccountId, chat },
    parts: [textPart(text)],
    by: "test",
  });
  assert.ok(sent.ok);
}

/** Every chat got its texts once and in order. */
export function assertInOrder({ arrived }: Platform, chats: number, messages: number): void {
  assert.equal(arrived.size, chats);
  for (const [chat, texts] of arrived) {
    const number = Number(chat.slice(1));
    const expected = Array.from({ length: Math.ceil((messages - number) / chats) }, (_, n) => String(n));
    assert.deepEqual(texts, expected, `order in ${chat}`);
  }
}

export async function assertNothingDead({ store }: TestGateway): Promise<void> {
  assert.deepEqual((await store.records.counts(defaultTenant)).deliveries, { queued: 0, sending: 0, unknown: 0, failed: 0, dead: 0 });
}
