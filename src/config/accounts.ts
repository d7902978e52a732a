import { z } from "zod";
import type { AccountConfiguration, ProviderConfiguration, Streaming } from "../core/configuration.ts";
import type { AccountId } from "../core/ids.ts";
import type { Access } from "../core/route.ts";
import { say } from "../core/say.ts";
import type { Json } from "../core/terms.ts";
import { type Check, checkSettings, expandEntry } from "./entries.ts";
import { entryName } from "./names.ts";
import { didYouMean, nearest } from "./nearest.ts";
import { type accessSchema, accountSchema, providerSchema } from "./schema.ts";
import { settle } from "./settle.ts";
import { keysOf } from "./shape.ts";
import type { ChannelKind, ProviderKind } from "./sources.ts";
import { isTree, type Path, showPath, type Tree } from "./tree.ts";

export type Loader<Kind> = (kind: string) => Promise<{ readonly kind?: Kind; readonly broken?: string }>;

/** Each account by itself: a bad one is left out with a finding, the others run. */
export async function checkAccounts(
  section: Json | undefined,
  load: Loader<ChannelKind>,
  check: Check,
): Promise<Map<AccountId, AccountConfiguration>> {
  const accounts = new Map<AccountId, AccountConfiguration>();
  for (const [name, entry] of entriesOf(section, "accounts", check)) {
    const account = await checkAccount(name, entry, load, check);
    if (account) accounts.set(account.id, account);
  }
  return accounts;
}

async function checkAccount(name: string, entry: Tree, load: Loader<ChannelKind>, check: Check): Promise<AccountConfiguration | undefined> {
  const at = ["accounts", name];
  const channel = await kindOf(entry, "channel", at, load, check.sources.kinds.channels, "account-invalid", check);
  if (!channel) return undefined;
  const expanded = await expandEntry(entry, at, channel.settings, check);
  if (!expanded) return undefined;
  const [own, rest] = split(expanded, keysOf(accountSchema));
  const settled = settle(accountSchema, own, at, check.notes);
  const settings = await checkSettings(channel.settings, rest, at, "account-invalid", keysOf(accountSchema), check);
  if (!settled || settings === undefined) return undefined;
  const silent = saysNothing(own.access) && !mayMeanAccess(Object.keys(rest), keysOf(channel.settings));
  const access = accessOf(settled.value.access, settled.removed, silent ? channel.access : undefined);
  tellOfAccess(name, access, settled.value.access, silent, channel, check);
  return {
    id: name as AccountId,
    channel: channel.kind,
    settings,
    access,
    onUnknown: settled.value.onUnknown,
    streaming: streamingOf(settled.value.streaming),
    maxConcurrentRequests: settled.value.maxConcurrentRequests,
  };
}

function streamingOf(given: z.infer<typeof accountSchema>["streaming"]): Streaming {
  return typeof given === "string" ? given : given ? "edit" : "off";
}

type GivenAccess = z.infer<typeof accessSchema>;

/** Whether it is left to the channel who may write: one word about that, and what is left out admits nobody. */
function saysNothing(access: Json | undefined): boolean {
  return access === undefined || (isTree(access) && Object.keys(access).every((key) => key === "mention"));
}

/** A misspelt key must not be the one that opens a door. */
function mayMeanAccess(keys: readonly string[], known: readonly string[]): boolean {
  return keys.some((key) => !known.includes(key) && nearest(key, ["access"]) !== undefined);
}

/** Law 9: what isn't said or isn't understood admits nobody, unless the channel itself says whom it admits. */
function accessOf(given: GivenAccess, removed: readonly Path[], standard: ChannelKind["access"]): Access {
  const wrong = (key: string) => removed.some((path) => path[0] === "access" && (path.length === 1 || path[1] === key));
  const direct = wrong("direct") ? "off" : (given.direct ?? (given.allow.length > 0 ? "allowlist" : (standard?.direct ?? "off")));
  const group = wrong("group") ? "off" : (given.group ?? (given.groups.length > 0 ? "allowlist" : (standard?.group ?? "off")));
  return { direct, group, allow: given.allow, groups: given.groups, mention: given.mention };
}

function tellOfAccess(name: string, access: Access, given: GivenAccess, silent: boolean, channel: ChannelKind, { notes }: Check): void {
  const subject = showPath(["accounts", name, "access"]);
  const admits = (policy: Access["direct"], list: readonly string[]) =>
    policy === "open" || policy === "pairing" || (policy === "allowlist" && list.length > 0);
  const meant = given.direct === "off" || given.group === "off";
  if (!meant && !admits(access.direct, access.allow) && !admits(access.group, access.groups)) {
    notes.add(
      "access-missing",
      "warning",
      subject,
      say`Nobody may write to the account ${name}: \`${subject}\` admits no one.`,
      say`\`polylogue config set ${subject}.direct open\` admits everybody (each answer costs), \`polylogue config set ${subject}.allow '["<sender id>"]'\` admits those listed; \`polylogue config set accounts.${name} false\` switches the account off.`,
    );
  }
  if (silent && channel.access?.public && access.direct === "open") {
    notes.add(
      "access-open",
      "warning",
      subject,
      say`Everybody on ${channel.name ?? channel.kind} may write to the account ${name} and spend its tokens: \`${subject}\` says nothing else.`,
      say`\`polylogue config set ${subject}.allow '["<sender id>"]'\` admits those listed only; if everybody is meant, say so: \`polylogue config set ${subject} '{direct: "open", group: "open"}'\`.`,
    );
  }
}

