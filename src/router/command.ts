import { type Command, commandHelp } from "../core/command.ts";
import type { Lease } from "../core/engine.ts";
import { calledSentence } from "../core/handover.ts";
import { newId } from "../core/ids.ts";
import { tellControl } from "../core/live.ts";
import { textPart } from "../core/message.ts";
import { planned } from "../core/planned.ts";
import type { Agent } from "../core/route.ts";
import type { CommandEnd, QueuedEvent, TurnStore } from "../core/store.ts";
import { endRating, type RatedPlace, type Rating, type RatingDoor } from "./rating.ts";

export interface CommandDoor extends Omit<RatingDoor, "store"> {
  readonly store: Pick<TurnStore, "endCommand" | "rate">;
}

/** Ends a command, a call for a person, or the word on how it went, whatever becomes of its sender's other messages. Answers as `routeNext` does. */
export async function endCommand(
  door: CommandDoor,
  lease: Lease,
  queued: QueuedEvent,
  asked: Asked | Rating,
  from: RatedPlace,
): Promise<number | undefined> {
  if (asked.kind === "rating") return endRating(door, lease, queued, asked, from);
  const { channel, onUnknown } = from;
  const { tenant, account, channel: kind, event, conversation } = queued;
  const at = door.clock.now();
  const message = newId("message", at);
  const { say, ...changes } = asked.kind === "call" ? calledBy(asked) : answerCommand(asked.command, queued, asked.agent);
  const parts = [textPart(say)];
  const deliveries = planned(door.plan(parts, channel, message), { channel, onUnknown });
  const reply = { tenant, account, channel: kind, chat: event.chat, author: "system", message, parts, deliveries, at } as const;
  const ended = await door.store.endCommand(lease, queued, {
    at,
    ...(asked.kind === "call" && { reason: "handed-over" }),
    ...(say !== "" && { reply }),
    ...changes,
  });
  if (!ended.ok) return undefined;
  const { entries, reply: stored, conversation: now } = ended.value;
  door.tell([...entries, ...(stored?.entries ?? [])], conversation.id);
  if (stored) door.answered(queued, { message, parts, deliveries: stored.deliveries, at });
  if (now.controlVersion !== conversation.controlVersion) {
    tellControl(door.live, now);
  }
  return 0;
}

type Asked =
  | { readonly kind: "command"; readonly command: Command; readonly agent: Agent }
  | { readonly kind: "call"; readonly pattern: string; readonly agent: Agent };

function calledBy({ pattern, agent: { id, handover } }: Extract<Asked, { readonly kind: "call" }>): CommandOutcome {
  const reason = `a message fits ${JSON.stringify(pattern)}`;
  return { say: handover.say ?? calledSentence, human: { reason, returnAfterMs: handover.returnAfterMs }, by: `rule:${id}` };
}

/** What a command comes to: what its sender is told, and what changes. */
export interface CommandOutcome extends Pick<CommandEnd, "reset" | "model" | "human" | "by"> {
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
        say: agent.handover.say || calledSentence,
        human: { reason: "asked for a person", returnAfterMs: agent.handover.returnAfterMs },
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
