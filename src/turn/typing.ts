import type { Account, Channel } from "../core/channel.ts";
import type { Cancel } from "../core/clock.ts";
import type { PlatformEvent } from "../core/event.ts";

/** Platforms forget the indicator after about five seconds. */
const everyMs = 4_500;

/** Shows that an answer is being made, until the returned function is called. */
export function showTyping(channel: Channel, account: Account, event: PlatformEvent): () => void {
  if (!channel.typing) return () => {};
  const aborter = new AbortController();
  let cancel: Cancel | undefined;
  const show = () => {
    channel.typing?.(account, event.chat, aborter.signal, event).catch((cause: unknown) => account.log.debug("typing-fail", { cause }));
    cancel = account.clock.after(everyMs, show);
  };
  show();
  return () => {
    cancel?.();
    aborter.abort();
  };
}
