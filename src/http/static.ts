import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { pipeline } from "node:stream";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
  ".map": "application/json; charset=utf-8",
};

/** Built files beside the original, best first. */
const encodings = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

interface Found {
  readonly file: string;
  readonly type: string;
  readonly encoding?: string;
  readonly size: number;
  readonly etag: string;
}

/**
 * Answers from the folder of the built web app; false when it has nothing under the path. The app's own routes get its
 * page: paths without an extension, and those below a room, where ids of platforms may hold dots (`/trace/a.b`).
 */
export async function serveStatic(root: string, incoming: IncomingMessage, outgoing: ServerResponse, pathname: string): Promise<boolean> {
  const wanted = inside(root, pathname);
  const accepts = String(incoming.headers["accept-encoding"] ?? "");
  const isRoute = !pathname.startsWith("/assets/") && (path.extname(pathname) === "" || /^\/[a-z]+\//.test(pathname));
  const found =
    (wanted && path.extname(wanted) !== "" ? await find(wanted, accepts) : undefined) ??
    (isRoute ? await find(path.join(root, "index.html"), accepts) : undefined);
  if (!found) return false;
  outgoing.setHeader("content-type", found.type);
  outgoing.setHeader("etag", found.etag);
  outgoing.setHeader("vary", "accept-encoding");
  // Vite puts a hash of the content into the names in assets/: https://vite.dev/guide/build
  outgoing.setHeader("cache-control", pathname.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
  if (found.encoding) outgoing.setHeader("content-encoding", found.encoding);
  if (matches(incoming.headers["if-none-match"], found.etag)) {
    outgoing.writeHead(304).end();
    return true;
  }
  outgoing.writeHead(200, { "content-length": found.size });
  if (incoming.method === "HEAD") outgoing.end();
  else pipeline(createReadStream(found.file), outgoing, () => {});
  return true;
}

/** The file that the path names, never one outside of the root. */
function inside(root: string, pathname: string): string | undefined {
  const file = path.join(root, pathname);
  return file.startsWith(root + path.sep) && !pathname.includes("\\") ? file : undefined;
}

async function find(file: string, accepts: string): Promise<Found | undefined> {
  const type = types[path.extname(file)];
  if (!type) return undefined;
  for (const [encoding, extension] of encodings) {
    if (!new RegExp(`(^|[,\\s])${encoding}\\s*(,|;(?!\\s*q=0(\\.0*)?\\s*(,|$))|$)`).test(accepts)) continue;
    const packed = await sizeAndTime(file + extension);
    if (packed) return { file: file + extension, type, encoding, size: packed.size, etag: `"${packed.tag}-${encoding}"` };
  }
  const plain = await sizeAndTime(file);
  return plain && { file, type, size: plain.size, etag: `"${plain.tag}"` };
}

async function sizeAndTime(file: string): Promise<{ size: number; tag: string } | undefined> {
  try {
    const about = await stat(file);
    return about.isFile() ? { size: about.size, tag: `${about.size.toString(36)}-${Math.floor(about.mtimeMs).toString(36)}` } : undefined;
  } catch {
    return undefined; // not there, or not ours to read: both are "nothing under this path"
  }
}

function matches(header: string | undefined, etag: string): boolean {
  return (header ?? "").split(",").some((each) => each.trim().replace(/^W\//, "") === etag);
}
