import type { Spender } from "../core/budget.ts";
import type { Calls } from "../core/calls.ts";
import type { Account, Channel } from "../core/channel.ts";
import type { Lease } from "../core/engine.ts";
import type { TenantId } from "../core/ids.ts";
import type { Situation } from "../core/instructions.ts";
import { mostPassages, type Passage, type SearchKnowledge } from "../core/knowledge.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import { type Part, plainText } from "../core/message.ts";
import type { Medium } from "../core/provider.ts";
import type { Agent } from "../core/route.ts";
import type { QueuedEvent, TurnStore } from "../core/store.ts";
import { type AttachmentDoor, fetchAttachments } from "./attachments.ts";
import { inputParts } from "./input.ts";
import { putIntoWords } from "./media.ts";
import type { Steered } from "./run.ts";

export interface ReadingDoor {
  readonly store: TurnStore;
  readonly attachments: AttachmentDoor;
  readonly calls: Calls;
  readonly tell: (entries: readonly LedgerEntry[], conversation: QueuedEvent["conversation"]["id"]) => void;
}

interface ReadingPlace {
  readonly queued: QueuedEvent;
  readonly channel: Channel;
  readonly account: Account;
}

/** Whose model is to read it. */
export interface Reader {
  readonly agent: Agent;
  readonly reads: readonly Medium[];
}

/** What the event says, with its attachments, in words where the model can't see or hear them. */
export async function readInput(
  door: ReadingDoor,
  lease: Lease,
  place: ReadingPlace,
  reader: Reader,
  signal: AbortSignal,
): Promise<readonly Part[] | undefined> {
  const { queued, channel, account } = place;
  const save = async (parts: readonly Part[], entries: readonly LedgerEntry[]) => {
    if (!queued.message || signal.aborted) return;
    const saved = await door.store.saveParts(lease, queued.id, queued.message, parts, entries);
    if (saved.ok) door.tell(saved.value, queued.conversation.id);
  };
  let parts = await inputParts(door.store, queued);
  if (!parts?.some((part) => "source" in part)) return parts;
  if (parts.some((part) => "source" in part && part.source.at === "platform")) {
    const fetched = await fetchAttachments(door.attachments, channel, account, queued.id, parts, signal);
    parts = fetched.parts;
    await save(parts, fetched.entries);
  }
  const of = { ...reader, spender: spenderOf(queued, reader.agent), trace: queued.id };
  const inWords = await putIntoWords({ files: door.attachments.files, calls: door.calls }, of, parts, signal);
  // Paid for once, however often the turn is begun again.
  if (inWords !== parts) await save(inWords, []);
  return inWords;
}

export function spenderOf({ tenant, account, channel, conversation, event }: QueuedEvent, { id: agent }: Agent): Spender {
  return { tenant, agent, account, channel, conversation: conversation.id, sender: event.sender.id };
}

export function situationOf({ tenant, account, channel, event }: QueuedEvent, { id: agent, knowledge }: Agent, at: number): Situation {
  const { chat, sender } = event;
  return { agent, tenant, channel, account, user: sender.name, userId: sender.id, chat: chat.title, chatKind: chat.kind, knowledge, at };
}

/** Of the agent's documents, what may bear on what was said; nothing where it has none, or they can't be searched. */
export async function passagesOf(
  { searchKnowledge }: { readonly searchKnowledge: SearchKnowledge },
  { knowledge, limits }: Agent,
  tenant: TenantId,
  said: readonly (readonly Part[])[],
): Promise<readonly Passage[]> {
  if (knowledge.length === 0 || !limits.knowledgeTokens) return [];
  const question = said.map(plainText).join("\n");
  return searchKnowledge({ tenant, sources: knowledge.map(({ name }) => name), question, limit: mostPassages });
}

/** What those that join it say. */
export async function readJoined(
  door: ReadingDoor,
  lease: Lease,
  place: ReadingPlace,
  joined: readonly QueuedEvent[],
  reader: Reader,
  signal: AbortSignal,
): Promise<readonly Steered[]> {
  const read: Steered[] = [];
  for (const queued of joined) {
    read.push({ event: queued.id, parts: (await readInput(door, lease, { ...place, queued }, reader, signal)) ?? [] });
  }
  return read;
}
