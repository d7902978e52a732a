import type { Command } from "commander";
import { didYouMean } from "../../config/nearest.ts";
import { noticePlaces } from "../../config/notices.ts";
import { type Alert, type AlertState, isOver, stepAlert } from "../../core/alert.ts";
import type { Log } from "../../core/log.ts";
import { type NoticePlace, placeName } from "../../core/notice.ts";
import type { Store } from "../../core/store.ts";
import { type AlertPreview, measure, previewAlert } from "../../ops/alert-values.ts";
import { type AlertReport, alertFinding, alertWords, createAlerts } from "../../ops/alerts.ts";
import { findingText, testText } from "../../ops/notice-text.ts";
import type { CommandDoor } from "../door.ts";
import { looking, type Opened, type OpenedStore, tenant, working } from "../open.ts";
import { done, moment, type Outcome, refuse } from "../outcome.ts";
import type { Run } from "../run.ts";
import { seconds, tellPlaces } from "../tell.ts";

export function alertsCommand(program: Command, run: Run): void {
  const alerts = program
    .command("alerts")
    .description("what operators are told of when it goes over a threshold: see `alerts` in the configuration");
  alerts
    .command("list")
    .description("every alert: whether it fires, since when, and what is measured now")
    .action(() => run(list));
  alerts
    .command("test")
    .argument("<name>")
    .description("what it would say, to whom, and whether it would fire now")
    .option("--send", "send that as a test to the places that are told of it; exit code 1 unless all arrive", false)
    .option("--wait <seconds>", "how long to wait for them", seconds, 20)
    .action((name: string, options: TestOptions) => run((door) => test(door, name, options)));
}

interface TestOptions {
  readonly send: boolean;
  readonly wait: number;
}

async function list(door: CommandDoor): Promise<Outcome> {
  return looking(door, async ({ store, loaded, fault }) => {
    if (fault) return refuse(fault.code, fault.message);
    const rules = loaded.configuration.alerts;
    if (!store || rules.length === 0)
      return done({ alerts: [] }, rules.length === 0 ? "There are no alerts." : "Nothing was measured yet.");
    const reports = await alertsOf(door, store, rules).list();
    return done({ alerts: reports.map(json) }, reports.map(line).join("\n"));
  });
}

function test(door: CommandDoor, name: string, { send, wait }: TestOptions): Promise<Outcome> {
  return send ? working(door, (opened) => sendTest(door, opened, name, wait)) : looking(door, (opened) => preview(door, opened, name));
}

async function preview(door: CommandDoor, { store, loaded, fault }: Opened, name: string): Promise<Outcome> {
  if (fault) return refuse(fault.code, fault.message);
  const alert = loaded.configuration.alerts.find(({ id }) => id === name);
  if (!alert) return unknown(name, loaded.configuration.alerts);
  if (!store) return refuse("not-found", "Nothing was stored yet: there is nothing to measure.", "Start the gateway once.");
  const now = door.clock.now();
  const value = await measure({ tenant, records: store.records }, alert, now);
  const before = (await store.records.alertStates(tenant)).find((state) => state.alert === name);
  const after = stepAlert(alert, before, value, now);
  const past = await previewAlert({ tenant, records: store.records }, alert, now);
  const to = placesOf(alert, loaded).map(placeName);
  const text = textOf(door, loaded, alert, value);
  const json = { alert: name, fires: after.firing, over: isOver(alert, value), ...(value !== undefined && { value }), to, text };
  const lines = [
    `${name}: ${alertWords(alert, value)}.`,
    verdict(alert, before, after, value),
    ...(past ? [`${spanOf(alert, past, now)} it would have fired ${past.times === 1 ? "once" : `${past.times} times`}.`] : []),
    ...(alert.mutedUntil !== undefined && alert.mutedUntil > now ? [`It is muted until ${moment(alert.mutedUntil)}: nobody is told.`] : []),
    ...(to.length === 0 ? ["Nobody is told: it stands among the findings."] : [`Told: ${to.join(", ")}. It would say:`]),
    ...(to.length === 0 ? [] : [`\n${text.replace(/^(?=.)/gm, "  ")}\n`, "Nothing was sent; `--send` sends it as a test."]),
  ];
  return done(json, lines.join("\n"));
}

/** Minutes may be known of less than a day. */
function spanOf(alert: Alert, { from }: AlertPreview, now: number): string {
  if (alert.minutes === undefined) return "In the last seven days";
  return now - from > 1_438 * 60_000 ? "In the last 24 hours" : `Since ${moment(from)}`;
}

function verdict(alert: Alert, before: AlertState | undefined, after: AlertState, value: number | undefined): string {
  if (after.firing) return before?.firing ? `It fires since ${moment(before.since)}.` : "It would fire now.";
  if (value === undefined && alert.measure === "accounts-down") return "Only the running gateway knows which accounts are down.";
  if (value === undefined) return "There is no data, so it doesn't fire.";
  if (after.turning === undefined) return "It wouldn't fire now.";
  return `It is over its threshold, and would fire on ${moment(after.turning + alert.forMinutes * 60_000)} if that lasts.`;
}

async function sendTest(door: CommandDoor, opened: OpenedStore, name: string, waitS: number): Promise<Outcome> {
  const { loaded, store } = opened;
  const alert = loaded.configuration.alerts.find(({ id }) => id === name);
  if (!alert) return unknown(name, loaded.configuration.alerts);
  const to = placesOf(alert, loaded);
  if (to.length === 0) return refuse("notices-unset", `Nobody is to be told of the alert ${name}.`);
  const value = await measure({ tenant, records: store.records }, alert, door.clock.now());
  const text = testText(loaded.configuration.http.publicUrl, textOf(door, loaded, alert, value));
  return tellPlaces(door, opened, { to, text, waitS });
}

function unknown(name: string, alerts: readonly Alert[]): Outcome {
  const known = alerts.map(({ id }) => id);
  return refuse("not-found", `There is no alert ${name}.${didYouMean(name, known)}`, "`polylogue alerts list` has all.");
}

function placesOf({ to }: Alert, { notices }: Opened["loaded"]): readonly NoticePlace[] {
  return to ?? noticePlaces(notices);
}

function textOf({ clock, mask }: CommandDoor, { configuration }: Opened["loaded"], alert: Alert, value: number | undefined): string {
  return findingText(alertFinding(alert, value), { now: clock.now(), publicUrl: configuration.http.publicUrl, mask: mask.mask });
}

function alertsOf({ clock }: CommandDoor, { records }: Store, alerts: readonly Alert[]) {
  return createAlerts({ tenant, clock, log: quiet, records, alerts: () => alerts });
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
