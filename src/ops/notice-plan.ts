import { isDeepStrictEqual } from "node:util";
import type { Finding } from "../core/finding.ts";
import type { TenantId } from "../core/ids.ts";
import { type Notice, type NoticeChange, type NoticePlace, placeName } from "../core/notice.ts";
import type { Instant } from "../core/terms.ts";
import { findingName } from "./findings.ts";

/** Milliseconds on the clock that only grows. */
export interface PresenceTimes {
  /** A finding must have lasted so long before anybody is told: what passes by itself isn't worth a message. */
  readonly graceMs: number;
  /** It must have been gone so long before it is over. Longer than an account takes to prove itself after a start. */
  readonly calmMs: number;
}

/** A finding, and when it came up. */
export interface Lasting {
  readonly finding: Finding;
  readonly since: Instant;
}

/** What one look at the findings comes to. */
export interface View {
  readonly lasting: readonly Lasting[];
  /** Names of stored notices whose finding is gone for good. */
  readonly over: ReadonlySet<string>;
  /** They lasted while nothing could be stored, and are over now: nobody was ever told. */
  readonly missed: readonly Lasting[];
}

interface Seen {
  finding: Finding;
  since: Instant;
  present: boolean;
  /** When it came or went. */
  changedAt: number;
  /** It was to be told of, and the store didn't take that. */
  owed: boolean;
}

/** Which findings last and which are over, seen over time; what was told stands in the store. */
export interface Presence {
  look(findings: readonly Finding[], stored: readonly Notice[], time: { readonly elapsed: number; readonly now: Instant }): View;
  /** These were to be told, and the store didn't take it. */
  owe(names: Iterable<string>): void;
  /** These were told. */
  settle(names: Iterable<string>): void;
}

export function createPresence({ graceMs, calmMs }: PresenceTimes): Presence {
  const seen = new Map<string, Seen>();

  return {
    look(findings, stored, { elapsed, now }) {
      const notices = new Map(stored.map((notice) => [findingName(notice.finding), notice]));
      const lasting: Lasting[] = [];
      const present = new Set<string>();
      for (const finding of findings) {
        const name = findingName(finding);
        const notice = notices.get(name);
        present.add(name);
        const before = seen.get(name);
        const known = before?.present ? before : notice?.overAt === undefined ? notice : undefined;
        const since = known?.since ?? now;
        const changedAt = before?.present ? before.changedAt : elapsed;
        seen.set(name, { finding, since, present: true, changedAt, owed: before?.owed ?? false });
        if (notice || before?.owed || atOnce.has(finding.code) || elapsed - changedAt >= graceMs) lasting.push({ finding, since });
      }
      for (const [name, { finding, since }] of notices) {
        if (!present.has(name) && !seen.has(name)) seen.set(name, { finding, since, present: false, changedAt: elapsed, owed: false });
      }
      const over = new Set<string>();
      const missed: Lasting[] = [];
      for (const [name, one] of seen) {
        if (present.has(name)) continue;
        const stays = notices.has(name) || one.owed;
        if (!stays) seen.delete(name);
        else if (one.present && !atOnce.has(one.finding.code)) Object.assign(one, { present: false, changedAt: elapsed });
        else if (elapsed - one.changedAt < calmMs && !atOnce.has(one.finding.code)) continue;
        else if (notices.has(name)) over.add(name);
        else missed.push({ finding: one.finding, since: one.since });
      }
      return { lasting, over, missed };
    },
    owe(names) {
      for (const name of names) {
        const one = seen.get(name);
        if (one) one.owed = true;
      }
    },
    settle(names) {
      for (const name of names) {
        const one = seen.get(name);
        if (one) one.owed = false;
      }
    },
  };
}

/** What has its own say of how long it must have lasted or been gone, and remembers that over a restart. */
const atOnce: ReadonlySet<string> = new Set(["alert-firing"]);

/** How one finding is told, where it isn't as all are. */
export interface OwnWay {
  /** Absent: where all are told. */
  readonly to?: readonly NoticePlace[];
  readonly repeatMs?: number | undefined;
}

export interface PlanInput extends View {
  readonly tenant: TenantId;
  readonly now: Instant;
  readonly stored: readonly Notice[];
  readonly to: readonly NoticePlace[];
  readonly least: Finding["severity"];
  readonly repeatMs: number;
  /** Where one has its own places, it is told there and nowhere else, however little it weighs. */
  readonly ownWay: (finding: Finding) => OwnWay | undefined;
  /** Whether the place can be told now. */
  readonly open: (place: NoticePlace) => boolean;
}

/** One message: what a place is told at once. */
export interface Telling {
  readonly place: NoticePlace;
  readonly fresh: readonly Lasting[];
  /** Told before, and it still lasts. */
  readonly still: readonly Lasting[];
  readonly over: readonly Lasting[];
}

export interface Plan {
  readonly change: NoticeChange;
  readonly tellings: readonly Telling[];
  readonly opened: readonly Finding[];
  readonly ended: readonly Finding[];
}

