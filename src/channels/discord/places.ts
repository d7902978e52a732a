import { FaultError } from "../../core/errors.ts";
import { call } from "./api.ts";
import { type Channel, type Dispatch, readChannel } from "./payload.ts";
import type { DiscordAccount } from "./settings.ts";

/** Where a channel of a server is. */
export interface Place {
  /** Of a thread: the channel that it is in. */
  readonly parent?: string;
  readonly title?: string;
}

const most = 20_000;

/**
 * Which channels are threads: a message names its channel only. Discord tells of many when it says which servers there are; of the
 * others it is asked once each, so that a thread has the same conversation whatever was heard of it before.
 */
export class Places {
  readonly #known = new Map<string, Place>();

  get(channel: string): Place | undefined {
    return this.#known.get(channel);
  }

  /** What a dispatch tells of channels by the way. */
  learn(dispatch: Dispatch): void {
    if (dispatch.t === "GUILD_CREATE") for (const one of [...(dispatch.d.channels ?? []), ...(dispatch.d.threads ?? [])]) this.#put(one);
    if (dispatch.t === "THREAD_CREATE" || dispatch.t === "THREAD_UPDATE" || dispatch.t === "CHANNEL_UPDATE") this.#put(dispatch.d);
  }

  /** Throws FaultError when Discord can't be asked now; a channel that it doesn't show is no thread. */
  async find(account: DiscordAccount, channel: string, signal: AbortSignal): Promise<void> {
    if (this.#known.has(channel)) return;
    const answer = await call(account, "GET", `/channels/${channel}`, { signal });
    const read = answer.ok ? readChannel(answer.value) : undefined;
    if (read?.success) return this.#put(read.data);
    if (!answer.ok && (!answer.fault.word || answer.fault.fault.code === "channel-retry")) throw new FaultError(answer.fault.fault);
    this.#keep(channel, {});
  }

  #put({ id, type, name, parent_id }: Channel): void {
    const isThread = type >= 10 && type <= 12;
    this.#keep(id, { ...(isThread && parent_id ? { parent: parent_id } : {}), ...(name ? { title: name } : {}) });
  }

  #keep(id: string, place: Place): void {
    this.#known.delete(id);
    this.#known.set(id, place);
    if (this.#known.size > most) this.#known.delete(this.#known.keys().next().value as string);
  }
}
