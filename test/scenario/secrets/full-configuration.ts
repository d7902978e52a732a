import { randomBytes } from "node:crypto";
import { z } from "zod";
import { schemaOf, settingsOf } from "../../../src/config/json-schema.ts";
import { configurationSchema } from "../../../src/config/schema.ts";
import { bare } from "../../../src/config/shape.ts";
import { isSecret } from "../../../src/core/secret.ts";
import { allKinds } from "../../../src/kinds.ts";
import type { QuotingServers } from "./quoting.ts";

/** A secret that stands nowhere else. */
export interface Canary {
  /** The setting: `accounts.telegram.token`. */
  readonly where: string;
  readonly text: string;
}

export interface FullConfiguration {
  readonly configuration: object;
  readonly canaries: readonly Canary[];
  /** By what the configuration refers to them with. */
  readonly environment: Readonly<Record<string, string>>;
  readonly files: ReadonlyMap<string, string>;
  readonly vault: ReadonlyMap<string, string>;
  /** With their settings but for the secrets. */
  readonly accounts: readonly { readonly id: string; readonly channel: string; readonly open: object }[];
  readonly models: readonly string[];
}

interface Kind {
  readonly kind: string;
  readonly settings: z.ZodType;
}

const id = "11111111-2222-3333-4444-555555555555";

/** What the kinds must be told besides their secrets and the addresses of their platforms. */
function needs({ imaps, smtps, ircs, xmpps, ca }: QuotingServers): Readonly<Record<string, object>> {
  return {
    email: { address: "polly@example.com", imap: imaps, smtp: smtps, ca },
    instagram: { accountId: "17841400000000001" },
    irc: { server: ircs, nick: "polly", ca },
    messenger: { pageId: "100000000000001" },
    rocketchat: { userId: "polly" },
    signal: { account: "+15550001111" },
    teams: { appId: id, tenantId: id },
    twilio: { accountSid: `AC${"0".repeat(32)}`, sender: "+15550001111" },
    whatsapp: { phoneNumberId: "100000000000002", businessAccountId: "100000000000003" },
    xmpp: { jid: "polly@localhost", server: xmpps, ca },
  };
}

/** Secrets that only count in a shape of their own. */
function shaped(where: string, { pem }: QuotingServers): string {
  const word = randomBytes(20).toString("hex");
  if (/\.certificate$/.test(where)) return pem;
  if (/webhook\.\w*[sS]ecret$/.test(where)) return `whsec_${randomBytes(32).toString("base64")}`;
  if (/telegram\.token$/.test(where)) return `4711:${word}`;
  if (/slack\.(bot|app)Token$/.test(where)) return `${where.endsWith("botToken") ? "xoxb" : "xapp"}-${word}`;
  return `canary-${word}`;
}

/** Where the schema has a secret; `*` stands for any name. */
function* secretPlaces(schema: z.ZodType, path: readonly string[] = []): Generator<string> {
  if (isSecret(schema)) return yield path.join(".");
  if (path.length > 12) return;
  for (const inner of bare(schema)) {
    if (isSecret(inner)) yield path.join(".");
    const { shape, element, valueType } = inner.def as { shape?: Record<string, z.ZodType>; element?: z.ZodType; valueType?: z.ZodType };
    for (const [key, value] of Object.entries(shape ?? {})) yield* secretPlaces(value, [...path, key]);
    const item = element ?? valueType;
    if (item) yield* secretPlaces(item, [...path, "*"]);
  }
}

