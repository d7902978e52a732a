import type { Clock } from "../core/clock.ts";
import { faultOf, hintOf } from "../core/errors.ts";
import { type Finding, type FindingSource, finding, hintIfKnown, type SaidFinding } from "../core/finding.ts";
import type { TenantId } from "../core/ids.ts";
import { placeName, type Trouble } from "../core/notice.ts";
import type { Records } from "../core/records.ts";
import { say } from "../core/say.ts";
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
export async function storedFindings(records: Pick<Records, "troubles">, tenant: TenantId, now: Instant): Promise<SaidFinding[]> {
  const troubles = await records.troubles(tenant, now - turnMs);
  return troubles.flatMap(findingOf);
}

function findingOf(trouble: Trouble): SaidFinding[] {
  const { account, newest, kind } = trouble;
  const n = trouble.count >= most ? say`${most} or more` : trouble.count;
  const one = trouble.count === 1;
  const deliveries = one ? say`${n} delivery of the account ${account}` : say`${n} deliveries of the account ${account}`;
  const messages = one ? say`${n} message to the account ${account}` : say`${n} messages to the account ${account}`;
  const settle = say`then \`polylogue dead retry\` or \`discard\`, or the queue in the web app`;
  switch (kind) {
    case "unknown":
      return [
        finding(
          { code: "delivery-unknown", severity: "warning", subject: `deliveries.${account}` },
          say`Nobody knows whether ${deliveries} arrived.`,
          say`\`polylogue dead list --state unknown\`, look on the platform, ${settle}.`,
        ),
      ];
    case "dead":
      return [
        finding(
          { code: "delivery-dead", severity: "error", subject: `deliveries.${account}` },
          one ? say`${deliveries} was given up after the last try.` : say`${deliveries} were given up after the last try.`,
          say`\`polylogue dead list --state dead\` says why; ${settle}.`,
        ),
      ];
    case "failed":
      return [
        finding(
          { code: "delivery-refused", severity: "warning", subject: `deliveries.${account}` },
          one ? say`${deliveries} was refused by the platform.` : say`${deliveries} were refused by the platform.`,
          say`\`polylogue dead list --state failed\` says why; ${settle}.`,
        ),
      ];
    case "notice": {
      const place = placeName(trouble.place);
      return [
        finding(
          { code: "notice-undelivered", severity: "warning", subject: `notices.${place}` },
          one ? say`${n} notice for operators didn't arrive at ${place}.` : say`${n} notices for operators didn't arrive at ${place}.`,
          say`\`polylogue trace ${newest}\` says why. Correct \`notices.to\`, or discard them in the queue.`,
        ),
      ];
    }
    case "poison":
      return [
        finding(
          { code: "message-poison", severity: "error", subject: `messages.${account}` },
          one
            ? say`${messages} was set aside unanswered after the last try.`
            : say`${messages} were set aside unanswered after the last try.`,
          say`\`polylogue dead list --state poison\` says why; ${settle}.`,
        ),
      ];
    case "loop":
      return [
        finding(
          { code: "conversation-looping", severity: "warning", subject: `conversations.${account}` },
          one
            ? say`${n} conversation of the account ${account} is paused: another machine seems to answer there.`
            : say`${n} conversations of the account ${account} are paused: another machine seems to answer there.`,
          say`\`polylogue trace ${newest}\` shows the newest. Resume it in the web app once its other side is a person, or raise \`limits.loopTurns\`.`,
        ),
      ];
    case "turn-fail": {
      if (trouble.count < repeated && !atOnce.has(trouble.code)) return [];
      const newestHint = say`\`polylogue trace ${newest}\` shows the newest.`;
      const why = hintIfKnown(trouble.code);
      return [
        finding(
          { code: "turn-failing", severity: "error", subject: `turns.${account}.${trouble.code}` },
          say`${messages} got no answer in the last hour (${trouble.code}).`,
          why ? say`${why} ${newestHint}` : newestHint,
        ),
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
    const { code } = ready.fault;
    return [...findings, finding({ code, severity: "error", subject: "store" }, ready.fault, hintOf(code))];
  };
}

/**
 * All sources as one. One that fails says again what it said last, and is itself a finding: what it doesn't say now isn't
 * over. The same code and subject is told once.
 */
export function gatherFindings(sources: Readonly<Record<string, FindingSource>>): () => Promise<readonly SaidFinding[]> {
  const last = new Map<string, readonly SaidFinding[]>();

  async function ask([name, source]: [string, FindingSource]): Promise<readonly SaidFinding[]> {
    try {
      const findings = await source();
      last.set(name, findings);
      return findings;
    } catch (thrown) {
      const fault = faultOf(thrown);
      const about = { code: fault.code, severity: "error", subject: `findings.${name}` } as const;
      return [...(last.get(name) ?? []), finding(about, fault, hintOf(fault.code))];
    }
  }

  return async () => {
    const named = new Map<string, SaidFinding>();
    for (const findings of await Promise.all(Object.entries(sources).map(ask))) {
      for (const finding of findings) if (!named.has(findingName(finding))) named.set(findingName(finding), finding);
    }
    return [...named.values()];
  };
}

export function findingName({ code, subject }: Pick<Finding, "code" | "subject">): string {
  return `${code} ${subject}`;
}
