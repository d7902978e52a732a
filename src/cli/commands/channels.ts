import type { Command } from "commander";
import { fitting } from "../../config/environment.ts";
import { isReference, schemasAt } from "../../config/shape.ts";
import { settingsUnder } from "../../config/tree.ts";
import { resolveSettings } from "../../config/unsaved.ts";
import type { Channel } from "../../core/channel.ts";
import { ok } from "../../core/errors.ts";
import type { AccountId } from "../../core/ids.ts";
import { isSecret } from "../../core/secret.ts";
import type { Json } from "../../core/terms.ts";
import { clearAccount } from "../../vault/removed-account.ts";
import { askAccess, askSettings } from "../ask.ts";
import { bringPackages, named } from "../bring.ts";
import type { CommandDoor } from "../door.ts";
import { actor, looking, type Opened, type OpenedStore, tenant, working } from "../open.ts";
import { done, findingJson, type Needed, type Outcome, refuse, refused, showFinding, table, without } from "../outcome.ts";
import { accountTemplates, probeAccount } from "../probe.ts";
import type { Run } from "../run.ts";
import { tryOut } from "../trial.ts";
import { freeName } from "./secrets.ts";

export interface AddOptions {
  readonly set: Record<string, string>;
  readonly secretStdin?: string;
  readonly direct?: string;
  readonly group?: string;
  readonly allow?: string[];
  readonly groups?: string[];
  readonly test: boolean;
}

export function channelsCommand(program: Command, run: Run): void {
  const channels = program.command("channels").description("the accounts on platforms");
  channels
    .command("list")
    .description("configured accounts, and the channels that there are")
    .action(() => run((door) => looking(door, (opened) => list(door, opened))));
  channels
    .command("add")
    .description("add an account, after a real round trip to the platform; what is missing is asked for")
    .argument("<channel>", "the kind of platform; `polylogue channels list` shows them")
    .argument("<name>", "what to call the account")
    .option("--set <key=value>", "a setting of the channel; again for more", pair, {})
    .option("--secret-stdin <key>", "read this secret setting from standard input")
    .option("--direct <policy>", "who may write in direct chats: open, allowlist, pairing or off")
    .option("--group <policy>", "where it answers in groups: open, allowlist or off")
    .option("--allow <id...>", "senders that allowlist admits")
    .option("--groups <id...>", "groups that allowlist admits")
    .option("--no-test", "save it without asking the platform")
    .action((channel: string, name: string, options: AddOptions) =>
      run((door) => working(door, (opened) => add(door, opened, channel, name, options))),
    );
  channels
    .command("install")
    .description("install the packages that a setting of the channel needs, at their tested versions, into the data folder")
    .argument("<channel>", "the kind of platform")
    .option("--yes", "don't ask whether to install them")
    .action((kind: string, options: { yes?: boolean }) => run((door) => install(door, kind, options.yes === true)));
  channels
    .command("test")
    .description("make a real round trip with a configured account")
    .argument("<name>")
    .action((name: string) => run((door) => looking(door, (opened) => test(door, opened, name))));
  channels
    .command("templates")
    .description("ask the platform which templates it approved for an account")
    .argument("<name>")
    .action((name: string) => run((door) => looking(door, (opened) => templates(door, opened, name))));
  channels
    .command("remove")
    .description("take an account away, with its secrets; its messages stay")
    .argument("<name>")
    .action((name: string) => run((door) => working(door, (opened) => remove(door, opened, name))));
}

async function list(door: CommandDoor, { loaded, store }: Opened): Promise<Outcome> {
  const paused = new Set((await store?.records.pausedAccounts(tenant)) ?? []);
  const accounts = [...loaded.configuration.accounts.values()].map(({ id, channel, access }) => ({
    id,
    channel,
    direct: access.direct,
    group: access.group,
    paused: paused.has(id),
  }));
  const findings = loaded.findings.filter(({ subject }) => subject.startsWith("accounts."));
  const rows = accounts.map((one) => [one.id, one.channel, `direct ${one.direct}, groups ${one.group}`, one.paused ? "paused" : ""]);
  const lines = [
    accounts.length > 0 ? table(rows) : "No account is configured.",
    `Channels: ${door.kinds.channels.join(", ")}`,
    ...findings.map(showFinding),
  ];
  return {
    exit: findings.length > 0 ? 1 : 0,
    json: { accounts, channels: [...door.kinds.channels], findings: findings.map(findingJson) },
    text: lines.join("\n"),
  };
}