/** Each secret that the schema and the kinds know, written in turn in clear, as a variable, in a file and in the vault. */
export async function fullConfiguration(servers: QuotingServers, folder: string): Promise<FullConfiguration> {
  const kinds = allKinds();
  const load = async <K>(names: readonly string[], one: (name: string) => Promise<K | undefined>) =>
    (await Promise.all(names.map(one))).filter((kind) => kind !== undefined);
  const [channels, providers]: [readonly Kind[], readonly Kind[]] = [
    await load(kinds.channels, kinds.channel),
    await load(kinds.providers, kinds.provider),
  ];
  const canaries: Canary[] = [];
  const environment: Record<string, string> = {};
  const [files, vault] = [new Map<string, string>(), new Map<string, string>()];
  const told = needs(servers);

  function refer(where: string): unknown {
    const text = shaped(where, servers);
    const name = `CANARY_${canaries.push({ where, text })}`;
    const ways = [
      () => text,
      () => {
        environment[name] = text;
        return `\${${name}}`;
      },
      () => {
        files.set(`${folder}/${name}`, text);
        return { file: `${folder}/${name}` };
      },
      () => {
        vault.set(name, text);
        return { vault: name };
      },
    ] as const;
    return ways[canaries.length % ways.length]?.();
  }

  /** The settings of a kind in each of its ways: every choice once, and every optional secret once left out. */
  function waysOf({
    kind,
    settings,
  }: Kind): readonly { readonly name: string; readonly open: object; readonly secrets: readonly string[] }[] {
    const known = settingsOf(settings);
    const secrets = known.filter(({ secret }) => secret);
    const addresses = known.filter(({ schema }) => schema.format === "uri").map(({ key }) => [key, servers.http]);
    const open = { ...Object.fromEntries(addresses), ...told[kind] };
    const all = secrets.map(({ key }) => key);
    const choices = known.flatMap(({ key, schema }) =>
      Array.isArray(schema.enum)
        ? schema.enum.map((choice) => ({ name: `${kind}-${choice}`, open: { ...open, [key]: choice }, secrets: all }))
        : [],
    );
    const without = secrets
      .filter(({ required }) => !required)
      .map(({ key }) => ({ name: `${kind}-no-${key.toLowerCase()}`, open, secrets: all.filter((each) => each !== key) }));
    const sample = (way: { open: object; secrets: readonly string[] }) =>
      settings.safeParse({ ...way.open, ...Object.fromEntries(way.secrets.map((key) => [key, shaped(`${kind}.${key}`, servers)])) });
    const whole = { name: kind, open, secrets: all };
    const fits = sample(whole);
    if (!fits.success) throw new Error(`${kind} needs something more: ${z.prettifyError(fits.error)}`);
    return [whole, ...[...choices, ...without].filter((way) => sample(way).success)];
  }

  function entries(section: string, list: readonly Kind[], key: string, more: (name: string) => object): Record<string, object> {
    return Object.fromEntries(
      list.flatMap((kind) =>
        waysOf(kind).map(({ name, open, secrets }) => [
          name,
          {
            [key]: kind.kind,
            ...open,
            ...Object.fromEntries(secrets.map((secret) => [secret, refer(`${section}.${kind.kind}.${secret}`)])),
            ...more(name),
          },
        ]),
      ),
    );
  }

  const accounts = entries("accounts", channels, "channel", () => ({ access: { direct: "open" } }));
  const keyed = providers.filter(({ settings }) => settingsOf(settings).some(({ secret }) => secret));
  const models = entries("providers", keyed, "kind", (name) => ({
    moreKeys: name.includes("-no-") ? {} : { second: refer("providers.*.moreKeys.*") },
  }));
  // One that tells everybody the secrets it was given, and one that refuses and quotes them.
  const loud = "console.log(JSON.stringify(process.env)); console.error(JSON.stringify(process.env)); process.exit(1)";
  const mcp = {
    program: { command: [process.execPath, "-e", loud], env: { SECRET: refer("mcp.*.env.*") } },
    server: { url: `${servers.http}/mcp`, headers: { authorization: refer("mcp.*.headers.*") } },
  };
  const names = Object.keys(models).map((name) => `${name}/any`);
  const configuration = {
    log: { level: "debug" },
    http: { publicUrl: "https://chat.example.com" },
    accounts,
    providers: { ...models, demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: [...names, "demo/demo"], describe: names, transcribe: names, summarise: names } },
    routes: [{ agent: "main" }],
    mcp,
  };
  complain(canaries, channels, providers);
  return {
    configuration,
    canaries,
    environment,
    files,
    vault,
    accounts: channels.flatMap((kind) => waysOf(kind).map(({ name, open }) => ({ id: name, channel: kind.kind, open }))),
    models: names,
  };
}

/** A secret setting that nothing above gives a value is a mistake of this file. */
function complain(canaries: readonly Canary[], channels: readonly Kind[], providers: readonly Kind[]): void {
  const given = new Set(canaries.map(({ where }) => where));
  const expected = [
    ...secretPlaces(configurationSchema),
    ...channels.flatMap(({ kind, settings }) => [...secretPlaces(settings)].map((place) => `accounts.${kind}.${place}`)),
    ...providers.flatMap(({ kind, settings }) => [...secretPlaces(settings)].map((place) => `providers.${kind}.${place}`)),
  ];
  const missing = expected.filter((place) => !given.has(place));
  if (missing.length > 0) throw new Error(`no value is given to ${missing.join(", ")}`);
  if (!JSON.stringify(schemaOf(configurationSchema)).includes('"secret"')) throw new Error("the schema doesn't mark its secrets any more");
}
