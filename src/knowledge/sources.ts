import { setImmediate as breathe } from "node:timers/promises";
import type { KnowledgeConfiguration } from "../core/configuration.ts";
import { finding, type SaidFinding } from "../core/finding.ts";
import type { TenantId } from "../core/ids.ts";
import type { Knowledge, KnowledgeState } from "../core/knowledge.ts";
import type { Log } from "../core/log.ts";
import { say } from "../core/say.ts";
import { listFolder, readDocument, type Skipped } from "./folder.ts";
import type { PassageIndex } from "./passage-index.ts";

export interface KnowledgeDoor {
  /** Where the index is kept; `:memory:` keeps it nowhere. */
  readonly file: string;
  readonly tenant: TenantId;
  readonly log: Log;
}

/** The organisation's documents, kept searchable while they change. */
export interface KnowledgeSources extends Knowledge {
  /** Brings what can be found to what is configured, and that to what stands in the folders. Resolves once it is so. */
  apply(sources: ReadonlyMap<string, KnowledgeConfiguration>): Promise<void>;
  /** Looks for documents that changed. */
  look(): Promise<void>;
  findings(): readonly SaidFinding[];
  close(): Promise<void>;
}

export function createKnowledge({ file, tenant, log }: KnowledgeDoor): KnowledgeSources {
  /** Opened with the first source: most have none. */
  let index: PassageIndex | undefined;
  let sources: ReadonlyMap<string, KnowledgeConfiguration> = new Map();
  const states = new Map<string, Pick<KnowledgeState, "skipped" | "trouble">>();
  let closed = false;
  let looking: Promise<void> = Promise.resolve();

  /** One after the other: two looks would read the same documents. */
  function next(run: () => Promise<void>): Promise<void> {
    looking = looking.then(() => (closed ? undefined : run())).catch((cause: unknown) => log.error("knowledge-index-fail", { cause }));
    return looking;
  }

  async function readAll(): Promise<void> {
    if (sources.size > 0) index ??= (await import("./passage-index.ts")).openPassageIndex(file);
    if (!index) return;
    index.keep(tenant, [...sources.keys()]);
    for (const [name, { files }] of sources) {
      try {
        states.set(name, { skipped: await readSource(index, name, files) });
      } catch (cause) {
        if (closed) return;
        const { message } = cause as Error;
        if (states.get(name)?.trouble !== message) log.warn("knowledge-read-fail", { source: name, cause });
        states.set(name, { skipped: [], trouble: message });
      }
    }
  }

  async function readSource(index: PassageIndex, name: string, folder: string): Promise<readonly Skipped[]> {
    const { piecesOf } = await import("./passages.ts");
    const { documents, skipped } = await listFolder(folder);
    const all = [...skipped];
    const before = new Map(index.known(tenant, name).map(({ path, mark }) => [path, mark]));
    for (const document of documents) {
      const { path, mark } = document;
      if (before.get(path) !== mark) {
        const text = await readDocument(folder, path).catch((thrown: Error) => thrown);
        if (closed) return all;
        if (typeof text !== "string") {
          all.push({ path, why: text?.message ?? "it isn't text" });
          continue;
        }
        index.put(tenant, name, document, piecesOf(text));
        await breathe();
      }
      before.delete(path);
    }
    if (!closed) for (const path of before.keys()) index.drop(tenant, name, path);
    return all;
  }

  return {
    look: () => next(readAll),
    apply(wanted) {
      sources = wanted;
      for (const name of states.keys()) if (!wanted.has(name)) states.delete(name);
      return next(readAll);
    },
    async search(query) {
      return closed ? [] : (index?.search({ ...query, sources: query.sources.filter((name) => sources.has(name)) }) ?? []);
    },
    list: () =>
      [...sources.keys()].map((name) => ({
        name,
        ...(index?.count(tenant, name) ?? { documents: 0, passages: 0 }),
        ...(states.get(name) ?? { skipped: [] }),
      })),
    findings: () =>
      [...states].flatMap(([name, { trouble }]) =>
        trouble === undefined
          ? []
          : [
              finding(
                { code: "knowledge-unreadable", severity: "warning", subject: `knowledge.${name}` },
                say`The documents of ${name} can't be read: ${trouble}. What was read before is still found.`,
                say`Correct \`knowledge.${name}.files\`, or let the gateway's user read the folder.`,
              ),
            ],
      ),
    async close() {
      closed = true;
      await looking;
      index?.close();
      index = undefined;
    },
  };
}