async function add(door: CommandDoor, opened: OpenedStore, kind: string, name: string, options: AddOptions): Promise<Outcome> {
  const path = `accounts.${name}`;
  const channel = door.kinds.channels.includes(kind) ? await door.kinds.channel(kind) : undefined;
  if (!channel) return refuse("not-found", `There is no channel \`${kind}\`.`, `Known: ${door.kinds.channels.join(", ")}.`);
  const there = opened.loaded.explained.get(path);
  if (there !== undefined && there !== false)
    return refuse(
      "version-conflict",
      `There is an account ${name} already.`,
      `Choose another name, or \`polylogue channels remove ${name}\` first.`,
    );
  const given = givenSettings(channel, options);
  if (!given.ok) return given.outcome;
  const admitted = await askAccess(door.terminal, channel, options);
  if (!admitted.ok) return admitted.outcome;
  const asked = await askSettings(door.terminal, channel, given.value, options.secretStdin);
  if (!asked.ok) return asked.outcome;
  const { secrets } = asked.value;
  for (const secret of secrets.values()) door.mask.add(secret);
  const plain = { ...given.value, ...asked.value.plain };

  let identity: { id: string; name: string } | undefined;
  if (options.test) {
    const { settings: _, ...sources } = opened.sources;
    const resolved = await resolveSettings(channel, { ...plain, ...Object.fromEntries(secrets) }, sources);
    if (!resolved.ok) return refused(resolved.fault);
    const probed = await probeAccount(door, channel, name, resolved.value);
    if (!probed.ok) return refused(probed.fault);
    identity = { id: probed.value.id, name: probed.value.name };
  }

  await opened.store.dropAccountState(tenant, name as AccountId);
  const taken = new Set((await opened.vault.list()).map((secret) => secret.name));
  const sealed = new Map([...secrets].map(([key, text]) => [key, { vault: freeName(`${name}-${key}`, taken), text }]));
  const references = Object.fromEntries([...sealed].map(([key, { vault }]) => [key, { vault }]));
  const entry: Json = { channel: kind, ...plain, ...references, ...(Object.keys(admitted.value).length > 0 && { access: admitted.value }) };
  const changes = new Map<string, Json | undefined>([
    ...settingsUnder(opened.sources.settings, path).map((at) => [at, undefined] as const),
    [path, entry],
  ]);
  const { worse } = await tryOut(opened, changes, new Map([...sealed.values()].map(({ vault, text }) => [vault, text])));
  const against = worse.filter(
    ({ severity, code, subject }) =>
      subject.startsWith(path) && (severity === "error" || code === "config-unknown-key" || code === "secret-in-clear"),
  );
  if (against.length > 0) return refuse("account-invalid", against.map(({ message }) => message).join(" "), against[0]?.hint);

  for (const { vault, text } of sealed.values()) {
    const written = await opened.vault.write(vault, text, actor);
    if (!written.ok) return refused(written.fault);
  }
  for (const [at, value] of changes) await opened.store.records.putSetting(tenant, at, value, actor, door.clock.now());
  const hears = (await door.gatewayRuns()) ? "The running gateway takes it up now." : "It runs with the next start.";
  const lines = [
    identity ? `Connected as ${identity.name}; saved as ${name}. ${hears}` : `Saved as ${name}, untested. ${hears}`,
    ...worse.map(showFinding),
  ];
  return done(
    {
      account: name,
      channel: kind,
      identity: identity ?? null,
      secrets: [...sealed.values()].map(({ vault }) => vault),
      findings: worse.map(findingJson),
    },
    lines.join("\n"),
  );
}

/** What `--set` says. A secret may stand there only as a reference: command lines are seen by every user of the machine. */
function givenSettings(channel: Channel, options: AddOptions): Needed<{ [key: string]: Json }> {
  const settings: { [key: string]: Json } = {};
  for (const [key, text] of Object.entries(options.set)) {
    const schemas = schemasAt(channel.settings, [key]);
    const value = fitting(text, schemas);
    if (schemas.some(isSecret) && !isReference(value)) {
      return without(
        refuse(
          "request-invalid",
          `\`${key}\` is a secret: on a command line others can read it.`,
          `Use --secret-stdin ${key}, the prompt, or a reference such as --set '${key}=\${NAME}'.`,
        ),
      );
    }
    settings[key] = value;
  }
  return ok(settings);
}

