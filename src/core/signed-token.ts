import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from "jose";
import type { Clock } from "./clock.ts";
import { type Fault, FaultError, fail, fault, faultOf, ok, type Result } from "./errors.ts";
import type { HttpClient } from "./http.ts";
import { parseJson } from "./json.ts";
import { fieldsOf } from "./platform-call.ts";

/** Who signs tokens (https://www.rfc-editor.org/rfc/rfc7519) and where its keys are. */
export interface Signer {
  /** The claim `iss`. */
  readonly issuer: string;
  /** Its OpenID configuration, which names the address of its keys: https://openid.net/specs/openid-connect-discovery-1_0.html */
  readonly configuration: string;
}

export interface SignedToken {
  readonly claims: JWTPayload;
  /** The key that signed it, as the signer publishes it, with whatever it says beside. */
  readonly key: Readonly<Record<string, unknown>>;
}

/** Seconds by which a token's times may differ from our clock. */
const tolerance = 300;
/** Milliseconds: keys are read anew after a day, for a key that isn't among them once in a minute, after a failure once in ten seconds. */
const every = { known: 86_400_000, unknown: 60_000, failed: 10_000 };

/** Verifies the tokens of one signer, RS256 only. Nothing is accepted while its keys can't be read. */
export class TokenVerifier {
  readonly #of: Signer & { readonly http: HttpClient; readonly clock: Clock };
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;
  #failed: { readonly thrown: unknown; readonly at: number } | undefined;

  constructor(of: Signer & { readonly http: HttpClient; readonly clock: Clock }) {
    this.#of = of;
    this.#keys = createRemoteJWKSet(new URL(of.configuration), {
      ...{ cacheMaxAge: every.known, cooldownDuration: every.unknown, timeoutDuration: 30_000 },
      [customFetch]: () => this.#fetchKeys(),
    });
  }

  /** Why nothing can be verified at this moment. */
  async trouble(): Promise<Fault | undefined> {
    try {
      if (!this.#keys.fresh) await this.#keys.reload();
      return undefined;
    } catch (thrown) {
      return faultOf(thrown, "channel-unreachable");
    }
  }

  /** The token of a header `Authorization: Bearer …`, for `audience`, with `required` claims. */
  async verify(header: string | undefined, audience: string, required: readonly string[]): Promise<Result<SignedToken>> {
    const [, text] = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header ?? "") ?? [];
    if (!text) return fail("signature-missing", "the header Authorization must be there, with a Bearer token");
    try {
      const { payload, protectedHeader } = await jwtVerify(text, this.#keys, {
        ...{ algorithms: ["RS256"], issuer: this.#of.issuer, audience, clockTolerance: tolerance },
        ...{ currentDate: new Date(this.#of.clock.now()), requiredClaims: ["exp", ...required] },
      });
      const { kid } = protectedHeader;
      const key = kid === undefined ? undefined : this.#keys.jwks()?.keys.find((one) => one.kid === kid);
      return key ? ok({ claims: payload, key: { ...key } }) : fail("signature-invalid", "the token doesn't say which key signed it");
    } catch (thrown) {
      if (thrown instanceof FaultError) return { ok: false, fault: thrown.fault };
      if (thrown instanceof errors.JWTExpired || (thrown instanceof errors.JWTClaimValidationFailed && thrown.claim === "nbf"))
        return fail("signature-stale", `${thrown.message}: check this machine's clock`);
      if (thrown instanceof errors.JOSEError)
        return fail("signature-invalid", `the token is none of ${this.#of.issuer} for this account: ${thrown.message}`);
      throw thrown;
    }
  }

  async #fetchKeys(): Promise<Response> {
    const { clock, configuration } = this.#of;
    if (this.#failed && clock.elapsed() - this.#failed.at < every.failed) throw this.#failed.thrown;
    try {
      const read = parseJson(await this.#get(configuration));
      const address = URL.parse(String(fieldsOf(read.ok ? read.value : undefined).jwks_uri));
      if (address && (address.protocol === "https:" || address.origin === new URL(configuration).origin))
        return new Response(await this.#get(address.href));
      throw new FaultError(fault("channel-unreachable", `${configuration} names no address of keys`));
    } catch (thrown) {
      this.#failed = { thrown, at: clock.elapsed() };
      throw thrown;
    }
  }

  async #get(url: string): Promise<Uint8Array<ArrayBuffer>> {
    const answer = await this.#of.http.send({ method: "GET", url, timeoutMs: 10_000, maxBytes: 1_048_576 });
    if (answer.ok && answer.value.status === 200) return new Uint8Array(answer.value.body);
    const why = answer.ok ? `it answered ${answer.value.status}` : answer.fault.message;
    throw new FaultError(fault("channel-unreachable", `the keys of ${this.#of.issuer} can't be read from ${new URL(url).host}: ${why}`));
  }
}
