import { z } from "zod";
import { type Channel, defineChannel, type Outbound } from "../../src/core/channel.ts";
import type { SendOutcome } from "../../src/core/delivery.ts";
import { fail, fault, ok } from "../../src/core/errors.ts";
import type { PlatformEvent } from "../../src/core/event.ts";
import { plain } from "../../src/dialects/plain.ts";
import type { Network, Reply } from "./network.ts";
import type { AccountPlan } from "./plan.ts";
import type { Platform } from "./platform.ts";
import type { Owner, Scheduler } from "./scheduler.ts";

export interface ChannelDoor {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly life: Owner;
  readonly platform: Platform;
  /** Called before a request leaves; the returned function when the gateway heard what became of it. */
  readonly calls: (method: "send" | "edit", outbound: Outbound) => (outcome: SendOutcome) => void;
}

/** Each account has a kind of its own: what its platform can do is part of the channel. */
export function kindOf(plan: AccountPlan): string {
  return `${plan.inbound}-${plan.name}`;
}

export const settings = z.object({}).describe("None.");
const pollMs = 25_000;

/** A channel of one life of the gateway to one simulated platform. */
export function simulatedChannel(door: ChannelDoor): Channel {
  const { platform, network, life } = door;
  const { plan } = platform;
  const rate = plan.pace ?? Number.POSITIVE_INFINITY;

  async function call(method: "send" | "edit", outbound: Outbound, signal: AbortSignal, arrive: (late: boolean) => SendOutcome | "throws") {
    const heard = door.calls(method, outbound);
    const reply = await network.request(life, `${method} ${outbound.delivery}`, signal, arrive);
    const outcome = outcomeOf(reply);
    heard(outcome === "throws" ? { kind: "unknown", code: "channel-unknown", message: "it threw" } : outcome);
    if (outcome === "throws") throw new Error("a bug in the channel");
    return outcome;
  }

  return defineChannel<unknown>({
    kind: kindOf(plan),
    name: plan.name,
    summary: "A platform that exists in a simulation only.",
    settings,
    dialect: plain,
    limits: {
      text: { max: 60, unit: "utf16", counts: "sent" },
      rate: { account: rate, conversation: rate },
      buttons: { count: 4, label: 20 },
      ...(plan.edits && { editEvery: { direct: 1_000, group: 3_000 } }),
    },
    access: { direct: "open", group: "open" },
    idempotent: plan.idempotent,
    guide: "",

    async probe(_, signal) {
      const reply = await network.request(life, `probe ${plan.name}`, signal, () => undefined);
      return reply.kind === "answered" ? ok({ id: plan.name, name: plan.name }) : fail("channel-unreachable", "no answer");
    },

    ...(plan.inbound === "poll" && {
      async listen(_, inbox, signal) {
        let offset = Number(inbox.cursor ?? 0);
        while (!signal.aborted) {
          const reply = await network.request(life, `updates ${plan.name} ${offset}`, signal, () => platform.updates(offset));
          if (reply.kind !== "answered") return fault("channel-unreachable", "no answer");
          inbox.alive();
          if (reply.value.length > 0) {
            // A platform that tells old news doesn't move the offset back.
            const next = Math.max(offset, ...reply.value.map(({ at }) => at + 1));
            await inbox.receive(
              reply.value.map(({ event }) => event),
              String(next),
            );
            offset = next;
          } else await nothingYet(offset, signal);
        }
        return undefined;
      },
    }),

    ...(plan.inbound === "push" && {
      webhook: (_, { body }) =>
        ok({ events: JSON.parse(Buffer.from(body).toString("utf8")) as PlatformEvent[], response: { status: 200 } }),
    }),

    send: (_, outbound, signal) => call("send", outbound, signal, (late) => platform.send(outbound, late)),
    ...(plan.edits && {
      edit: (_, outbound, signal) => call("edit", outbound, signal, () => platform.edit(outbound)),
    }),

    async locateFile(_, ref, signal) {
      const reply = await network.request(life, `locate ${ref}`, signal, () => undefined);
      return reply.kind === "answered" ? ok({ method: "GET", url: `sim:${ref}` }) : fail("channel-unreachable", "no answer");
    },
  });

  /** What a long poll does: it comes back when there is something, or after a while. */
  async function nothingYet(offset: number, signal: AbortSignal): Promise<void> {
    const until = door.scheduler.now + pollMs;
    while (!signal.aborted && platform.happened.length <= offset && door.scheduler.now < until) {
      await door.scheduler.pass(life, `poll ${plan.name}`, 500);
    }
  }
}

function outcomeOf(reply: Reply<SendOutcome | "throws">): SendOutcome | "throws" {
  switch (reply.kind) {
    case "answered":
      return reply.value;
    case "closed":
      return { kind: "retry", code: "channel-unreachable", message: "no connection" };
    default:
      return { kind: "unknown", code: "channel-unknown", message: "no answer" };
  }
}