async function test(door: CommandDoor, opened: Opened, name: string): Promise<Outcome> {
  const found = await configured(door, opened, name);
  if (!found.ok) return found.outcome;
  const { kind, channel, settings } = found.value;
  const probed = await probeAccount(door, channel, name, settings);
  if (!probed.ok) return refused(probed.fault);
  return done({ account: name, channel: kind, identity: { ...probed.value } }, `Connected as ${probed.value.name}.`);
}

async function install(door: CommandDoor, kind: string, yes: boolean): Promise<Outcome> {
  const channel = door.kinds.channels.includes(kind) ? await door.kinds.channel(kind) : undefined;
  if (!channel) return refuse("not-found", `There is no channel \`${kind}\`.`, `Known: ${door.kinds.channels.join(", ")}.`);
  const { packages = [] } = channel;
  const stopped = await bringPackages(door, channel.name, packages, yes);
  if (stopped) return stopped;
  const list = packages.map(named);
  return done(
    { channel: kind, packages: list },
    list.length > 0 ? `Installed: ${list.join(", ")}.` : `${channel.name} needs nothing more.`,
  );
}

async function templates(door: CommandDoor, opened: Opened, name: string): Promise<Outcome> {
  const found = await configured(door, opened, name);
  if (!found.ok) return found.outcome;
  const listed = await accountTemplates(door, found.value.channel, name, found.value.settings);
  if (!listed.ok) return refused(listed.fault);
  const rows = listed.value.map(({ name: of, id, language, status, parameters, text = "" }) => {
    return [of, id ?? "", language, status, parameters.map((one) => `{{${one}}}`).join(" "), text.replace(/\s+/g, " ").slice(0, 80)];
  });
  return done(
    { account: name, templates: listed.value.map((one) => ({ ...one, parameters: [...one.parameters] })) },
    rows.length > 0 ? table(rows) : "The platform has no templates for this account.",
  );
}

/** A configured account with its channel and its settings, whose secrets are resolved. */
async function configured(
  door: CommandDoor,
  { loaded, fault }: Opened,
  name: string,
): Promise<Needed<{ readonly kind: string; readonly channel: Channel; readonly settings: unknown }>> {
  const account = loaded.configuration.accounts.get(name as AccountId);
  if (!account) {
    const findings = loaded.findings.filter(({ subject }) => subject === `accounts.${name}` || subject.startsWith(`accounts.${name}.`));
    if (findings.length > 0) return without(refuse("account-invalid", findings.map(({ message }) => message).join(" "), findings[0]?.hint));
    if (fault) return without(refuse(fault.code, fault.message));
    return without(refuse("account-unknown", `There is no account ${name}.`, "`polylogue channels list` shows what there is."));
  }
  const channel = await door.kinds.channel(account.channel);
  if (!channel) return without(refuse("account-invalid", `The channel ${account.channel} can't be loaded.`));
  return ok({ kind: account.channel, channel, settings: account.settings });
}

async function remove(door: CommandDoor, opened: OpenedStore, name: string): Promise<Outcome> {
  const path = `accounts.${name}`;
  const there = opened.loaded.explained.get(path);
  if (there === undefined || there === false)
    return refuse("account-unknown", `There is no account ${name}.`, "`polylogue channels list` shows what there is.");
  const changes = new Map<string, Json | undefined>(settingsUnder(opened.sources.settings, path).map((at) => [at, undefined]));
  const without = await tryOut(opened, changes);
  // What another source brings can't be deleted from here, but it can be switched off.
  const elsewhere = without.loaded.explained.explain(path)[0];
  if (elsewhere) changes.set(path, false);
  const after = await tryOut(opened, changes);
  if (after.loaded.configuration.accounts.has(name as AccountId))
    return refuse("request-invalid", `The environment sets ${name} (${elsewhere?.origin}).`, "Take the variable away.");
  for (const [at, value] of changes) await opened.store.records.putSetting(tenant, at, value, actor, door.clock.now());
  // What is only switched off may come back, and goes on where it was.
  const entry = opened.loaded.explained.get(path);
  if (!elsewhere) await clearAccount({ tenant, ...opened }, name, entry, after.loaded.explained, actor, door.clock.now());
  const how = elsewhere
    ? `Switched off ${name}; it still stands in ${elsewhere.origin === "built in" ? "the defaults" : elsewhere.origin}.`
    : `Removed ${name}.`;
  return done({ account: name, removed: elsewhere ? "switched-off" : "deleted" }, how);
}

function pair(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf("=");
  return { ...before, [at < 0 ? text : text.slice(0, at)]: at < 0 ? "" : text.slice(at + 1) };
}
