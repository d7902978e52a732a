import type { Command } from "commander";
import type { Log } from "../../core/log.ts";
import { placeName } from "../../core/notice.ts";
import { type AlertReport, alertWords, createAlerts } from "../../ops/alerts.ts";
import type { CommandDoor } from "../door.ts";
import { looking, tenant } from "../open.ts";
import { done, moment, type Outcome, refuse } from "../outcome.ts";
import type { Run } from "../run.ts";

export function alertsCommand(program: Command, run: Run): void {
  const alerts = program
    .command("alerts")
    .description("what operators are told of when it goes over a threshold: see `alerts` in the configuration");
  alerts
    .command("list")
    .description("every alert: whether it fires, since when, and what is measured now")
    .action(() => run(list));
}

async function list(door: CommandDoor): Promise<Outcome> {
  return looking(door, async ({ store, loaded, fault }) => {
    if (fault) return refuse(fault.code, fault.message);
    const rules = loaded.configuration.alerts;
    if (!store || rules.length === 0)
      return done({ alerts: [] }, rules.length === 0 ? "There are no alerts." : "Nothing was measured yet.");
    const reports = await createAlerts({ tenant, clock: door.clock, log: quiet, records: store.records, alerts: () => rules }).list();
    return done({ alerts: reports.map(json) }, reports.map(line).join("\n"));
  });
}

function line({ alert, standing, since, value, told }: AlertReport): string {
  const about = [
    ...(since === undefined ? [] : [`since ${moment(since)}`]),
    ...told.map((one) => `told: ${placeName(one)} on ${moment(one.at)}`),
  ];
  return `${standing === "firing" ? "!" : "·"} ${alert.id} ${standing}: ${alertWords(alert, value)}${about.length > 0 ? `\n  ${about.join(" · ")}` : ""}`;
}

function json({ alert, standing, since, value }: AlertReport) {
  return {
    ...{ id: alert.id, measure: alert.measure, state: standing },
    ...(since !== undefined && { since }),
    ...(value !== undefined && { value }),
  };
}

/** Nothing is looked at anew here, so nothing is to be told. */
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => quiet };
