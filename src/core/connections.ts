import type { Cancel, Clock } from "./clock.ts";
import { fail, ok, type Result } from "./errors.ts";

/** A connection that may end at any moment. */
export interface LiveConnection {
  /** Aborts when it has ended. */
  readonly over: AbortSignal;
  /** Takes leave and ends it. */
  close(): void;
}

/** Milliseconds that a connection stays open while nobody holds it: longer than the longest pause before an account is tried again. */
export const idleMs = 60_000;

interface Entry<Connection> {
  opening?: Promise<Result<Connection>> | undefined;
  live?: Connection;
  holders: number;
  stopIdle: Cancel;
}

/**
 * Where one socket is all that a platform offers (IRC, XMPP), `probe`, `listen` and `send` of an account share it: whoever needs it first
 * opens it, `listen` holds it, and one that nobody holds is closed after `idleMs`. So a probe costs no second login, and while the store
 * refuses events the platform sees nobody leave. Only what may vanish at any moment is kept.
 *
 * The key is the account's settings object, the same in every copy of the account for as long as it is configured so.
 */
export class Connections<Key extends object, Connection extends LiveConnection> {
  readonly #entries = new WeakMap<Key, Entry<Connection>>();

  /** The one that is open; else `open` makes it, once for all who ask meanwhile. Who aborts stops waiting, and ends nothing. */
  get(key: Key, clock: Clock, signal: AbortSignal, open: () => Promise<Result<Connection>>): Promise<Result<Connection>> {
    const entry = this.#entry(key);
    const live = liveOf(entry);
    if (live) {
      this.#idle(entry, clock);
      return Promise.resolve(ok(live));
    }
    entry.opening ??= open()
      .then((opened) => {
        if (opened.ok) {
          entry.live = opened.value;
          this.#idle(entry, clock);
        }
        return opened;
      })
      .finally(() => {
        entry.opening = undefined;
      });
    return unlessAborted(entry.opening, signal);
  }

  /** The one that is open now. */
  live(key: Key): Connection | undefined {
    const entry = this.#entries.get(key);
    return entry && liveOf(entry);
  }

  /** It stays open until this is given back. */
  hold(key: Key, clock: Clock): () => void {
    const entry = this.#entry(key);
    entry.holders++;
    entry.stopIdle();
    return () => {
      entry.holders--;
      this.#idle(entry, clock);
    };
  }

  #entry(key: Key): Entry<Connection> {
    const known = this.#entries.get(key);
    if (known) return known;
    const entry: Entry<Connection> = { holders: 0, stopIdle: () => {} };
    this.#entries.set(key, entry);
    return entry;
  }

  #idle(entry: Entry<Connection>, clock: Clock): void {
    entry.stopIdle();
    const live = liveOf(entry);
    if (!live || entry.holders > 0) return;
    entry.stopIdle = clock.after(idleMs, () => live.close());
  }
}

function liveOf<Connection extends LiveConnection>({ live }: Entry<Connection>): Connection | undefined {
  return live?.over.aborted ? undefined : live;
}

function unlessAborted<Value>(result: Promise<Result<Value>>, signal: AbortSignal): Promise<Result<Value>> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve(fail("channel-unreachable", "there is no connection yet"));
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
