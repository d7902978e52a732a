import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import type { Result } from "../core/errors.ts";
import { fail, ok } from "../core/errors.ts";
import { say } from "../core/say.ts";

const argon2Async = promisify(argon2);

/** What one hash costs. `memory` in KiB. */
export interface PasswordCost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** OWASP's first choice for Argon2id: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html */
export const owaspCost: PasswordCost = { memory: 19_456, passes: 2, parallelism: 1 };

export const minPasswordLength = 12;

/** Hashes at the same time, and how many more may wait: a flood of sign-ins must not take the memory or all threads. */
const atOnce = 2;
const mayWait = 32;

/** Argon2id (RFC 9106), stored in the PHC string format. */
export class Passwords {
  readonly #cost: PasswordCost;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #decoy: Promise<string> | undefined;

  constructor(cost: PasswordCost = owaspCost) {
    this.#cost = cost;
  }

  /** `request-invalid` says what is wrong with the password; `too-many-attempts` that the queue is full. */
  async hash(password: string): Promise<Result<string>> {
    if ([...password].length < minPasswordLength)
      return fail("request-invalid", say`password: ${minPasswordLength} characters or more are needed`);
    if (new Set(password).size < 4) return fail("request-invalid", "password: more than three different characters are needed");
    return this.#queued(() => this.#make(password));
  }

  /** Takes the same time whether there is a hash or not, so that it doesn't tell which names exist. */
  async verify(password: string, stored: string | undefined): Promise<Result<boolean>> {
    return this.#queued(async () => {
      this.#decoy ??= this.#make("no operator has this password");
      const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(stored ?? (await this.#decoy));
      if (!phc) return false;
      const [, memory, passes, parallelism, salt, expected] = phc as unknown as [string, string, string, string, string, string];
      const want = Buffer.from(expected, "base64");
      const got = await derive(password, Buffer.from(salt, "base64"), want.length, {
        memory: Number(memory),
        passes: Number(passes),
        parallelism: Number(parallelism),
      });
      return timingSafeEqual(got, want) && stored !== undefined;
    });
  }

  async #make(password: string): Promise<string> {
    const salt = randomBytes(16);
    const tag = await derive(password, salt, 32, this.#cost);
    const { memory, passes, parallelism } = this.#cost;
    return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
  }

  async #queued<Value>(work: () => Promise<Value>): Promise<Result<Value>> {
    if (this.#running < atOnce) this.#running++;
    else {
      if (this.#waiting.length >= mayWait) return fail("too-many-attempts", "too many sign-ins at the same time");
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return ok(await work());
    } finally {
      // A place that is handed on stays counted.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}

function derive(password: string, nonce: Buffer, tagLength: number, cost: PasswordCost): Promise<Buffer> {
  // The same characters can be typed in different ways; NFKC makes them one (RFC 8265, section 4.2).
  return argon2Async("argon2id", { message: password.normalize("NFKC"), nonce, tagLength, ...cost });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
