import { backoff } from "../core/backoff.ts";
import type { Hearsay } from "../core/bus.ts";
import type { Clock } from "../core/clock.ts";
import type { ErrorCode, Fault } from "../core/errors.ts";
import { finding, type SaidFinding } from "../core/finding.ts";
import type { ModelHealth } from "../core/gateway.ts";
import { type ModelKey, providerOf } from "../core/provider.ts";
import { say } from "../core/say.ts";

/**
 * Which models are asked at all. Each model has a breaker of its own for each of its provider's keys: that one is at its limit
 * or gone says nothing about the others of the same provider, let alone about the rest of a chain.
 *
 * Closed: it is asked. Open, after failures that would only repeat: it isn't, and the next of the chain is. Half-open, when its
 * pause is over: one call finds out; the others pass it by until that one's end is known.
 */
export interface Breakers {
  /** The keys of its provider in the order in which they are to be tried now: each call begins with the next. */
  keys(model: string): readonly number[];
  /** Milliseconds until it may be asked; 0: now. */
  wait(asked: ModelKey): number;
  /** What keeps it from being asked now. */
  why(asked: ModelKey): Fault | undefined;
  /** A call goes out to it. */
  begun(asked: ModelKey): void;
  /** What came of it; `afterMs`: the provider's own word on when to come back. */
  heard(asked: ModelKey, fault: Fault | undefined, afterMs?: number): void;
  /** How those models are, with each of their keys. */
  health(models: readonly string[]): readonly ModelHealth[];
  /** Those that have been open for a while. */
  findings(): readonly SaidFinding[];
}

interface Breaker {
  /** In a row. */
  failures: number;
  /** Elapsed time until which it is open, and since when it has been; absent while it is closed. */
  until?: number;
  since?: number;
  probing: boolean;
  fault: Fault;
}

/**
 * Failures in a row after which it opens; what only a person can mend opens it at once. What may concern one call only never
 * does: nobody must be able to shut a model for all others by what he writes.
 */
const failuresToOpen: { readonly [code in ErrorCode]?: number } = {
  "provider-quota": 1,
  "provider-auth": 1,
  "provider-spent": 1,
  "package-missing": 1,
  "provider-unavailable": 3,
  "provider-malformed": 3,
};
const longestPauseMs = 60_000;
/** Who passes by a half-open one looks again so soon. */
const probeMs = 1_000;
/** What passes sooner needs nobody. */
const findingMs = 60_000;
const onlyKey = [0] as const;

/** As people read it in a finding, too. */
function nameOf({ model, key }: ModelKey): string {
  return key === 0 ? model : `${model} (key ${key + 1})`;
}

export interface BreakersDoor {
  readonly clock: Clock;
  readonly random: () => number;
  /** How many keys a provider has. */
  readonly keys: (provider: string) => number;
  /** Gateways that share the work, and what one finds out, all know. Absent: this one is alone. */
  readonly others?: Others | undefined;
  /** It isn't asked any more, or again, or has failed for so long that it is a finding. Must not throw. */
  readonly turned?: (model: string) => void;
}

export interface Others extends Hearsay<BreakerChange> {
  /** How many they are, this one among them. */
  count(): number;
}

/** It opened for `waitMs`, or (without) it closed. */
export interface BreakerChange {
  readonly name: string;
  readonly open?: { readonly waitMs: number; readonly failures: number; readonly fault: Fault };
}

export function createBreakers({ clock, random, keys, others, turned = () => {} }: BreakersDoor): Breakers {
  const breakers = new Map<string, Breaker>();
  others?.hear(({ name, open }) => {
    if (!open) return void breakers.delete(name);
    const now = clock.elapsed();
    const { since = now, until = 0 } = breakers.get(name) ?? {};
    const { waitMs, ...known } = open;
    breakers.set(name, { ...known, probing: false, since, until: Math.max(until, now + waitMs) });
  });

  function opened(model: string): void {
    turned(model);
    clock.after(findingMs, () => {
      const { since } = breakers.get(model) ?? {};
      if (since !== undefined && clock.elapsed() - since >= findingMs) turned(model);
    });
  }

  const rotation = new Map<string, number>();
  const wait: Breakers["wait"] = (asked) => {
    const { until, probing } = breakers.get(nameOf(asked)) ?? {};
    if (until === undefined) return 0;
    const left = until - clock.elapsed();
    return left > 0 ? Math.ceil(left) : probing ? probeMs : 0;
  };
  return {
    keys(model) {
      const provider = providerOf(model);
      const count = keys(provider);
      if (count <= 1) return onlyKey;
      const first = rotation.get(provider) ?? 0;
      rotation.set(provider, (first + 1) % count);
      return Array.from({ length: count }, (_, i) => (first + i) % count);
    },
    wait,
    why: (asked) => (wait(asked) > 0 ? breakers.get(nameOf(asked))?.fault : undefined),
    begun(asked) {
      const breaker = breakers.get(nameOf(asked));
      if (breaker?.until !== undefined) breaker.probing = true;
    },
    heard(asked, fault, afterMs) {
      const model = nameOf(asked);
      if (!fault) {
        const shut = breakers.get(model)?.until !== undefined;
        breakers.delete(model);
        if (!shut) return;
        others?.tell({ name: model });
        return turned(model);
      }
      const known = breakers.get(model);
      if (known) known.probing = false;
      const most = failuresToOpen[fault.code];
      if (most === undefined) return;
      const breaker = known ?? { failures: 0, probing: false, fault };
      breakers.set(model, breaker);
      breaker.failures += 1;
      breaker.fault = fault;
      if (breaker.failures < most) return;
      const now = clock.elapsed();
      const pause = Math.min(longestPauseMs, backoff(breaker.failures - most + 1, undefined, random));
      const fresh = breaker.since === undefined;
      breaker.since ??= now;
      // Of calls that were under way together the longest pause counts.
      breaker.until = Math.max(breaker.until ?? 0, now + Math.max(pause, afterMs ?? 0));
      const { cause: _, ...told } = fault;
      others?.tell({ name: model, open: { waitMs: breaker.until - now, failures: breaker.failures, fault: told } });
      if (fresh) opened(model);
    },
    health(models) {
      return [...new Set(models)].flatMap((model) =>
        Array.from({ length: Math.max(1, keys(providerOf(model))) }, (_, key): ModelHealth => {
          const of = { model, ...(keys(providerOf(model)) > 1 && { key: key + 1 }) };
          const { until, failures, fault } = breakers.get(nameOf({ model, key })) ?? {};
          if (until === undefined || failures === undefined || fault === undefined) return { ...of, state: "usable" };
          return { ...of, state: "failing", waitMs: Math.max(0, Math.ceil(until - clock.elapsed())), failures, fault };
        }),
      );
    },
    findings() {
      const now = clock.elapsed();
      const atClock = (elapsed: number) => new Date(clock.now() - (now - elapsed)).toISOString().slice(0, 16).replace("T", " ");
      return [...breakers].flatMap(([model, { since, fault }]) => {
        if (since === undefined || now - since < findingMs) return [];
        return [
          finding(
            { code: "model-failing", severity: "warning", subject: `models.${model}` },
            say`The model ${model} has failed since ${atClock(since)} UTC (${fault ?? ""}): it is asked from time to time, and other models of the chain in its place.`,
            say`See to its provider, its key and its name; \`polylogue doctor\` asks the provider now.`,
          ),
        ];
      });
    },
  };
}
