import type { Command } from "commander";
import { configurationFile } from "../../config/disk.ts";
import { fitting } from "../../config/environment.ts";
import type { Explanation } from "../../config/explain.ts";
import { jsonSchema } from "../../config/json-schema.ts";
import { didYouMean } from "../../config/nearest.ts";
import { parsePath, settingsUnder } from "../../config/tree.ts";
import type { Json } from "../../core/terms.ts";
import type { CommandDoor } from "../door.ts";
import { actor, looking, type Opened, tenant, working } from "../open.ts";
import { done, findingJson, type Outcome, refuse, showFinding } from "../outcome.ts";
import type { Run } from "../run.ts";
import { tryOut } from "../trial.ts";

export function configCommand(program: Command, run: Run): void {
  const config = program.command("config").description("what is set, where it comes from, and changing it");
  config
    .command("get")
    .description("print a setting as it was written; secrets are masked")
    .argument("<path>", "dotted path, as in accounts.support-bot.access")
    .action((path: string) => run((door) => looking(door, async (opened) => get(opened, path))));
  config
    .command("set")
    .description("set something for good, over the file; a running gateway takes it up at once")
    .argument("<path>", "dotted path")
    .argument("<value>", "JSON5, or text where the setting is a text")
    .action((path: string, value: string) => run((door) => set(door, path, value)));
  config
    .command("unset")
    .description("take away what `config set` or the web app set, and everything beneath it")
    .argument("<path>", "dotted path")
    .action((path: string) => run((door) => unset(door, path)));
  config
    .command("explain")
    .description("show every setting with its source, what it stands over, and what is wrong")
    .argument("[path]", "only this and what is beneath it")
    .action((path?: string) => run((door) => looking(door, async (opened) => explain(opened, path))));
  config
    .command("schema")
    .description("print the JSON schema of the configuration file, for editors")
    .action(() => run(schema));
  config
    .command("path")
    .description("print where the configuration file is")
    .action(() => run(async ({ home }) => done({ path: configurationFile(home) }, configurationFile(home))));
}

function get({ loaded }: Opened, path: string): Outcome {
  const value = loaded.explained.get(path);
  return value === undefined ? missing(loaded, path) : done(value, typeof value === "string" ? value : JSON.stringify(value, undefined, 2));
}

async function set(door: CommandDoor, path: string, text: string): Promise<Outcome> {
  if (!parsePath(path)) return refuse("usage", `\`${path}\` is no path of a setting.`, "Write it with dots, as in limits.concurrentTurns.");
  return working(door, async (opened) => {
    const value = fitting(text, opened.loaded.schemasOf(path));
    const changes = new Map<string, Json | undefined>(settingsUnder(opened.sources.settings, path).map((beneath) => [beneath, undefined]));
    changes.set(path, value);
    const { loaded, worse } = await tryOut(opened, changes);
    const against = worse.filter(
      ({ code, severity }) => severity === "error" || code === "config-unknown-key" || code === "secret-in-clear",
    );
    if (against.length > 0) {
      const clear = against.find(({ code }) => code === "secret-in-clear");
      if (clear)
        return refuse(
          "config-invalid",
          `\`${clear.subject}\` is a secret: it isn't set in clear.`,
          `Run \`polylogue secrets set <name>\`, then \`polylogue config set ${clear.subject} '{vault: "<name>"}'\`; a reference such as '\${TOKEN}' works too.`,
        );
      return refuse("config-invalid", against.map(({ message }) => message).join(" "), against[0]?.hint);
    }
    for (const [at, to] of changes) await opened.store.records.putSetting(tenant, at, to, actor, door.clock.now());
    const over = loaded.explained.explain(path).filter(({ source }) => source === "environment");
    const lines = [
      `Set ${path}.`,
      ...over.map(({ path: at, origin }) => `! ${origin} stands over it: ${at} keeps its value.`),
      ...worse.map(showFinding),
    ];
    return done(
      { path, value: loaded.explained.get(path) ?? null, overriddenBy: over.map(({ origin }) => origin), findings: worse.map(findingJson) },
      lines.join("\n"),
    );
  });
}

async function unset(door: CommandDoor, path: string): Promise<Outcome> {
  return working(door, async ({ store, sources, loaded }) => {
    const under = settingsUnder(sources.settings, path);
    if (under.length === 0) {
      const source = loaded.explained.explain(path)[0];
      if (!source) return missing(loaded, path);
      return refuse(
        "not-found",
        `Neither the web app nor the CLI set \`${path}\`; it comes from ${source.origin}.`,
        source.source === "default"
          ? `\`polylogue config set\` sets something over it; an entry goes away with the value false.`
          : "Change it there.",
      );
    }
    for (const at of under) await store.records.putSetting(tenant, at, undefined, actor, door.clock.now());
    return done({ unset: under }, `Unset ${under.join(", ")}.`);
  });
}

function explain({ loaded, fault }: Opened, path: string | undefined): Outcome {
  const settings = loaded.explained.explain(path);
  if (settings.length === 0) return missing(loaded, path ?? "");
  const concerned = loaded.findings.filter(({ code, subject }) => isAbout(subject, path) || code === "config-unreadable");
  const lines = settings.map(explained);
  if (fault) lines.push("", `! What the web app and the CLI set isn't known: ${fault.message}`);
  if (concerned.length > 0) lines.push("", ...concerned.map(showFinding));
  const json: Json = {
    settings: settings.map((one) => ({ ...one, overrides: one.overrides.map((over) => ({ ...over })) })),
    findings: concerned.map(findingJson),
  };
  return { exit: concerned.length > 0 ? 1 : 0, json, text: lines.join("\n") };
}

function isAbout(subject: string, path: string | undefined): boolean {
  return path === undefined || subject === path || subject.startsWith(`${path}.`) || path.startsWith(`${subject}.`);
}

function explained({ path, value, source, origin, overrides }: Explanation): string {
  const from = source === "default" ? "default" : `${source}: ${origin}`;
  const over = overrides.map((one) => {
    return `\n    over ${JSON.stringify(one.value)} (${one.source === "default" ? "default" : `${one.source}: ${one.origin}`})`;
  });
  return `${path} = ${JSON.stringify(value)}  (${from})${over.join("")}`;
}

async function schema({ kinds }: CommandDoor): Promise<Outcome> {
  const channels = (await Promise.all(kinds.channels.map((kind) => kinds.channel(kind)))).filter((kind) => kind !== undefined);
  const providers = (await Promise.all(kinds.providers.map((kind) => kinds.provider(kind)))).filter((kind) => kind !== undefined);
  const json = jsonSchema(channels, providers);
  return done(json, JSON.stringify(json, undefined, 2));
}

function missing(loaded: Opened["loaded"], path: string): Outcome {
  const known = loaded.explained
    .explain()
    .flatMap((one) => one.path.split(".").map((_, index, keys) => keys.slice(0, index + 1).join(".")));
  return refuse(
    "not-found",
    `There is no setting \`${path}\`.${didYouMean(path, new Set(known))}`,
    "`polylogue config explain` lists all.",
  );
}
