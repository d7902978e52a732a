import { createHmac, timingSafeEqual } from "node:crypto";
import { type Context, Hono } from "hono";
import { z } from "zod";
import type { Clock } from "../core/clock.ts";
import { fail, faultOf, type Result } from "../core/errors.ts";
import type { FileId, TenantId } from "../core/ids.ts";
import { parseJson } from "../core/json.ts";
import type { FilePart, StoredFile } from "../core/message.ts";
import type { FileStore } from "../core/store.ts";
import type { Instant } from "../core/terms.ts";
import type { Env } from "./api.ts";
import { attachmentResponse } from "./attachment.ts";
import { problemOf } from "./problem.ts";
import type { Mount } from "./server.ts";
import { visitOf } from "./visit.ts";

export interface FileLinksDoor {
  readonly files: Pick<FileStore, "read">;
  readonly clock: Clock;
  /** Where people reach the gateway. Absent: there are no links. */
  readonly publicUrl: () => string | undefined;
  /** At least 32 secret bytes that outlive restarts, the same in every replica. */
  readonly key: () => Promise<Uint8Array>;
}

/**
 * Addresses under which stored attachments can be fetched for a while, for platforms that take no uploads, or fetch what they
 * are to show. The address itself is the right to the file: it names tenant, file and end, signed; nothing lists files, and
 * what is guessed, changed or over is not found. The bytes come with the headers of attachments: to be saved, run by nobody.
 */
export interface FileLinks {
  /** Nothing for what isn't stored, and before `prepare`. */
  url(tenant: TenantId, file: FilePart): string | undefined;
  /** Fetches the key once there is a public address; nothing is asked of the vault before. */
  prepare(): Promise<void>;
  readonly mount: Mount;
}

const validMs = 7 * 86_400_000;
const longestName = 100;

/** What an address says: short names, because people see it. */
const claims = z.strictObject({
  t: z.string(),
  f: z.string().regex(/^fl_[0-9a-z]{22}$/),
  e: z.int(),
  k: z.enum(["image", "file", "audio", "video", "voice"]),
  m: z.string(),
  n: z.string().optional(),
});
type Claims = z.infer<typeof claims>;

export function createFileLinks({ files, clock, publicUrl, key }: FileLinksDoor): FileLinks {
  let secret: Uint8Array | undefined;
  const app = new Hono<Env>();
  app.get("/files/:token", (c) => serve(c));
  app.all("*", (c) => refuse(c, fail("not-found", "there is nothing here")));
  app.onError((thrown, c) => refuse(c, { ok: false, fault: faultOf(thrown) }));

  async function serve(c: Context<Env>): Promise<Response> {
    await prepare();
    const read = secret && readToken(secret, c.req.param("token") ?? "", clock.now());
    if (!read) return refuse(c, fail("not-found", "this link is not valid, or not any more"));
    const source: StoredFile = { at: "store", id: read.f as FileId, mediaType: read.m, size: 0 };
    const part: FilePart = { type: read.k, source, ...(read.n !== undefined && { name: read.n }) };
    const bytes = await files.read(read.t as TenantId, source.id).catch(() => undefined);
    if (!bytes) return refuse(c, fail("not-found", "the file is gone"));
    const response = attachmentResponse(part, source, bytes);
    response.headers.set("x-robots-tag", "noindex, nofollow");
    response.headers.set("referrer-policy", "no-referrer");
    response.headers.set("cross-origin-resource-policy", "cross-origin");
    return response;
  }

  function refuse(c: Context<Env>, { fault }: Extract<Result<never>, { ok: false }>): Response {
    const { status, headers, body } = problemOf(fault, visitOf(c.env.incoming).requestId);
    return new Response(body, { status, headers });
  }

  async function prepare(): Promise<void> {
    if (publicUrl() !== undefined) secret ??= await key();
  }

  return {
    url(tenant, { type, source, name }) {
      const base = publicUrl();
      if (secret === undefined || base === undefined || source.at !== "store") return undefined;
      const short = name && [...name].slice(-longestName).join("");
      const said: Claims = { t: tenant, f: source.id, e: clock.now() + validMs, k: type, m: source.mediaType, ...(short && { n: short }) };
      return `${base.replace(/\/$/, "")}/files/${makeToken(secret, said)}`;
    },
    prepare,
    mount: { serves: (pathname) => pathname.startsWith("/files/"), app },
  };
}

function makeToken(secret: Uint8Array, said: Claims): string {
  const text = Buffer.from(JSON.stringify(said)).toString("base64url");
  return `${text}.${mac(secret, text)}`;
}

function readToken(secret: Uint8Array, token: string, now: Instant): Claims | undefined {
  const [, text = "", given = ""] = /^([\w-]{1,2000})\.([\w-]{43})$/.exec(token) ?? [];
  if (!timingSafeEqual(Buffer.from(mac(secret, text)), Buffer.from(given.padEnd(43)))) return undefined;
  const json = parseJson(Buffer.from(text, "base64url"), 2);
  const said = json.ok ? claims.safeParse(json.value) : undefined;
  return said?.success && said.data.e > now ? said.data : undefined;
}

function mac(secret: Uint8Array, text: string): string {
  return createHmac("sha256", secret).update(`polylogue file link 1\n${text}`).digest("base64url");
}