const keysSchema = providerSchema.pick({ moreKeys: true });

export async function checkProviders(
  section: Json | undefined,
  load: Loader<ProviderKind>,
  check: Check,
): Promise<Map<string, ProviderConfiguration>> {
  const providers = new Map<string, ProviderConfiguration>();
  for (const [name, entry] of entriesOf(section, "providers", check)) {
    const at = ["providers", name];
    const kind = await kindOf(entry, "kind", at, load, check.sources.kinds.providers, "provider-invalid", check);
    const expanded = kind && (await expandEntry(entry, at, z.intersection(kind.settings, keysSchema), check));
    if (!kind || !expanded) continue;
    const [own, rest] = split(expanded, keysOf(providerSchema));
    const settled = settle(providerSchema, own, at, check.notes);
    const settings = await checkSettings(kind.settings, rest, at, "provider-invalid", keysOf(providerSchema), check);
    if (!settled || settings === undefined) continue;
    const { maxConcurrentRequests, stallMs, models, prices } = settled.value;
    const moreKeys = await checkMoreKeys(kind, rest, settled.value.moreKeys, at, check);
    providers.set(name, {
      ...{ id: name, kind: kind.kind, settings, moreKeys, maxConcurrentRequests, stallMs, models },
      prices: new Map(Object.entries(prices)),
    });
  }
  return providers;
}

/** The settings once more with each further key; one that can't be had is left out, the others are used. */
async function checkMoreKeys(
  kind: ProviderKind,
  rest: Tree,
  keys: { readonly [name: string]: Json },
  at: Path,
  check: Check,
): Promise<unknown[]> {
  if (Object.keys(keys).length > 0 && !keysOf(kind.settings).includes("apiKey")) {
    const message = say`\`${showPath([...at, "moreKeys"])}\`: the kind ${kind.kind} has no key; they are left out.`;
    check.notes.add("config-invalid", "error", [...at, "moreKeys"], message);
    return [];
  }
  const settings: unknown[] = [];
  for (const [name, key] of Object.entries(keys)) {
    const subject = [...at, "moreKeys", name];
    const checked = await checkSettings(kind.settings, { ...rest, apiKey: key }, subject, "provider-invalid", [], check);
    if (checked !== undefined) settings.push(checked);
  }
  return settings;
}

/** The entries that are on; a name or a form that can't be is left out. */
export function entriesOf(section: Json | undefined, name: string, check: Check): [string, Tree][] {
  return Object.entries(isTree(section) ? section : {}).filter((pair): pair is [string, Tree] => {
    const [key, entry] = pair;
    if (entry === false) return false;
    const subject = [name, key];
    if (!entryName.safeParse(key).success) {
      check.notes.add(
        "config-invalid",
        "error",
        subject,
        say`\`${showPath(subject)}\`: a name has 1 to 63 letters, digits, - or _, and begins with a letter or digit; it is left out.`,
      );
      return false;
    }
    if (isTree(entry)) return true;
    check.notes.add(
      "config-invalid",
      "error",
      subject,
      say`\`${showPath(subject)}\` must be an object, or false to switch it off; it is left out.`,
    );
    return false;
  });
}

async function kindOf<Kind>(
  entry: Tree,
  key: "channel" | "kind",
  at: Path,
  load: Loader<Kind>,
  known: readonly string[],
  code: "account-invalid" | "provider-invalid",
  check: Check,
): Promise<Kind | undefined> {
  const word = entry[key];
  const subject = [...at, key];
  const hint = say`Known: ${known.join(", ")}.`;
  if (typeof word !== "string") {
    check.notes.add(code, "error", subject, say`\`${showPath(subject)}\` is missing; ${showPath(at)} is left out.`, hint);
    return undefined;
  }
  const { kind, broken } = await load(word);
  if (!kind) {
    const why =
      broken === undefined
        ? say`there is no ${key} \`${word.slice(0, 64)}\`.${didYouMean(word, known)}`
        : say`\`${word.slice(0, 64)}\` can't be loaded: ${broken}`;
    check.notes.add(code, "error", subject, say`\`${showPath(at)}\` is left out: ${why}`, hint);
  }
  return kind;
}

function split(entry: Tree, keys: readonly string[]): [Tree, Tree] {
  const own: Tree = {};
  const rest: Tree = {};
  for (const [key, value] of Object.entries(entry)) (keys.includes(key) ? own : rest)[key] = value;
  return [own, rest];
}