/** One takes the other's place: that a budget is no longer half used is no news when it is used up. */
const endsQuietly: ReadonlySet<string> = new Set(["budget-used"]);

/**
 * What is to be written and told. A place learns of a finding once when it comes up, again after `repeatMs` while it
 * lasts, and that it is over if it was told of it. A place that can't be told now is told later what is true then. Pure.
 */
export function planNotices(input: PlanInput): Plan {
  const { tenant, now, stored, lasting, over, missed, least, open, ownWay } = input;
  const placesFor = (finding: Finding) => ownWay(finding)?.to ?? input.to;
  const goesTo = (finding: Finding, place: NoticePlace) => placesFor(finding).some((one) => samePlace(one, place));
  const known = [...lasting, ...stored, ...missed].flatMap(({ finding }) => placesFor(finding));
  const to = [...new Map([...input.to, ...known].map((place) => [placeName(place), place])).values()];
  const before = new Map(stored.map((notice) => [findingName(notice.finding), notice]));
  const after = new Map<string, Notice>();
  for (const { finding, since } of lasting) {
    const notice = before.get(findingName(finding));
    // Who is no longer to be told is forgotten.
    const told = (notice?.told ?? []).filter((one) => goesTo(finding, one));
    after.set(findingName(finding), { tenant, finding, since, told });
  }
  for (const notice of stored) {
    const name = findingName(notice.finding);
    if (after.has(name)) continue;
    if (!over.has(name)) after.set(name, notice);
    else
      after.set(name, {
        ...notice,
        overAt: notice.overAt ?? now,
        told: endsQuietly.has(notice.finding.code) ? [] : notice.told.filter((one) => goesTo(notice.finding, one)),
      });
  }

  const worth = (finding: Finding) => least === "warning" || finding.severity === "error" || ownWay(finding)?.to !== undefined;
  const lasts = new Set(lasting.map(({ finding }) => findingName(finding)));
  const tellings: Telling[] = [];
  for (const place of to) {
    const telling: Telling = { place, ...toTell(place) };
    if (telling.fresh.length + telling.still.length + telling.over.length === 0 || !open(place)) continue;
    tellings.push(telling);
    for (const { finding } of [...telling.fresh, ...telling.still]) note(finding, place, now);
    for (const { finding } of telling.over) note(finding, place, undefined);
  }

  /** That the place was told: at this moment, or that it is over. */
  function note(finding: Finding, place: NoticePlace, at: Instant | undefined): void {
    const notice = after.get(findingName(finding));
    if (!notice) return;
    const others = notice.told.filter((one) => !samePlace(one, place));
    after.set(findingName(finding), { ...notice, told: at === undefined ? others : [...others, { ...place, at }] });
  }

  /** In the order of their weight, then of their age. */
  function toTell(place: NoticePlace): Omit<Telling, "place"> {
    const fresh: Lasting[] = [];
    const still: Lasting[] = [];
    const ended: Lasting[] = missed.filter(
      ({ finding }) => worth(finding) && goesTo(finding, place) && !isOf(finding, place) && !endsQuietly.has(finding.code),
    );
    for (const notice of after.values()) {
      const told = notice.told.find((one) => samePlace(one, place));
      if (notice.overAt !== undefined) {
        if (told) ended.push(notice);
      } else if (
        lasts.has(findingName(notice.finding)) &&
        worth(notice.finding) &&
        goesTo(notice.finding, place) &&
        !isOf(notice.finding, place)
      ) {
        if (!told) fresh.push(notice);
        else if (now - told.at >= (ownWay(notice.finding)?.repeatMs ?? input.repeatMs)) still.push(notice);
      }
    }
    return { fresh: fresh.sort(byWeight), still: still.sort(byWeight), over: ended.sort(byWeight) };
  }

  const put = [...after.values()].filter(
    (notice) => !isGone(notice) && !isDeepStrictEqual(notice, before.get(findingName(notice.finding))),
  );
  const remove = [...after.values()].filter((notice) => isGone(notice));
  return {
    change: { put, remove },
    tellings,
    opened: lasting.filter(({ finding }) => !before.has(findingName(finding))).map(({ finding }) => finding),
    ended: [...over].flatMap((name) => before.get(name) ?? []).flatMap(({ finding, overAt }) => (overAt === undefined ? [finding] : [])),
  };
}

/** It is over, and everybody who was told of it knows. */
function isGone({ overAt, told }: Notice): boolean {
  return overAt !== undefined && told.length === 0;
}

function byWeight(one: Lasting, other: Lasting): number {
  return Number(other.finding.severity === "error") - Number(one.finding.severity === "error") || one.since - other.since;
}

export function samePlace(one: NoticePlace, other: NoticePlace): boolean {
  return one.account === other.account && one.chat === other.chat && one.thread === other.thread;
}

/** What keeps notices from arriving at a place is never told there: it would only make more of it. */
function isOf({ code, subject }: Finding, place: NoticePlace): boolean {
  if (code === "notice-undelivered") return subject === `notices.${placeName(place)}`;
  return code.startsWith("account-") && subject === `accounts.${place.account}`;
}
