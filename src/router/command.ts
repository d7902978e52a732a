import type { Channel } from "../core/channel.ts";
import type { Clock } from "../core/clock.ts";
import { type Command, commandHelp } from "../core/command.ts";
import type { DeliveryContent, OnUnknown } from "../core/delivery.ts";
import type { Lease } from "../core/engine.ts";
import { type ConversationId, type MessageId, newId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import { type Live, tellControl } from "../core/live.ts";
import { type Part, textPart } from "../core/message.ts";
import { planned } from "../core/planned.ts";
import type { Agent } from "../core/route.ts";
import type { CommandEnd, QueuedEvent, TurnStore } from "../core/store.ts";

export interface CommandDoor {
  readonly store: Pick<TurnStore, "endCommand">;
  readonly clock: Clock;
  readonly live: Live;
  /** The outbox's plan of a message. */
  readonly plan: (parts: readonly Part[], channel: Channel, message: MessageId) => readonly DeliveryContent[];
  readonly tell: (entries: readonly LedgerEntry[], conversation: ConversationId) => void;
  /** A reply is stored, and its deliveries are queued. */
  readonly answered: (
    queued: QueuedEvent,
    reply: { readonly message: MessageId; readonly parts: readonly Part[]; readonly deliveries: readonly unknown[]; readonly at: number },
  ) => void;
}

/** Ends a command, whatever becomes of its sender's other messages. Answers as `routeNext` does. */
export async function endCommand(
  door: CommandDoor,
  lease: Lease,
  queued: QueuedEvent,
  { command, agent }: { readonly command: Command; readonly agent: Agent },
  { channel, onUnknown }: { readonly channel: Channel; readonly onUnknown: OnUnknown },
): Promise<number | undefined> {
  const { tenant, account, channel: kind, event, conversation } = queued;
  const at = door.clock.now();
  const message = newId("message", at);
  const { say, ...changes } = answerCommand(command, queued, agent);
  const parts = [textPart(say)];
  const deliveries = planned(door.plan(parts, channel, message), { channel, onUnknown });
  const reply = { tenant, account, channel: kind, chat: event.chat, author: "system", message, parts, deliveries, at } as const;
  const ended = await door.store.endCommand(lease, queued, { at, reply, ...changes });
  if (!ended.ok) return undefined;
  const { entries, reply: stored, conversation: now } = ended.value;
  door.tell([...entries, ...stored.entries], conversation.id);
  door.answered(queued, { message, parts, deliveries: stored.deliveries, at });
  if (now.controlVersion !== conversation.controlVersion) {
    tellControl(door.live, now);
  }
  return 0;
}

/** What a command comes to: what its sender is told, and what changes. */
export interface CommandOutcome extends Pick<CommandEnd, "reset" | "model" | "human"> {
  readonly say: string;
}

/** What the words ask for, of what there is. Pure. */
export function answerCommand({ name, argument }: Command, { conversation }: QueuedEvent, agent: Agent): CommandOutcome {
  switch (name) {
    case "help":
      return { say: agent.commands.map((known) => `/${known} – ${commandHelp[known]}`).join("\n") };
    case "status":
      return { say: `You are talking to ${agent.id}, answered by ${modelOf(agent, conversation.model)}.` };
    case "reset":
      return { say: "Done. I have forgotten what we said before.", reset: true };
    case "stop":
      return { say: "Stopped." };
    case "human":
      return {
        say: "I have called a person, who will answer you here. I stay silent until then.",
        human: { reason: "asked for a person" },
      };
    case "model":
      return chooseModel(argument, agent, conversation.model);
  }
}

function modelOf({ models }: Agent, chosen: string | undefined): string {
  return chosen !== undefined && models.includes(chosen) ? chosen : (models[0] ?? "nobody");
}

function chooseModel(argument: string, agent: Agent, chosen: string | undefined): CommandOutcome {
  const { models } = agent;
  const now = modelOf(agent, chosen);
  const list = models.map((model, index) => `${index + 1}. ${model}${model === now ? " (now)" : ""}`).join("\n");
  if (argument === "") return { say: `${list}\n/model <number> chooses.` };
  const found = models.find((model, index) => argument === String(index + 1) || argument.toLowerCase() === model.toLowerCase());
  return found === undefined ? { say: `There is no such model here.\n${list}` } : { say: `From now on ${found} answers.`, model: found };
}
