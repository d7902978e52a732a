import { createHash, createHmac, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";

interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** One login, in the form of the library's mechanisms. */
interface Mechanism {
  readonly name: string;
  readonly clientFirst: boolean;
  challenge(said: string): void;
  response(credentials: Credentials): Promise<string>;
}

/** Rounds that a server may ask for; they are its choice, and our work. */
const maxRounds = 1_000_000;
const derive = promisify(pbkdf2);

/**
 * https://www.rfc-editor.org/rfc/rfc5802, in the form of the library's mechanisms. The library's own counts its rounds in JavaScript: 1.5 s of processor for what
 * takes 10 ms here, and it knows SHA-1 only.
 */
function scram(hash: "sha1" | "sha256", size: number): new () => Mechanism {
  return class Scram implements Mechanism {
    readonly name = `SCRAM-${hash === "sha1" ? "SHA-1" : "SHA-256"}`;
    readonly clientFirst = true;
    readonly #nonce = randomBytes(18).toString("base64");
    #said = "";
    #proof = "";

    challenge(said: string): void {
      if (this.#proof !== "" && /^v=/.test(said) && said !== `v=${this.#proof}`)
        throw new Error("the server doesn't know the password itself");
      this.#said = said;
    }

    async response({ username, password }: Credentials): Promise<string> {
      const bare = `n=${username.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=${this.#nonce}`;
      if (this.#said === "") return `n,,${bare}`;
      if (this.#proof !== "") return "";
      const [, nonce = "", salt = "", rounds = ""] = /^r=([^,]+),s=([^,]+),i=(\d+)/.exec(this.#said) ?? [];
      if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce || !(Number(rounds) > 0 && Number(rounds) <= maxRounds))
        throw new Error("the server's challenge (SCRAM) makes no sense");
      const salted = await derive(password.normalize("NFKC"), Buffer.from(salt, "base64"), Number(rounds), size, hash);
      const key = (name: string) => createHmac(hash, salted).update(name).digest();
      const final = `c=biws,r=${nonce}`;
      const all = `${bare},${this.#said},${final}`;
      const client = key("Client Key");
      const signature = createHmac(hash, createHash(hash).update(client).digest()).update(all).digest();
      this.#proof = createHmac(hash, key("Server Key")).update(all).digest("base64");
      return `${final},p=${Buffer.from(client.map((byte, index) => byte ^ (signature[index] ?? 0))).toString("base64")}`;
    }
  };
}

/** Best first. */
export const mechanisms = { "SCRAM-SHA-256": scram("sha256", 32), "SCRAM-SHA-1": scram("sha1", 20) } as const;
