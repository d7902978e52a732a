import type { Random } from "./random.ts";
import type { Owner, Scheduler } from "./scheduler.ts";

/** What the way to the other side and back does to one request. */
export type Weather =
  /** It arrives, and so does its answer. */
  | "fair"
  /** No connection: certainly not arrived. */
  | "closed"
  /** It gets lost on its way; the caller can't know. */
  | "lost"
  /** It arrives, its answer gets lost. */
  | "cut"
  /** It arrives, and nothing comes back until the caller, or its connection, gives up. */
  | "mute";

export type Reply<Value> =
  | { readonly kind: "answered"; readonly value: Value }
  | { readonly kind: "closed" }
  | { readonly kind: "unknown" };

/** After this long a connection is given up by whoever holds it. */
const muteMs = 90_000;

interface Flight {
  readonly from: Owner;
  readonly cancel: () => void;
}

/** Requests of the gateway to the world. What has left may arrive even if who sent it is dead. */
export class Network {
  readonly owner: Owner = { name: "network", over: false };
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #weather: () => Weather;
  readonly #flying = new Set<Flight>();

  constructor(scheduler: Scheduler, random: Random, weather: () => Weather) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#weather = weather;
  }

  get busy(): boolean {
    return this.#flying.size > 0;
  }

  /** `arrive` is what the other side does; `late` tells it that the caller has given up already. */
  request<Value>(from: Owner, label: string, signal: AbortSignal, arrive: (late: boolean) => Value): Promise<Reply<Value>> {
    return new Promise((resolve) => {
      const weather = this.#weather();
      let answered = false;
      const answer = (reply: Reply<Value>) => {
        if (answered || from.over) return;
        answered = true;
        signal.removeEventListener("abort", giveUp);
        resolve(reply);
      };
      const giveUp = () => answer({ kind: "unknown" });
      if (signal.aborted) return giveUp();
      signal.addEventListener("abort", giveUp, { once: true });
      const back = (reply: Reply<Value>, inMs = this.#delay()) => void this.#scheduler.add(from, `← ${label}`, () => answer(reply), inMs);
      if (weather === "closed") return back({ kind: "closed" });
      if (weather === "lost") return back({ kind: "unknown" });
      const flight: Flight = {
        from,
        cancel: this.#scheduler.add(
          this.owner,
          `→ ${label}`,
          () => {
            this.#flying.delete(flight);
            const value = arrive(answered || from.over);
            if (weather === "fair") back({ kind: "answered", value });
            else back({ kind: "unknown" }, weather === "mute" ? muteMs : undefined);
          },
          this.#delay(),
        ),
      };
      this.#flying.add(flight);
    });
  }

  /** The sender died: what it had just sent is on its way, or never left its machine. */
  crash(from: Owner): void {
    for (const flight of [...this.#flying]) {
      if (flight.from !== from || this.#random.chance(0.5)) continue;
      flight.cancel();
      this.#flying.delete(flight);
    }
  }

  #delay(): number {
    return this.#random.chance(0.6) ? 0 : this.#random.between(1, 400);
  }
}
