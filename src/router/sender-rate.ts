import type { Clock } from "../core/clock.ts";
import type { SenderLimits } from "../core/configuration.ts";

/** How fast senders may go on. */
export interface SenderRate {
  /** Takes one; false when the sender has to wait. */
  take(sender: string, limits: SenderLimits): boolean;
  /** Whether there is one to take. */
  has(sender: string, limits: SenderLimits): boolean;
  /** What was taken wasn't used. */
  giveBack(sender: string, limits: SenderLimits): void;
  /** Whether the sender is yet to be told that there is a limit; after that it is told, until it has been quiet. */
  tell(sender: string): boolean;
}

interface Bucket {
  /** When it is full again, if nothing more is taken (elapsed ms). */
  fullAt: number;
  told: boolean;
}

/** Past so many senders the one that was quiet longest is forgotten. */
const mostSenders = 50_000;
const minute = 60_000;

/**
 * Token buckets in memory: a restart gives every sender one burst more, never less. The bucket of one that has been quiet
 * until it was full is as good as none.
 */
export function createSenderRate(clock: Pick<Clock, "elapsed">): SenderRate {
  /** In the order of last use. */
  const buckets = new Map<string, Bucket>();

  function take(sender: string, { perMinute, burst = perMinute }: SenderLimits): boolean {
    if (perMinute === undefined || burst === undefined) return true;
    const now = clock.elapsed();
    const spacing = minute / perMinute;
    const known = buckets.get(sender);
    const bucket = known && known.fullAt > now ? known : { fullAt: now, told: false };
    // As last used, so that the first of the map is the one that was quiet longest.
    buckets.delete(sender);
    buckets.set(sender, bucket);
    if (buckets.size > mostSenders) buckets.delete(buckets.keys().next().value as string);
    if (bucket.fullAt + spacing > now + burst * spacing + 1e-6) return false;
    bucket.fullAt += spacing;
    return true;
  }

  return {
    take,
    has(sender, { perMinute, burst = perMinute }) {
      if (perMinute === undefined || burst === undefined) return true;
      const now = clock.elapsed();
      const spacing = minute / perMinute;
      return Math.max(now, buckets.get(sender)?.fullAt ?? now) + spacing <= now + burst * spacing + 1e-6;
    },
    giveBack(sender, { perMinute }) {
      const bucket = buckets.get(sender);
      if (bucket && perMinute !== undefined) bucket.fullAt -= minute / perMinute;
    },
    tell(sender) {
      const bucket = buckets.get(sender);
      if (!bucket || bucket.told) return false;
      bucket.told = true;
      return true;
    },
  };
}
