import { LRUCache } from "lru-cache";
import type { PastMessage } from "../core/conversation.ts";
import type { ConversationId, TenantId } from "../core/ids.ts";
import type { Part } from "../core/message.ts";
import type { KnownPast, PastCache } from "../core/past.ts";

/** What is kept at most: of conversations, and of bytes in all, by a rough count. What was asked for longest ago goes first. */
export interface Room {
  readonly conversations: number;
  readonly bytes: number;
}

export interface MemoryPasts extends PastCache {
  size(): Room;
}

const enough: Room = { conversations: 10_000, bytes: 32_000_000 };
/** What a message takes besides its text, which is mostly one byte for each character. */
const overhead = 400;

/** Pasts in the memory of this process. */
export function memoryPasts(room: Room = enough): MemoryPasts {
  const kept = new LRUCache<string, KnownPast>({
    max: room.conversations,
    maxSize: room.bytes,
    sizeCalculation: ({ messages }) => messages.reduce((sum, message) => sum + sizeOf(message), overhead),
  });
  const key = (tenant: TenantId, conversation: ConversationId) => `${tenant}\0${conversation}`;
  return {
    get: async (tenant, conversation) => kept.get(key(tenant, conversation)),
    async put(tenant, conversation, past) {
      kept.set(key(tenant, conversation), past);
    },
    size: () => ({ conversations: kept.size, bytes: kept.calculatedSize }),
  };
}

/** A message is measured once: it is kept anew with each turn. */
const measured = new WeakMap<PastMessage, number>();

function sizeOf(message: PastMessage): number {
  const size = measured.get(message) ?? message.parts.reduce((sum, part) => sum + lengthOf(part), overhead);
  measured.set(message, size);
  return size;
}

function lengthOf(part: Part): number {
  return part.type === "text" ? part.text.length : JSON.stringify(part).length;
}
