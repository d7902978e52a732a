import { z } from "zod";
import { type Channel, defineChannel, type Outbound } from "../../../src/core/channel.ts";
import { type Clock, sleep } from "../../../src/core/clock.ts";
import type { SendOutcome } from "../../../src/core/delivery.ts";
import { fail, ok } from "../../../src/core/errors.ts";
import { plain } from "../../../src/dialects/plain.ts";

export interface Call {
  readonly chat: string;
  readonly text: string;
  /** Simulated milliseconds since the start. */
  readonly at: number;
  endedAt: number | undefined;
  outcome: SendOutcome | undefined;
}

export interface Platform {
  readonly channel: Channel<never>;
  readonly calls: readonly Call[];
  /** Texts that arrived, by chat, in the order of arrival. */
  readonly arrived: ReadonlyMap<string, readonly string[]>;
}

/**
 * What the platform does with a call at this moment: an answer, or nothing (`hang`: a send gets none until it is cut off;
 * `mute`: and nothing else does).
 */
export type Behaviour = (at: number) => SendOutcome | "accept" | "hang" | "mute";

const latencyMs = 50;

/** A platform in this process and in simulated time. If `idempotent`, it drops repeats by their key. */
export function createPlatform(kind: string, clock: Clock, behave: Behaviour, idempotent = true): Platform {
  const calls: Call[] = [];
  const arrived = new Map<string, string[]>();
  const keys = new Set<string>();

  async function answer(outbound: Outbound, signal: AbortSignal): Promise<SendOutcome> {
    const now = behave(clock.elapsed());
    if (now === "hang" || now === "mute") {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      return { kind: "unknown", code: "channel-unknown", message: "no answer in time" };
    }
    await sleep(clock, latencyMs);
    if (now !== "accept") return now;
    const { chat, content, delivery } = outbound;
    if (!(idempotent && keys.has(delivery))) {
      const texts = arrived.get(chat.id);
      if (texts) texts.push(content.text);
      else arrived.set(chat.id, [content.text]);
    }
    keys.add(delivery);
    return { kind: "sent", receipt: delivery };
  }

  const channel = defineChannel({
    kind,
    name: kind,
    summary: "a platform of the test",
    guide: "",
    settings: z.object({}),
    dialect: plain,
    limits: {
      text: { max: 4_000, unit: "utf16", counts: "sent" },
      rate: { account: Number.POSITIVE_INFINITY, conversation: Number.POSITIVE_INFINITY },
    },
    idempotent,
    async probe() {
      return behave(clock.elapsed()) === "mute" ? fail("channel-unreachable", "no answer") : ok({ id: kind, name: kind });
    },
    async send(_, outbound, signal) {
      const call: Call = {
        chat: outbound.chat.id,
        text: outbound.content.text,
        at: clock.elapsed(),
        endedAt: undefined,
        outcome: undefined,
      };
      calls.push(call);
      call.outcome = await answer(outbound, signal);
      call.endedAt = clock.elapsed();
      return call.outcome;
    },
  });
  return { channel: channel as unknown as Channel<never>, calls, arrived };
}
