import type { Schemas } from "../../api/client.ts";
import { words } from "../../words/words.ts";

type Rule = Pick<Schemas["Alert"], "measure" | "above" | "below" | "hours" | "minutes" | "forMinutes" | "account" | "channel" | "agent">;

/** The measures that are counted over hours or minutes; the others are as things stand now. */
const counted: readonly Rule["measure"][] = ["received", "failed", "failed-share", "answered-share", "wait-p95", "handed-share"];

export const isCounted = (measure: Rule["measure"]) => counted.includes(measure);

/** The whole condition: "More than 5 failed turns and deliveries in the last 15 minutes on telegram, for 5 minutes on end". */
export function ruleWords({ measure, above, below, hours, minutes, forMinutes, account, channel, agent }: Rule, said = words.alerts.rule) {
  const within = minutes === undefined ? said.hours(hours) : said.minutes(minutes);
  const condition = [
    above === undefined ? said.below(said.of[measure](below ?? 0)) : said.above(said.of[measure](above)),
    isCounted(measure) && within,
    account !== undefined && said.account(account),
    channel !== undefined && said.channel(channel),
    agent !== undefined && said.agent(agent),
  ].filter(Boolean);
  return `${condition.join(" ")}${forMinutes > 0 ? `, ${said.lasting(forMinutes)}` : ""}`;
}
