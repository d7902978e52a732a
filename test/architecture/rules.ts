import { type Room, rooms as realRooms } from "./rooms.ts";
import { importsOf, isCode, isTest, onlyCode, type Source, withoutComments } from "./tree.ts";

/** Each rule looks at files and answers with what is wrong, one sentence each; an empty list is good. */
export type Violations = readonly string[];

/** `src/channels/telegram/api.ts` is in room `channels`, member `telegram`; `src/main.ts` in room `main.ts`. */
export function roomOf(path: string): { readonly room: string; readonly member: string } {
  const [, room = "", inner = ""] = path.split("/");
  return { room, member: inner.replace(/(\.test)?\.ts$/, "") };
}

export function directionViolations(sources: readonly Source[], rooms: Readonly<Record<string, Room>> = realRooms): Violations {
  const found: string[] = [];
  for (const source of sources.filter(({ path }) => !isTest(path))) {
    const from = roomOf(source.path);
    const room = rooms[from.room];
    if (!room) {
      found.push(`${source.path}: the room ${from.room} isn't in test/architecture/rooms.ts`);
      continue;
    }
    for (const target of importsOf(source)) {
      const to = roomOf(target);
      if (!target.startsWith("src/")) found.push(`${source.path} leaves src/ for ${target}`);
      else if (to.room !== from.room && !room.may.includes(to.room)) found.push(`${source.path} may not import ${target}`);
      else if (to.room === from.room && room.apart && to.member !== from.member) {
        found.push(`${source.path} may not import its neighbour ${target}`);
      }
    }
  }
  return found;
}

/** Chains of imports that come back to where they began; type imports count. */
export function cycleViolations(sources: readonly Source[]): Violations {
  const edges = new Map(sources.map((source) => [source.path, importsOf(source)]));
  return cyclesOf(edges).map((chain) => `import cycle: ${chain.join(" → ")}`);
}

/** One chain for each way back that a depth-first walk finds. */
export function cyclesOf(edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const done = new Set<string>();
  const chains: string[][] = [];
  const walk = (node: string, trail: string[]): void => {
    const back = trail.indexOf(node);
    if (back >= 0) {
      chains.push([...trail.slice(back), node]);
      return;
    }
    if (done.has(node)) return;
    for (const next of edges.get(node) ?? []) if (edges.has(next)) walk(next, [...trail, node]);
    done.add(node);
  };
  for (const node of edges.keys()) walk(node, []);
  return chains;
}

export interface SizeLimits {
  readonly median: number;
  readonly max: number;
  readonly testMax: number;
  /** Files with a limit of their own. */
  readonly special: Readonly<Record<string, number>>;
}

export function sizeViolations(sources: readonly Source[], limits: SizeLimits): Violations {
  const found: string[] = [];
  const lines = (source: Source) => source.text.trimEnd().split("\n").length;
  for (const source of sources) {
    const limit = limits.special[source.path] ?? (isTest(source.path) ? limits.testMax : limits.max);
    if (lines(source) > limit) found.push(`${source.path} has ${lines(source)} lines, more than ${limit}`);
  }
  const sizes = sources
    .filter(({ path }) => !isTest(path))
    .map(lines)
    .sort((a, b) => a - b);
  const median = sizes[Math.floor(sizes.length / 2)] ?? 0;
  if (median > limits.median) found.push(`the median file has ${median} lines, more than ${limits.median}`);
  return found;
}

export function typeEscapeViolations(sources: readonly Source[]): Violations {
  const found: string[] = [];
  for (const source of sources) {
    if (/@ts-(ignore|nocheck|expect-error)/.test(source.text)) found.push(`${source.path} silences the type checker`);
    if (/(?:[:<|&,(=]|\bas|\bsatisfies|=>)\s*any\b(?!\s*[:(.])|\bany\[\]/.test(onlyCode(source.text)))
      found.push(`${source.path} uses \`any\``);
  }
  return found;
}

/** Words that say nothing, or that the field uses for too many things; docs/glossary.md says what to say instead. */
const forbidden = new Set(
  "session sessions bridge bridges extension extensions manager managers helper helpers util utils service services handler handlers msg cfg ctx".split(
    " ",
  ),
);

export function nameViolations(paths: readonly string[]): Violations {
  const found: string[] = [];
  for (const path of paths) {
    const word = path.split(/[/.-]/).find((piece) => forbidden.has(piece.toLowerCase()));
    if (word) found.push(`${path}: "${word}" isn't one of our words`);
    const name = path.split("/").at(-1) ?? "";
    if (isCode(path) && !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z-]+)*$/.test(name)) found.push(`${path}: file names are kebab-case`);
  }
  return found;
}

/** Migrations are `0001.sql` or `0001-subject.sql`, from 1 on, without gaps or twins, in each folder by itself. */
export function migrationViolations(paths: readonly string[]): Violations {
  const found: string[] = [];
  const byFolder = Map.groupBy(paths, (path) => path.slice(0, path.lastIndexOf("/")));
  for (const [folder, files] of byFolder) {
    const numbers = files.map((path) => /\/(\d{4})(-[a-z0-9-]+)?\.sql$/.exec(path)?.[1]).sort();
    numbers.forEach((number, index) => {
      if (Number(number) !== index + 1) found.push(`${folder}: migration ${index + 1} should be next, found ${number ?? "a strange name"}`);
    });
  }
  return found;
}

/** Each channel has a test that runs the shared contract. */
export function channelTestViolations(channels: readonly string[], sources: readonly Source[]): Violations {
  return channels
    .filter((kind) => !sources.some(({ path, text }) => isTestOf(kind, path) && /\bchannelContract\(/.test(withoutComments(text))))
    .map((kind) => `the channel ${kind} has no test beside it that calls channelContract()`);
}

function isTestOf(kind: string, path: string): boolean {
  return path === `src/channels/${kind}.test.ts` || (path.startsWith(`src/channels/${kind}/`) && path.endsWith(".test.ts"));
}
