import { type Alert, type AlertFiring, type AlertMeasure, type AlertState, isCounted, isOver, stepAlert } from "../core/alert.ts";
import type { Clock } from "../core/clock.ts";
import { type Finding, finding, type SaidFinding } from "../core/finding.ts";
import type { Log } from "../core/log.ts";
import type { Told } from "../core/notice.ts";
import type { Records } from "../core/records.ts";
import { say, type Text } from "../core/say.ts";
import type { Instant } from "../core/terms.ts";
import { type AlertPreview, type Measured, measure, previewAlert } from "./alert-values.ts";
import type { OwnWay } from "./notice-plan.ts";

export interface AlertsParts extends Measured {
  readonly clock: Clock;
  readonly log: Log;
  readonly records: Measured["records"] & Pick<Records, "alertStates" | "alertFirings" | "changeAlerts" | "notices">;
  readonly alerts: () => readonly Alert[];
}

/** `no-data`: there is nothing to take a share or a time of, and it doesn't fire. */
export type AlertStanding = "ok" | "pending" | "firing" | "muted" | "no-data";

export interface AlertReport {
  readonly alert: Alert;
  readonly standing: AlertStanding;
  /** Absent until it was looked at once. */
  readonly since?: Instant;
  readonly value?: number;
  readonly told: readonly Told[];
}

/** What the rooms around may ask. */
export interface AlertsDoor {
  list(): Promise<readonly AlertReport[]>;
  firings(limit: number): Promise<readonly AlertFiring[]>;
  /** What it would measure now, and what it would have said, where a past of it is kept. */
  preview(alert: Omit<Alert, "id">): Promise<{ readonly value: number | undefined; readonly past: AlertPreview | undefined }>;
}

export interface Alerts extends AlertsDoor {
  /** One look at all of them: a chore. */
  look(): Promise<void>;
  findings(): Promise<readonly SaidFinding[]>;
  ownWay(finding: Finding): OwnWay | undefined;
}

const code = "alert-firing";
const prefix = "alerts.";
const hourMs = 3_600_000;

/**
 * What operators want to be told of. Where each alert stands is in the store, so a restart neither repeats nor forgets one;
 * that it fires is a finding, and told like one.
 */
export function createAlerts(parts: AlertsParts): Alerts {
  const { tenant, clock, log, records, alerts } = parts;
  const isMuted = ({ mutedUntil }: Alert) => mutedUntil !== undefined && mutedUntil > clock.now();
  const states = async () => new Map((await records.alertStates(tenant)).map((state) => [state.alert, state]));

  async function current(alert: Alert): Promise<SaidFinding> {
    return alertFinding(alert, await measure(parts, alert, clock.now()));
  }

  return {
    async look() {
      const before = await states();
      const at = clock.now();
      const put: AlertState[] = [];
      const began: AlertFiring[] = [];
      const ended: string[] = [];
      for (const alert of alerts()) {
        const known = before.get(alert.id);
        before.delete(alert.id);
        const value = await measure(parts, alert, at);
        const state = stepAlert(alert, known, value, at);
        if (state === known) continue;
        put.push(state);
        if (state.firing === (known?.firing ?? false)) continue;
        // No data is never over a threshold, so what fires has a value.
        if (state.firing) began.push({ alert: alert.id, beganAt: at, value: value ?? 0 });
        else ended.push(alert.id);
        log.info(state.firing ? "alert-fire" : "alert-end", { alert: alert.id, value });
      }
      const remove = [...before.keys()];
      if (put.length + remove.length > 0) await records.changeAlerts({ tenant, put, remove, began, ended, at });
    },
    async findings() {
      const now = await states();
      return Promise.all(
        alerts()
          .filter((alert) => now.get(alert.id)?.firing && !isMuted(alert))
          .map(current),
      );
    },
    ownWay(told) {
      const alert = told.code === code ? alerts().find(({ id }) => prefix + id === told.subject) : undefined;
      if (told.code !== code) return undefined;
      // Who takes a rule away or mutes it needn't be told that it is over.
      if (!alert || isMuted(alert)) return { to: [] };
      const repeatMs = alert.repeatHours === undefined ? undefined : alert.repeatHours * hourMs;
      return alert.to || repeatMs !== undefined ? { ...(alert.to && { to: alert.to }), repeatMs } : undefined;
    },
    async list() {
      const now = await states();
      const notices = new Map((await records.notices(tenant)).map((notice) => [notice.finding.subject, notice]));
      const reports: AlertReport[] = [];
      for (const alert of alerts()) {
        const state = now.get(alert.id);
        const value = await measure(parts, alert, clock.now());
        const since = state && !state.firing ? (state.turning ?? state.since) : state?.since;
        reports.push({
          ...{ alert, standing: isMuted(alert) ? "muted" : standingOf(alert, state, value) },
          ...(since !== undefined && { since }),
          ...(value !== undefined && { value }),
          told: notices.get(prefix + alert.id)?.told ?? [],
        });
      }
      return reports;
    },
    firings: (limit) => records.alertFirings(tenant, limit),
    async preview(alert) {
      const now = clock.now();
      return { value: await measure(parts, alert, now), past: await previewAlert(parts, alert, now) };
    },
  };
}

/** What is told of it while it fires. */
export function alertFinding(alert: Alert, value: number | undefined): SaidFinding {
  return finding(
    { code, severity: "warning", subject: prefix + alert.id },
    say`The alert ${alert.id} fires: ${alertWords(alert, value)}.`,
    say`Analytics in the web app, or \`polylogue alerts list\`, shows it; there it can be muted or changed.`,
  );
}

function standingOf(alert: Alert, state: AlertState | undefined, value: number | undefined): AlertStanding {
  if (state?.firing) return "firing";
  if (value === undefined) return "no-data";
  return isOver(alert, value) ? "pending" : "ok";
}

const measureWords: { readonly [measure in AlertMeasure]: readonly [words: Text, unit: string] } = {
  queued: [say`deliveries that wait to be sent`, ""],
  undelivered: [say`deliveries that didn't arrive and wait for somebody`, ""],
  waiting: [say`conversations that wait for a person`, ""],
  "waiting-minutes": [say`the longest wait for a person`, " min"],
  "accounts-down": [say`accounts that are down`, ""],
  "cost-today": [say`what models cost today`, " USD"],
  received: [say`messages received`, ""],
  failed: [say`turns and deliveries that failed`, ""],
  "failed-share": [say`failures for each hundred turns`, " %"],
  "answered-share": [say`turns that were answered`, " %"],
  "wait-p95": [say`the time in which 95 % of the answers began`, " s"],
  "handed-share": [say`conversations handed to people`, " %"],
};

/** `messages received: 0, less than 1, in this hour and 2 before it`. */
export function alertWords(alert: Alert, value: number | undefined): Text {
  const { above, below, hours, minutes, account, channel, agent } = alert;
  const [words, unit] = measureWords[alert.measure];
  const of = [account, channel, agent].filter((name) => name !== undefined).join(", ");
  const what = of === "" ? words : say`${words} (${of})`;
  const now = value === undefined ? say`no data` : `${value}${unit}`;
  const limit = above === undefined ? say`less than ${`${below}${unit}`}` : say`more than ${`${above}${unit}`}`;
  if (!isCounted(alert.measure)) return say`${what}: ${now}, ${limit}`;
  return minutes === undefined
    ? say`${what}: ${now}, ${limit}, in this hour and ${String(hours)} before it`
    : say`${what}: ${now}, ${limit}, in this minute and ${minutes} before it`;
}
