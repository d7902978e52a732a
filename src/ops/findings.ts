import type { Clock } from "../core/clock.ts";
import { errorTable, faultOf } from "../core/errors.ts";
import type { Finding, FindingSource } from "../core/finding.ts";
import type { TenantId } from "../core/ids.ts";
import { placeName, type Trouble } from "../core/notice.ts";
import type { Records } from "../core/records.ts";
import type { Instant } from "../core/terms.ts";
import { diskFindings, freeMegabytes } from "./disk.ts";
import type { Health } from "./health.ts";

const hour = 3_600_000;
/** Failed turns of the same account and cause within this time are one finding… */
const turnMs = hour;
/** …from so many on, */
const repeated = 3;
/** or from the first, where nothing gets better before a person acts. */
const atOnce: ReadonlySet<string> = new Set(["provider-auth", "provider-spent"]);
/** Troubles are counted up to here (`Records.troubles`). */
const most = 10_000;

/** What in the store waits for a person: one finding for each account and cause, however many there are of it. */
export async function storedFindings(records: Pick<Records, "troubles">, tenant: TenantId, now: Instant): Promise<Finding[]> {
  const troubles = await records.troubles(tenant, now - turnMs);
  return troubles.flatMap(findingOf);
}

function findingOf(trouble: Trouble): Finding[] {
  const { account, newest, kind } = trouble;
  const n = trouble.count >= most ? `${most} or more` : String(trouble.count);
  const one = trouble.count === 1;
  const deliveries = `${n} ${one ? "delivery" : "deliveries"} of the account ${account}`;
  const messages = `${n} ${one ? "message" : "messages"} to the account ${account}`;
  const settle = "then `polylogue dead retry` or `discard`, or the queue in the web app";
  switch (kind) {
    case "unknown":
      return [
        {
          ...{ code: "delivery-unknown", severity: "warning", subject: `deliveries.${account}` },
          message: `Nobody knows whether ${deliveries} arrived.`,
          hint: `\`polylogue dead list --state unknown\`, look on the platform, ${settle}.`,
        },
      ];
    case "dead":
      return [
        {
          ...{ code: "delivery-dead", severity: "error", subject: `deliveries.${account}` },
          message: `${deliveries} ${one ? "was" : "were"} given up after the last try.`,
          hint: `\`polylogue dead list --state dead\` says why; ${settle}.`,
        },
      ];
    case "failed":
      return [
        {
          ...{ code: "delivery-refused", severity: "warning", subject: `deliveries.${account}` },
          message: `${deliveries} ${one ? "was" : "were"} refused by the platform.`,
          hint: `\`polylogue dead list --state failed\` says why; ${settle}.`,
        },
      ];
    case "notice":
      return [
        {
          ...{ code: "notice-undelivered", severity: "warning", subject: `notices.${placeName(trouble.place)}` },
          message: `${n} ${one ? "notice" : "notices"} for operators didn't arrive at ${placeName(trouble.place)}.`,
          hint: `\`polylogue trace ${newest}\` says why. Correct \`notices.to\`, or discard them in the queue.`,
        },
      ];
    case "poison":
      return [
        {
          ...{ code: "message-poison", severity: "error", subject: `messages.${account}` },
          message: `${messages} ${one ? "was" : "were"} set aside unanswered after the last try.`,
          hint: `\`polylogue dead list --state poison\` says why; ${settle}.`,
        },
      ];
    case "loop":
      return [
        {
          ...{ code: "conversation-looping", severity: "warning", subject: `conversations.${account}` },
          message: `${n} ${one ? "conversation" : "conversations"} of the account ${account} ${one ? "is" : "are"} paused: another machine seems to answer there.`,
          hint: `\`polylogue trace ${newest}\` shows the newest. Resume it in the web app once its other side is a person, or raise \`limits.loopTurns\`.`,
        },
      ];
    case "turn-fail": {
      if (trouble.count < repeated && !atOnce.has(trouble.code)) return [];
      return [
        {
          ...{ code: "turn-failing", severity: "error", subject: `turns.${account}.${trouble.code}` },
          message: `${messages} got no answer in the last hour (${trouble.code}).`,
          hint: `${errorTable[trouble.code]?.hint ?? ""} \`polylogue trace ${newest}\` shows the newest.`.trim(),
        },
      ];
    }
  }
}

/** Milliseconds for which a store that took a write is believed to go on doing so: each look at it is a write. */
const trustMs = 60_000;

/** A store that takes no writes, and a disk that is about to be full. */
export function machineSource({
  health,
  home,
  clock,
}: {
  readonly health: Pick<Health, "ready">;
  readonly home: string;
  readonly clock: Clock;
}): FindingSource {
  let goodAt: number | undefined;
  return async () => {
    const findings = diskFindings(home, await freeMegabytes(home));
    if (goodAt !== undefined && clock.elapsed() - goodAt < trustMs) return findings;
    const ready = await health.ready();
    goodAt = ready.ok ? clock.elapsed() : undefined;
    if (ready.ok || ready.fault.code === "draining") return findings;
    const { code, message } = ready.fault;
    return [...findings, { code, severity: "error", subject: "store", message, hint: errorTable[code].hint }];
  };
}

/**
 * All sources as one. One that fails says again what it said last, and is itself a finding: what it doesn't say now isn't
 * over. The same code and subject is told once.
 */
export function gatherFindings(sources: Readonly<Record<string, FindingSource>>): () => Promise<readonly Finding[]> {
  const last = new Map<string, readonly Finding[]>();

  async function ask([name, source]: [string, FindingSource]): Promise<readonly Finding[]> {
    try {
      const findings = await source();
      last.set(name, findings);
      return findings;
    } catch (thrown) {
      const { code, message } = faultOf(thrown);
      const failed: Finding = { code, severity: "error", subject: `findings.${name}`, message, hint: errorTable[code].hint };
      return [...(last.get(name) ?? []), failed];
    }
  }

  return async () => {
    const named = new Map<string, Finding>();
    for (const findings of await Promise.all(Object.entries(sources).map(ask))) {
      for (const finding of findings) if (!named.has(findingName(finding))) named.set(findingName(finding), finding);
    }
    return [...named.values()];
  };
}

export function findingName({ code, subject }: Pick<Finding, "code" | "subject">): string {
  return `${code} ${subject}`;
}
