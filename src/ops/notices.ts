import { type NoticeSettings, noticePlaces } from "../config/notices.ts";
import type { Cancel, Clock } from "../core/clock.ts";
import { type Fault, fail, ok, type Result } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import type { OperatorMessage } from "../core/gateway.ts";
import type { AccountId, TenantId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import { textPart } from "../core/message.ts";
import { type NoticePlace, placeName, type Told } from "../core/notice.ts";
import type { Records } from "../core/records.ts";
import type { EnqueuedMessage, NewOutbound, Store } from "../core/store.ts";
import type { Instant } from "../core/terms.ts";
import { findingName } from "./findings.ts";
import { createPresence, type Plan, type PlanInput, type PresenceTimes, planNotices, type Telling } from "./notice-plan.ts";
import { findingText, noticeText, type TextOptions, testText } from "./notice-text.ts";

export interface NoticeTimes extends PresenceTimes {
  /** Milliseconds between two looks at the findings, */
  readonly lookMs: number;
  /** and where something happened that may have changed them: it is waited for what comes with it. */
  readonly soonMs: number;
}

export const noticeTimes: NoticeTimes = { lookMs: 5_000, soonMs: 300, graceMs: 30_000, calmMs: 60_000 };

export interface NoticesParts {
  readonly tenant: TenantId;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Pick<Store, "notify" | "enqueue"> & { readonly records: Pick<Records, "notices"> };
  readonly findings: () => Promise<readonly Finding[]>;
  readonly settings: () => NoticeSettings;
  readonly ownWay?: PlanInput["ownWay"];
  readonly publicUrl: () => string | undefined;
  /** Whether the account can send now. */
  readonly usable: (account: AccountId) => boolean;
  /** The message, rendered for its place and ready to be stored. */
  readonly render: (message: OperatorMessage) => Promise<Result<NewOutbound>>;
  /** It is stored: let its lane run. */
  readonly queued: (message: EnqueuedMessage, account: AccountId) => void;
  /** Of gateways that share a store, one tells. Absent: this one. */
  readonly leads?: () => boolean;
  /** The findings aren't what they were at the look before. */
  readonly changed: () => void;
  /** Takes out what looks like a secret. */
  readonly mask: (text: string) => string;
  readonly times?: Partial<NoticeTimes>;
}

/** What the rooms around may ask. */
export interface NoticesDoor {
  /** All that somebody should act on now: the same wherever it is shown. */
  findings(): Promise<readonly ToldFinding[]>;
  /** Where operators are told. */
  places(): readonly NoticePlace[];
  /** Something happened that may have changed the findings: windows are to know soon. Cheap, however often it is called. */
  soon(): void;
  /** Sends a test to every place, or to these and with that finding; a place that can't be told now says why. */
  test(by: string, to?: readonly NoticePlace[], example?: Finding): Promise<readonly Tested[]>;
}

export interface ToldFinding {
  readonly finding: Finding;
  /** Absent while it is too young to be told. */
  readonly since?: Instant;
  readonly told: readonly Told[];
}

export interface Tested {
  readonly place: NoticePlace;
  readonly result: Result<EnqueuedMessage>;
}

export interface Notices extends NoticesDoor {
  start(): void;
  stop(): Promise<void>;
}

const hour = 3_600_000;
/** Messages to one place in a row; after these one more every six minutes. What is left out comes with the next one. */
const burst = 5;
const refillMs = hour / 10;

/**
 * Tells operators of findings on a channel. What was told is stored with the message that tells it, and asked of the
 * store at every look: of gateways that share a store, one tells.
 */
export function createNotices(parts: NoticesParts): Notices {
  const { tenant, clock, log, store } = parts;
  const times = { ...noticeTimes, ...parts.times };
  const presence = createPresence(times);
  const rate = createRate(clock);
  let running: Promise<void> = Promise.resolve();
  let cancel: Cancel = () => {};
  let started = false;
  let stopped = false;
  /** A look is due as soon as may be. */
  let hurried = false;
  let looking = false;
  let failing = false;
  let seen = "[]";

  const places = () => noticePlaces(parts.settings());
  const ownWay = parts.ownWay ?? (() => undefined);

  function schedule(): void {
    if (stopped) return;
    cancel = clock.after(hurried ? times.soonMs : times.lookMs, () => {
      [hurried, looking] = [false, true];
      running = look()
        .then(() => {
          failing = false;
        })
        .catch((cause: unknown) => {
          // Every few seconds while the disk is full: once is enough.
          if (!failing) log.warn("notices-fail", { cause });
          failing = true;
        })
        .finally(() => {
          looking = false;
          schedule();
        });
    });
  }

  function soon(): void {
    if (hurried) return;
    hurried = true;
    if (!started || looking) return;
    cancel();
    schedule();
  }

  async function look(): Promise<void> {
    const findings = await parts.findings();
    const shown = JSON.stringify(findings);
    if (shown !== seen) parts.changed();
    seen = shown;
    if (parts.leads?.() === false) return;
    const stored = await store.records.notices(tenant);
    const view = presence.look(findings, stored, { elapsed: clock.elapsed(), now: clock.now() });
    const { least, repeatHours } = parts.settings();
    const closed = new Set<string>();
    const open = (place: NoticePlace) => !closed.has(placeName(place)) && parts.usable(place.account) && rate.allows(placeName(place));
    for (;;) {
      const input = { ...view, tenant, now: clock.now(), stored, to: places(), least, repeatMs: repeatHours * hour, open, ownWay };
      const plan = planNotices(input);
      const messages = await Promise.all(plan.tellings.map(renderTelling));
      const refused = plan.tellings.filter((_, index) => !messages[index]?.ok);
      if (refused.length === 0)
        return commit(
          plan,
          messages.flatMap((message) => (message.ok ? [message.value] : [])),
        );
      // Its account went away at this moment: the plan is made without it.
      for (const { place } of refused) closed.add(placeName(place));
    }
  }

  function renderTelling(telling: Telling): Promise<Result<NewOutbound>> {
    return render(telling.place, noticeText(telling, textOptions()), "gateway");
  }

  const textOptions = (): TextOptions => ({ now: clock.now(), publicUrl: parts.publicUrl(), mask: parts.mask });

  function render(to: NoticePlace, text: string, by: string): Promise<Result<NewOutbound>> {
    return parts.render({ tenant, to, parts: [textPart(text)], by, notice: true });
  }

  async function commit({ change, tellings, opened, ended }: Plan, messages: readonly NewOutbound[]): Promise<void> {
    if (change.put.length + change.remove.length + messages.length === 0) return;
    const names = (kind: "fresh" | "over") => tellings.flatMap((telling) => telling[kind].map(({ finding }) => findingName(finding)));
    let queued: readonly EnqueuedMessage[];
    try {
      queued = await store.notify(change, messages);
    } catch (thrown) {
      presence.owe(names("fresh"));
      throw thrown;
    }
    presence.settle([...names("fresh"), ...names("over")]);
    for (const { code, subject, message } of opened) log.warn("finding", { code, subject, why: message });
    for (const { code, subject } of ended) log.info("finding-over", { code, subject });
    for (const [index, { place }] of tellings.entries()) {
      rate.take(placeName(place));
      log.info("notice", { place: placeName(place), message: queued[index]?.message });
    }
    for (const [index, message] of queued.entries()) parts.queued(message, (messages[index] as NewOutbound).account);
  }

  async function testPlace(place: NoticePlace, by: string, text: string): Promise<Tested> {
    if (!parts.usable(place.account)) return { place, result: { ok: false, fault: notReady(place) } };
    const rendered = await render(place, text, by);
    if (!rendered.ok) return { place, result: rendered };
    const queued = await store.enqueue(rendered.value);
    parts.queued(queued, place.account);
    return { place, result: ok(queued) };
  }

  return {
    places,
    soon,
    async findings() {
      // A store that can't be read is a finding, and must not hide the others.
      const notices = await store.records.notices(tenant).catch(() => []);
      const stored = new Map(notices.map((notice) => [findingName(notice.finding), notice]));
      return (await parts.findings()).map((finding) => {
        const notice = stored.get(findingName(finding));
        return notice && notice.overAt === undefined ? { finding, since: notice.since, told: notice.told } : { finding, told: [] };
      });
    },
    test(by, to = places(), example) {
      const text = testText(parts.publicUrl(), example && findingText(example, textOptions()));
      return Promise.all(to.map((place) => testPlace(place, by, text)));
    },
    start() {
      started = true;
      schedule();
    },
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
}

function notReady({ account }: NoticePlace): Fault {
  return fail("channel-unreachable", `the account ${account} isn't connected now`).fault;
}

/** A token bucket for each place, in memory: a restart may tell a little more, never the same again. */
function createRate(clock: Clock) {
  const buckets = new Map<string, { left: number; at: number }>();
  const fill = (name: string) => {
    const bucket = buckets.get(name);
    const at = clock.elapsed();
    return { left: bucket ? Math.min(burst, bucket.left + (at - bucket.at) / refillMs) : burst, at };
  };
  return {
    allows: (name: string) => fill(name).left >= 1,
    take(name: string) {
      const { left, at } = fill(name);
      buckets.set(name, { left: left - 1, at });
    },
  };
}
