import type { Choice, Chosen } from "../core/choice.ts";
import type { Configuration } from "../core/configuration.ts";
import type { Lease } from "../core/engine.ts";
import type { ConversationId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import { plainText } from "../core/message.ts";
import type { Agent } from "../core/route.ts";
import type { QueuedEvent, TurnStore } from "../core/store.ts";
import { type ClassifyDoor, classify, type ExampleVectors } from "./classify.ts";

export interface ChooseDoor extends ClassifyDoor {
  readonly store: Pick<TurnStore, "chooseFor">;
  readonly configuration: () => Configuration;
  readonly tell: (entries: readonly LedgerEntry[], conversation: ConversationId) => void;
}

/**
 * Who answers where a route picks by content. It is asked once for a message, whatever becomes of its turn: the outcome is
 * stored with it. What was pressed says nothing new: its route's own agent goes on.
 */
export function createChooser(door: ChooseDoor) {
  const vectors: ExampleVectors = new Map();
  return async (
    lease: Lease,
    queued: QueuedEvent,
    { agent, route }: { readonly agent: Agent; readonly route: number },
    stop: AbortSignal,
  ): Promise<Agent> => {
    const { agents, routes } = door.configuration();
    const classifier = routes[route]?.classify;
    const { tenant, account, channel, conversation, event } = queued;
    // A conversation that was handed over isn't sorted anew with each message.
    if (!classifier || event.kind !== "message" || agent.id !== routes[route]?.agent) return agent;
    let chosen: Chosen | undefined = queued.choice;
    if (!chosen) {
      const spender = { tenant, account, channel, conversation: conversation.id, sender: event.sender.id, agent: agent.id };
      chosen = await classify(door, classifier, plainText(event.parts), { spender, trace: queued.id }, vectors, stop);
      const stored = stop.aborted ? undefined : await door.store.chooseFor(lease, queued, chosen, door.clock.now());
      if (stored?.ok) door.tell(stored.value, conversation.id);
    }
    return pickedBy(
      classifier.choices.find(({ name }) => name === chosen.choice),
      agent,
      agents,
    );
  };
}

/** The agent of a choice, with its models; the other where there is none. */
export function pickedBy(choice: Choice | undefined, agent: Agent, agents: Configuration["agents"]): Agent {
  const picked = (choice?.agent && agents.get(choice.agent)) ?? agent;
  return choice && choice.models.length > 0 ? { ...picked, models: choice.models } : picked;
}
