import type { z } from "zod";
import type { Configuration } from "../core/configuration.ts";
import { say } from "../core/say.ts";
import { isSecret } from "../core/secret.ts";
import type { Json } from "../core/terms.ts";
import { checkAccounts, checkProviders, type Loader } from "./accounts.ts";
import { checkAgents, checkRoutes, tellUnused } from "./agents.ts";
import { checkAlerts } from "./alerts.ts";
import { checkBudgets } from "./budgets.ts";
import { defaultTree } from "./defaults.ts";
import type { Check } from "./entries.ts";
import { environmentWrites, kindVariables } from "./environment.ts";
import { createVariables, expand } from "./expand.ts";
import { createExplained, type Explained } from "./explain.ts";
import { fileWrites, parseFile, unreadable } from "./file.ts";
import { handoverOf, handoverSchema, noHandover } from "./handover-schema.ts";
import { httpSchema } from "./http-schema.ts";
import { checkKnowledge } from "./knowledge.ts";
import { checkMcp } from "./mcp.ts";
import { didYouMean } from "./nearest.ts";
import { createNotes, type Notes } from "./notes.ts";
import { type NoticeSettings, tellUnreachable } from "./notices.ts";
import {
  accountSchema,
  type BackupSettings,
  backupsSchema,
  configurationSchema,
  type LogSettings,
  limitsSchema,
  logSchema,
  namedSections,
  noticesSchema,
  providerSchema,
  retentionSchema,
} from "./schema.ts";
import { settle } from "./settle.ts";
import { isReference, schemasAt } from "./shape.ts";
import type { Sources, Write } from "./sources.ts";
import { cleaned, getAt, isTree, leaves, type Path, parsePath, removeAt, setAt, showPath, type Tree } from "./tree.ts";

/** The configuration, and how it came about. */
export interface Loaded {
  readonly configuration: Configuration;
  readonly log: LogSettings;
  readonly notices: NoticeSettings;
  readonly backups: BackupSettings;
  readonly explained: Explained;
  readonly findings: Configuration["findings"];
  /** What may stand at a dotted path, those of its channel or provider included; empty when nothing is known. */
  schemasOf(path: string): readonly z.ZodType[];
  /** Files that settings and secrets came from, besides the configuration file. */
  readonly files: readonly string[];
}

/**
 * Puts the sources together (default < file < app < environment), checks every entry by itself and resolves secrets.
 * Never rejects for what an operator wrote: that becomes findings, and the rest runs.
 */
