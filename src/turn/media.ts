import type { Spender } from "../core/budget.ts";
import type { Calls } from "../core/calls.ts";
import type { EventId, TenantId } from "../core/ids.ts";
import { inWords, mostBytes, wordModels } from "../core/in-words.ts";
import type { FilePart, Part, StoredFile } from "../core/message.ts";
import type { Medium, ModelContent } from "../core/provider.ts";
import type { Agent } from "../core/route.ts";
import type { FileStore } from "../core/store.ts";
import type { Shown } from "./input.ts";

/** What models take everywhere: https://docs.claude.com/en/docs/build-with-claude/vision https://platform.openai.com/docs/guides/images-vision */
const imageTypes: ReadonlySet<string> = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);
/** Of one prompt: it is held in memory while the model answers. */
const mostShown = 8;
const mostShownBytes = 20 * 2 ** 20;

interface StoredPart extends FilePart {
  readonly source: StoredFile;
}

/** What a part shows or says that models read, if it is one. */
function mediumOf(part: Part): Medium | undefined {
  if (!("source" in part) || part.source.at !== "store") return undefined;
  const medium = part.type === "image" ? "image" : part.type === "voice" || part.type === "audio" ? "audio" : undefined;
  if (medium === undefined || part.source.size > mostBytes[medium]) return undefined;
  return medium === "image" && !imageTypes.has(part.source.mediaType) ? undefined : medium;
}

/** The images and recordings among these parts that any of the models reads, the newest first where there are too many. */
export async function readShown(
  files: Pick<FileStore, "read">,
  tenant: TenantId,
  parts: readonly Part[],
  reads: ReadonlySet<Medium>,
): Promise<Shown> {
  const shown = new Map<StoredFile["id"], ModelContent>();
  let room = mostShownBytes;
  for (const part of reads.size === 0 ? [] : parts.toReversed()) {
    const medium = mediumOf(part);
    if (medium === undefined || !reads.has(medium) || shown.size >= mostShown) continue;
    const { id, mediaType, size } = (part as StoredPart).source;
    if (size > room) continue;
    room -= size;
    // One that is gone is as one that can't be seen.
    const data = await files.read(tenant, id).catch(() => undefined);
    if (data) shown.set(id, { type: medium, mediaType, data });
  }
  return shown;
}

export interface WordsDoor {
  readonly files: Pick<FileStore, "read">;
  readonly calls: Pick<Calls, "complete" | "transcribe">;
}

export interface WordsFor {
  readonly agent: Agent;
  readonly spender: Spender;
  readonly trace: EventId;
  /** What the agent's model reads itself. */
  readonly reads: readonly Medium[];
}

/**
 * The parts, with what they show or say in words where the agent's model can't see or hear that itself and another model can.
 * What can't be had is left as it is: the model is told that it can't see it. The same parts when nothing was put into words.
 */
export async function putIntoWords(door: WordsDoor, of: WordsFor, parts: readonly Part[], signal: AbortSignal): Promise<readonly Part[]> {
  let changed = false;
  const told: Part[] = [];
  for (const part of parts) {
    const words = await wordsOf(door, of, part, signal);
    changed ||= words !== undefined;
    told.push(words === undefined ? part : { ...(part as FilePart), words });
  }
  return changed ? told : parts;
}

async function wordsOf(door: WordsDoor, of: WordsFor, part: Part, signal: AbortSignal): Promise<string | undefined> {
  const { agent, spender, trace, reads } = of;
  const medium = mediumOf(part);
  if (medium === undefined || reads.includes(medium) || (part as FilePart).words !== undefined) return undefined;
  const models = wordModels(agent, medium);
  if (models.length === 0) return undefined;
  const { id, mediaType } = (part as StoredPart).source;
  const data = await door.files.read(spender.tenant, id).catch(() => undefined);
  return data && inWords(door.calls, { spender, trace }, { models, content: { type: medium, mediaType, data } }, signal);
}
