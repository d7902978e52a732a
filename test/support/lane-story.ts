import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlatformEvent } from "../../src/core/event.ts";
import { type AccountId, type ConversationId, defaultTenant, type EventId } from "../../src/core/ids.ts";
import { createHandClock, type HandClock } from "../clock.ts";
import { composeTestGateway, type TestGateway, type TestGatewayOptions } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { type ChatPlatform, createChat } from "./chat.ts";
import { type ModelByHand, modelByHand } from "./model.ts";

/** The hand moves time faster than a disk works: no turn is to be late for that. */
export const limits = { history: 20, maxOutputTokens: 1_000, steps: 4, turnMs: 1e9 };

export interface Story {
  readonly on: TestGateway;
  readonly chat: ChatPlatform;
  readonly model: ModelByHand;
  readonly clock: HandClock;
  /** The gateway gets these at once; gives their ids and conversation. */
  readonly receive: (...events: PlatformEvent[]) => Promise<readonly Arrived[]>;
  /** Lets time pass until this stage was told of so often. */
  readonly pass: (stage: Parameters<TestGateway["until"]>[0], times?: number) => Promise<void>;
  /** The stages of an event's own story, with their reasons. */
  readonly told: (arrived: Arrived | undefined) => Promise<readonly string[]>;
  readonly takeOver: (arrived: Arrived | undefined) => Promise<void>;
}

export interface Arrived {
  readonly event: EventId;
  readonly conversation: ConversationId;
}

type Options = Pick<TestGatewayOptions, "routes" | "agent" | "tools" | "limits"> & { readonly streaming?: boolean };

/** A test of what becomes of messages in a conversation: a platform in memory, a model and a clock by hand. */
export function story(name: string, { streaming = false, ...options }: Options, run: (story: Story) => Promise<void>): void {
  test(name, { timeout: 60_000 }, async () => {
    const home = await temporaryHome();
    const [chat, model, clock] = [createChat(), modelByHand(), createHandClock()];
    const accounts = { bot: { channel: "chat", settings: {}, streaming } };
    const on = await composeTestGateway({
      ...{ home: home.path, channels: [chat.channel], accounts, provider: model.provider, clock, agent: { limits }, ...options },
    });
    try {
      await run(storyOf(on, chat, model, clock));
    } finally {
      const closed = on[Symbol.asyncDispose]();
      await clock.advance(10_000);
      await closed;
      await home[Symbol.asyncDispose]();
    }
  });
}

/** Some time passes by the hand's clock, and a little by that of disks and sockets. */
export async function moment(clock: HandClock): Promise<void> {
  await clock.advance(100);
  await new Promise((resolve) => setTimeout(resolve, 1));
}

function storyOf(on: TestGateway, chat: ChatPlatform, model: ModelByHand, clock: HandClock): Story {
  const account = "bot" as AccountId;
  return {
    ...{ on, chat, model, clock },
    receive: (...events) => on.gateway.receive(account, events),
    async pass(stage, times = 1) {
      let seen = false;
      const found = on.until(stage, times).then(() => {
        seen = true;
      });
      while (!seen) await moment(clock);
      await found;
    },
    async told(arrived) {
      const trace = await on.store.records.trace(defaultTenant, arrived?.event ?? "");
      const own = trace?.entries.filter((entry) => entry.trace === arrived?.event) ?? [];
      return own
        .filter(({ stage }) => !stage.startsWith("delivery") && !stage.startsWith("model"))
        .map(({ stage, reason }) => (reason ? `${stage} (${reason})` : stage));
    },
    async takeOver(arrived) {
      const conversation = await on.store.records.conversation(defaultTenant, arrived?.conversation ?? "");
      assert.ok(conversation);
      const { id, controlVersion } = conversation;
      const taken = await on.store.records.setControl(defaultTenant, id, "human", controlVersion, "op_1", clock.now());
      on.publish({ type: "control", conversation: id, control: "human", version: taken?.controlVersion ?? 0 });
    },
  };
}
