import { type Alert, isCounted } from "../core/alert.ts";
import type { AccountId, AgentId } from "../core/ids.ts";
import { type NoticePlace, placeName } from "../core/notice.ts";
import type { Json } from "../core/terms.ts";
import { entriesOf } from "./accounts.ts";
import { alertSchema } from "./alert-schema.ts";
import { type Check, expandEntry } from "./entries.ts";
import { didYouMean } from "./nearest.ts";
import { settle } from "./settle.ts";

interface Known {
  readonly accounts: ReadonlyMap<string, unknown>;
  readonly agents: ReadonlyMap<string, unknown>;
}

/** An alert of which a part can't be read is left out: nobody is to wait for one that watches something else. */
export async function checkAlerts(section: Json | undefined, { accounts, agents }: Known, check: Check): Promise<Alert[]> {
  const alerts: Alert[] = [];
  for (const [name, entry] of entriesOf(section, "alerts", check)) {
    const at = ["alerts", name];
    const expanded = await expandEntry(entry, at, undefined, check);
    const settled = expanded && settle(alertSchema, expanded, at, check.notes);
    if (!settled) continue;
    const { value, removed } = settled;
    const refuse = (why: string, hint: string) =>
      check.notes.add("alert-invalid", "error", at, `The alert ${name} watches nothing: ${why}.`, hint);
    if (removed.length > 0) {
      refuse("what the other finding names can't be read", "Correct it.");
      continue;
    }
    if ((value.above === undefined) === (value.below === undefined)) {
      refuse("it must have either `above` or `below`", "Say from which number on it fires.");
      continue;
    }
    const narrowed = value.account ?? value.channel ?? value.agent;
    if (!isCounted(value.measure) && narrowed !== undefined) {
      refuse(`\`${value.measure}\` is that of everything`, "Take `account`, `channel` and `agent` out, or watch something else.");
      continue;
    }
    if (value.measure === "received" && value.agent !== undefined) {
      refuse("a message has no agent yet when it is received", "Take `agent` out.");
      continue;
    }
    for (const [key, names] of [
      ["account", accounts],
      ["agent", agents],
    ] as const) {
      const named = value[key];
      if (named === undefined || names.has(named)) continue;
      const message = `The alert ${name} is for the ${key} \`${named}\`, which isn't there.${didYouMean(named, names.keys())}`;
      check.notes.add("alert-invalid", "warning", [...at, key], message, "Correct the name, or take the alert out.");
    }
    const to = value.to && placesOf(value.to);
    for (const { account } of to ?? []) {
      if (accounts.has(account)) continue;
      const message = `Nobody is told of the alert ${name} by the account ${account}: no such account runs.${didYouMean(account, accounts.keys())}`;
      check.notes.add("notice-account-missing", "error", [...at, "to", account], message, "Name an account of `accounts`.");
    }
    const { mutedUntil, account, agent, ...rest } = value;
    alerts.push({
      ...rest,
      ...{ id: name, to, account: account as AccountId | undefined, agent: agent as AgentId | undefined },
      mutedUntil: mutedUntil === undefined ? undefined : Date.parse(mutedUntil),
    });
  }
  return alerts;
}

function placesOf(to: readonly { account: string; chat: string; thread?: string | undefined }[]): readonly NoticePlace[] {
  const places = to.map(({ account, chat, thread }) => ({
    ...{ account: account as AccountId, chat },
    ...(thread !== undefined && { thread }),
  }));
  return [...new Map(places.map((place) => [placeName(place), place])).values()];
}
