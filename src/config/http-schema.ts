import { isIP } from "node:net";
import { isAbsolute } from "node:path";
import { z } from "zod";

const host = z
  .string()
  .regex(
    /^(\*\.)?[A-Za-z0-9.-]{1,253}(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/,
    "must be a host name or address, without scheme and path",
  );
const webOrigin = z
  .string()
  .refine((text) => originOf(text) === text.toLowerCase(), "must be an origin such as https://example.com, without a path");

export const httpSchema = z.strictObject({
  publicUrl: z
    .string()
    .refine((text) => originOf(text) !== undefined, "must be an http or https address")
    .transform((text) => text.replace(/\/+$/, ""))
    .optional()
    .describe("The address under which platforms and people reach the gateway; webhooks and links are built from it."),
  hosts: z
    .array(host)
    .default([])
    .describe("Host names that it answers to, besides the one it is bound to, that of `publicUrl`, and loopback."),
  origins: z.array(webOrigin).default([]).describe("Origins of the web pages that may embed the web chat."),
  allowPrivate: z.array(host).default([]).describe("Hosts on private addresses that attachments and tools may be fetched from."),
  trustedProxies: z
    .array(z.string().refine(isRange, "must be an address or a range such as 10.0.0.0/8"))
    .default([])
    .describe("Proxies whose X-Forwarded headers are believed."),
  tls: z
    .strictObject({
      certificate: z
        .string()
        .refine(isAbsolute, "must be an absolute path")
        .describe("The PEM file of the certificate with its chain; a new one counts without a restart."),
      key: z.string().refine(isAbsolute, "must be an absolute path").describe("The PEM file of its key."),
      redirectPort: z.int().min(1).max(65_535).optional().describe("Where browsers that come over http are sent to https."),
    })
    .optional()
    .describe("The gateway's own TLS, in place of a proxy's; on and off with a restart."),
});

function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const plain = !url.username && !url.password && !url.search && !url.hash;
  return plain && (url.protocol === "https:" || url.protocol === "http:") ? url.origin : undefined;
}

function isRange(text: string): boolean {
  const [address = "", bits, more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
