import { performance } from "node:perf_hooks";

/**
 * The published limits: 30 messages a second for the bot, 1 a second in a chat, 20 a minute in a group. A short burst is
 * let through, as Telegram does. https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
 */
export class Pace {
  readonly #buckets = new Map<string, { level: number; at: number }>();

  /** Seconds to wait, or 0 when the message may pass. */
  take(chat: number): number {
    const buckets: [string, number, number][] = [
      ["bot", 30, 30],
      [`chat ${chat}`, 1, 3],
    ];
    if (chat < 0) buckets.push([`group ${chat}`, 20 / 60, 20]);
    const waits = buckets.map(([name, perSecond, burst]) => this.#wait(name, perSecond, burst));
    const longest = Math.max(...waits);
    if (longest > 0) return Math.ceil(longest);
    for (const [name] of buckets) (this.#buckets.get(name) as { level: number }).level += 1;
    return 0;
  }

  #wait(name: string, perSecond: number, burst: number): number {
    const now = performance.now() / 1000;
    const bucket = this.#buckets.get(name) ?? { level: 0, at: now };
    bucket.level = Math.max(0, bucket.level - (now - bucket.at) * perSecond);
    bucket.at = now;
    this.#buckets.set(name, bucket);
    return bucket.level + 1 <= burst ? 0 : (bucket.level + 1 - burst) / perSecond;
  }
}