export async function loadConfiguration(sources: Sources): Promise<Loaded> {
  const notes = createNotes();
  const parsed = sources.file ? parseFile(sources.file, notes) : undefined;
  const problem =
    parsed && !parsed.ok
      ? unreadable(sources.file?.name ?? "", parsed, say`the defaults and what the web app and the CLI set run without it`)
      : sources.problem;
  if (problem) notes.take(problem);
  const loaders = lazily(sources);

  const tree: Tree = {};
  const writes: Write[] = [];
  const apply = (more: readonly Write[]) => {
    for (const write of more) {
      voidOther(tree, write);
      if (setAt(tree, write.path, write.value)) writes.push(write);
      else
        notes.add(
          "config-invalid",
          "error",
          write.path,
          say`${write.origin}: there is no place \`${showPath(write.path)}\`; it is left out.`,
        );
    }
  };
  apply(Object.entries(defaultTree()).flatMap(([section, value]) => defaultWrites(section, value)));
  if (parsed?.ok) apply(fileWrites(parsed.tree, sources.file?.name ?? "", notes));
  apply(appWrites(sources.settings, notes));
  const schemasOf = (path: Path) => schemasUnder(path, tree, loaders.known);
  apply(environmentWrites(kindVariables(sources.environment), tree, schemasOf, notes));
  await loaders.loadAll(tree);
  const kinds = new Set(Object.keys(kindVariables(sources.environment)));
  const others = Object.fromEntries(Object.entries(sources.environment).filter(([name]) => !kinds.has(name)));
  apply(environmentWrites(others, tree, schemasOf, notes));
  await loaders.loadAll(tree);

  const check: Check = { sources, notes, variables: createVariables(sources.environment, sources.home), files: new Set() };
  for (const key of Object.keys(tree)) {
    if (Object.hasOwn(configurationSchema.shape, key)) continue;
    notes.add(
      "config-unknown-key",
      "warning",
      key,
      say`There is no setting \`${key}\`; it is left out.${didYouMean(key, Object.keys(configurationSchema.shape))}`,
    );
  }
  const accounts = await checkAccounts(tree.accounts, loaders.channel, check);
  const providers = await checkProviders(tree.providers, loaders.provider, check);
  const mcp = await checkMcp(tree.mcp, check);
  const knowledge = await checkKnowledge(tree.knowledge, check);
  const written = isTree(tree.providers) ? Object.keys(tree.providers) : [];
  const handover = await handoverOf(await section("handover", handoverSchema, check, tree), noHandover, ["handover"], check);
  const agents = await checkAgents(tree.agents, { providers, written, mcp, knowledge, handover }, check);
  const budgets = await checkBudgets(tree.budgets, { accounts, agents, providers }, check);
  const alerts = await checkAlerts(tree.alerts, { accounts, agents }, check);
  const routes = await checkRoutes(
    tree.routes,
    !writes.some((write) => write.source !== "default" && write.path[0] === "routes"),
    agents,
    accounts,
    check,
  );
  const limits = await section("limits", limitsSchema, check, tree);
  const retention = await section("retention", retentionSchema, check, tree);
  const http = await section("http", httpSchema, check, tree);
  const notices = await section("notices", noticesSchema, check, tree);
  const backups = await section("backups", backupsSchema, check, tree);
  const log = await section("log", logSchema, check, tree);
  tellUnused(agents, routes, providers, budgets, check);
  tellUnreachable(notices, accounts, check);
  tellClear(writes, schemasOf, notes);

  const findings = notes.findings;
  return {
    configuration: {
      accounts,
      providers,
      agents,
      mcp,
      knowledge,
      routes,
      budgets,
      alerts,
      limits,
      retention: retention as Configuration["retention"],
      http: http as Configuration["http"],
      findings,
    },
    log,
    notices,
    backups,
    explained: createExplained(tree, writes, (path) => hides(path, schemasOf)),
    findings,
    schemasOf: (text) => schemasOf(parsePath(text) ?? [""]),
    files: [...check.files, ...check.variables.files],
  };
}

/** An entry that becomes another channel's or kind's keeps nothing, above all not whom the old one admitted. */
function voidOther(tree: Tree, { path, value }: Write): void {
  const [section, name, key] = path;
  if (path.length !== 3 || !((section === "accounts" && key === "channel") || (section === "providers" && key === "kind"))) return;
  const before = getAt(tree, path);
  if (before !== undefined && before !== value) removeAt(tree, [section, name as string]);
}

function defaultWrites(section: string, value: Json): Write[] {
  const named = (namedSections as readonly string[]).includes(section) && isTree(value);
  const paths = named
    ? Object.entries(value).map(([name, entry]) => ({ path: [section, name], value: entry }))
    : [...leaves(value, [section])];
  return paths.map(({ path, value }) => ({ source: "default", origin: "built in", path, value }));
}

/** Shorter paths first: `accounts.bot.streaming` stands over `accounts.bot`, whenever each was set; what decides the kind before the rest. */
function appWrites(settings: ReadonlyMap<string, Json>, notes: Notes): Write[] {
  const decides = (write: Write) => (["channel", "kind"].includes(write.path.at(-1) as string) ? 0 : 1);
  const writes = [...settings].flatMap(([text, raw]) => {
    const path = parsePath(text);
    const value =
      path &&
      cleaned(raw, (at, why) =>
        notes.add("config-invalid", "warning", [...path, ...at], say`\`${showPath([...path, ...at])}\` ${why}; it is left out.`),
      );
    if (path && value !== undefined) return [{ source: "app" as const, origin: "web app or CLI", path, value }];
    notes.add("config-invalid", "error", text, say`\`${text}\` is no path of a setting; it is left out.`);
    return [];
  });
  return writes.sort((a, b) => a.path.length - b.path.length || decides(a) - decides(b));
}

/** Sections that are plain settings: a bad leaf falls back to its default. */
async function section<Value>(
  name: "handover" | "limits" | "retention" | "http" | "notices" | "backups" | "log",
  schema: z.ZodType<Value>,
  check: Check,
  tree: Tree,
): Promise<Value> {
  const { value, missing } = await expand(tree[name] ?? {}, check.variables, () => {});
  for (const { path, why } of missing)
    check.notes.add("secret-missing", "error", [name, ...path], say`\`${showPath([name, ...path])}\`: ${why}; the default is used.`);
  if (!isTree(value)) check.notes.add("config-invalid", "error", name, say`\`${name}\` must be an object; the defaults are used.`);
  const usable = isTree(value) ? value : {};
  for (const { path } of missing.toReversed()) removeAt(usable, path);
  return settle(schema, usable, [name], check.notes)?.value ?? schema.parse({});
}

