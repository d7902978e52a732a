import type { Clock } from "./clock.ts";
import { ok, type Result } from "./errors.ts";
import type { CallFailure } from "./platform-call.ts";

/** Milliseconds before its end from which on a token isn't used any more; of a short one, half its life. */
const margin = 300_000;

/**
 * A token that a platform lends for a while against the account's credentials. It is asked for when it is needed, by one request for all who
 * wait for it, and used until shortly before its end. It lives in memory only.
 */
export class LentToken {
  readonly #clock: Clock;
  readonly #ask: () => Promise<Result<{ readonly text: string; readonly seconds: number }, CallFailure>>;
  #held: { readonly text: string; readonly endsAt: number } | undefined;
  #asking: Promise<Result<string, CallFailure>> | undefined;

  constructor(clock: Clock, ask: () => Promise<Result<{ readonly text: string; readonly seconds: number }, CallFailure>>) {
    this.#clock = clock;
    this.#ask = ask;
  }

  async get(): Promise<Result<string, CallFailure>> {
    if (this.#held && this.#clock.elapsed() < this.#held.endsAt) return ok(this.#held.text);
    return this.renew();
  }

  /** A new one, whatever is held: it shows that the credentials are good. */
  async renew(): Promise<Result<string, CallFailure>> {
    this.#asking ??= this.#renew().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Calls with the token. One that the platform refuses (401) is replaced once, because nothing was done with it. */
  async use<Value>(call: (token: string) => Promise<Result<Value, CallFailure>>): Promise<Result<Value, CallFailure>> {
    for (let again = false; ; again = true) {
      const token = await this.get();
      if (!token.ok) return token;
      const answer = await call(token.value);
      if (answer.ok || answer.fault.status !== 401 || again) return answer;
      if (this.#held?.text === token.value) this.#held = undefined;
    }
  }

  async #renew(): Promise<Result<string, CallFailure>> {
    const asked = await this.#ask();
    // Whatever became of it: what the token was for wasn't begun.
    if (!asked.ok) return { ok: false, fault: { ...asked.fault, sure: true } };
    const { text, seconds } = asked.value;
    const lasts = Math.max(seconds * 1_000 - margin, seconds * 500);
    this.#held = { text, endsAt: this.#clock.elapsed() + lasts };
    return ok(text);
  }
}
