import type { z } from "zod";
import { type Alert, isCounted, mostAlerts, narrowings } from "../core/alert.ts";
import { type FigureKey, figureKeys } from "../core/figures.ts";
import type { AccountId, AgentId } from "../core/ids.ts";
import { type NoticePlace, placeName } from "../core/notice.ts";
import { say, type Text } from "../core/say.ts";
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
    const refuse = (why: Text, hint: Text) =>
      check.notes.add("alert-invalid", "error", at, say`The alert ${name} watches nothing: ${why}.`, hint);
    if (removed.length > 0) {
      refuse(say`what the other finding names can't be read`, say`Correct it.`);
      continue;
    }
    const wrong = wrongIn(value);
    if (wrong) {
      refuse(...wrong);
      continue;
    }
    if (alerts.length === mostAlerts) {
      const hint = say`Take out one that nobody needs.`;
      refuse(say`there are ${mostAlerts} others, and no more are watched`, hint);
      // Which one is left out hangs on the order: whoever adds one too many hears of it, whatever its name.
      check.notes.add("alert-invalid", "error", "alerts", say`There are more than ${mostAlerts} alerts, and no more are watched.`, hint);
      continue;
    }
    for (const [key, names] of [
      ["account", accounts],
      ["agent", agents],
    ] as const) {
      const named = value[key];
      if (named === undefined || names.has(named)) continue;
      const message = say`The alert ${name} is for the ${figureText[key]} \`${named}\`, which isn't there.${didYouMean(named, names.keys())}`;
      check.notes.add("alert-invalid", "warning", [...at, key], message, say`Correct the name, or take the alert out.`);
    }
    const to = value.to && placesOf(value.to);
    for (const { account } of to ?? []) {
      if (accounts.has(account)) continue;
      const message = say`Nobody is told of the alert ${name} by the account ${account}: no such account runs.${didYouMean(account, accounts.keys())}`;
      check.notes.add("notice-account-missing", "error", [...at, "to", account], message, say`Name an account of \`accounts\`.`);
    }
    const { mutedUntil, account, agent, ...rest } = value;
    alerts.push({
      ...rest,
      ...{ id: name, hours: value.hours ?? 1, to, account: account as AccountId | undefined, agent: agent as AgentId | undefined },
      mutedUntil: mutedUntil === undefined ? undefined : Date.parse(mutedUntil),
    });
  }
  return alerts;
}

const figureText: { readonly [key in FigureKey]: Text } = { account: say`account`, agent: say`agent`, channel: say`channel` };

type Rule = z.infer<typeof alertSchema>;

/** Why it watches nothing, and what to do. */
function wrongIn(rule: Rule): readonly [why: Text, hint: Text] | undefined {
  const { measure, above, below, hours, minutes } = rule;
  if ((above === undefined) === (below === undefined)) {
    return [say`it must have either \`above\` or \`below\``, say`Say from which number on it fires.`];
  }
  const strange = figureKeys.find((key) => rule[key] !== undefined && !narrowings(measure).includes(key));
  if (strange)
    return [say`\`${measure}\` isn't known of one ${figureText[strange]} alone`, say`Take \`${strange}\` out, or watch something else.`];
  if (minutes === undefined) return undefined;
  if (hours !== undefined) return [say`it has both \`hours\` and \`minutes\``, say`Take one of them out.`];
  if (!isCounted(measure)) return [say`\`${measure}\` is as it stands now, and not counted over minutes`, say`Take \`minutes\` out.`];
  if (measure === "handed-share")
    return [say`conversations end a day after their last message`, say`Write \`hours\` in place of \`minutes\`.`];
  return undefined;
}

function placesOf(to: readonly { account: string; chat: string; thread?: string | undefined }[]): readonly NoticePlace[] {
  const places = to.map(({ account, chat, thread }) => ({
    ...{ account: account as AccountId, chat },
    ...(thread !== undefined && { thread }),
  }));
  return [...new Map(places.map((place) => [placeName(place), place])).values()];
}