/** Each kind is loaded once, when an entry names it. */
function lazily(sources: Sources) {
  type Entry<Kind> = { readonly kind?: Kind; readonly broken?: string };
  const channels = new Map<string, Entry<{ settings: z.ZodType }>>();
  const providers = new Map<string, Entry<{ settings: z.ZodType }>>();
  function loader<Kind extends { settings: z.ZodType }>(
    ask: (kind: string) => Promise<Kind | undefined>,
    kept: Map<string, Entry<{ settings: z.ZodType }>>,
  ): Loader<Kind> {
    return async (word) => {
      let entry = kept.get(word);
      if (!entry) {
        try {
          const kind = await ask(word);
          entry = kind ? { kind } : {};
        } catch (thrown) {
          entry = { broken: thrown instanceof Error ? thrown.message : String(thrown) };
        }
        kept.set(word, entry);
      }
      return entry as Entry<Kind>;
    };
  }
  const channel = loader((kind) => sources.kinds.channel(kind), channels);
  const provider = loader((kind) => sources.kinds.provider(kind), providers);
  return {
    channel,
    provider,
    /** The settings of a kind that was loaded. */
    known: (section: "accounts" | "providers", word: string) => (section === "accounts" ? channels : providers).get(word)?.kind?.settings,
    async loadAll(tree: Tree): Promise<void> {
      for (const [section, key, load] of [
        ["accounts", "channel", channel],
        ["providers", "kind", provider],
      ] as const) {
        const entries = tree[section];
        for (const entry of Object.values(isTree(entries) ? entries : {})) {
          const word = isTree(entry) ? entry[key] : undefined;
          if (typeof word === "string") await load(word);
        }
      }
    },
  };
}

type Known = (section: "accounts" | "providers", word: string) => z.ZodType | undefined;

/** What the schemas say about a path, those of the entry's channel or provider included. */
function schemasUnder(path: Path, tree: Tree, known: Known): readonly z.ZodType[] {
  const [head, name] = path;
  if ((head !== "accounts" && head !== "providers") || name === undefined) return schemasAt(configurationSchema, path);
  const rest = path.slice(2);
  const word = getAt(tree, [head, name, head === "accounts" ? "channel" : "kind"]);
  const settings = typeof word === "string" ? known(head, word) : undefined;
  const own = schemasAt(head === "accounts" ? accountSchema : providerSchema, rest);
  return settings && (rest.length === 0 || own.length === 0) ? [...own, ...schemasAt(settings, rest)] : own;
}

/** Hidden: every secret, what is inside one, and every setting of an account or provider that no schema knows. */
function hides(path: Path, schemasOf: (path: Path) => readonly z.ZodType[]): boolean {
  const inEntry = (path[0] === "accounts" || path[0] === "providers") && path.length > 2;
  for (let length = 1; length <= path.length; length++) {
    const schemas = schemasOf(path.slice(0, length));
    if (schemas.some(isSecret)) return !(length < path.length && ["file", "vault"].includes(path[length] as string));
    if (schemas.length === 0) return inEntry || !Object.hasOwn(configurationSchema.shape, path[0] ?? "");
  }
  return false;
}

function tellClear(writes: readonly Write[], schemasOf: (path: Path) => readonly z.ZodType[], notes: Notes): void {
  for (const write of writes) {
    if (write.source !== "file" && write.source !== "app") continue;
    for (const { path, value } of leaves(write.value, write.path)) {
      if (typeof value !== "string" || value === "" || isReference(value) || !schemasOf(path).some(isSecret)) continue;
      const text = showPath(path);
      notes.add(
        "secret-in-clear",
        "warning",
        path,
        say`The secret \`${text}\` stands in clear in ${write.source === "app" ? say`web app or CLI` : write.origin}.`,
        write.source === "file"
          ? say`\`polylogue secrets move ${text}\` puts it into the vault; then delete it from the file.`
          : say`\`polylogue secrets move ${text}\` puts it into the vault.`,
      );
    }
  }
}
