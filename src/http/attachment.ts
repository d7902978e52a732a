import { neutralise } from "../core/hidden-text.ts";
import type { FilePart, StoredFile } from "../core/message.ts";

/**
 * What a browser may be told about a stranger's file. All else (HTML, SVG, XML, PDF, scripts) is bytes to it: no address
 * of ours answers with something that a browser runs.
 */
const shownTypes = /^(?:image\/(?:png|jpeg|gif|webp)|(?:audio|video)\/[a-z0-9.+-]+)$/;

/** Ends of names that the sender didn't give. */
const endings: Readonly<Record<string, string>> = {
  "image/png": ".png",
  "image/jpeg": ".jpg",
  "image/gif": ".gif",
  "image/webp": ".webp",
  "audio/mpeg": ".mp3",
  "audio/ogg": ".ogg",
  "video/mp4": ".mp4",
  "application/pdf": ".pdf",
  "text/plain": ".txt",
};

const longestName = 120;

/** A stored attachment to keep, never to look at in place: https://www.rfc-editor.org/rfc/rfc6266. */
export function attachmentResponse(part: FilePart, { mediaType }: StoredFile, bytes: Uint8Array): Response {
  const headers = {
    "content-type": shownTypes.test(mediaType) ? mediaType : "application/octet-stream",
    "content-length": String(bytes.byteLength),
    "content-disposition": disposition(fileName(part, mediaType)),
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    // The bytes under an id never change, but whether somebody may see them does.
    "cache-control": "private, no-cache",
  };
  return new Response(new Uint8Array(bytes), { headers });
}

/** The sender's name without what a file system, a shell window or a reader takes for something else. */
function fileName(part: FilePart, mediaType: string): string {
  const given = neutralise(part.name ?? "")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]/gu, "")
    .replace(/["*/:<>?\\|%]/g, "_")
    .replace(/^[.\s]+|[.\s]+$/g, "");
  const letters = [...given];
  if (letters.length > longestName) {
    const ending = /\.[A-Za-z0-9]{1,10}$/.exec(given)?.[0] ?? "";
    return letters.slice(0, longestName - ending.length).join("") + ending;
  }
  return given || `${part.type}${endings[mediaType] ?? ""}`;
}

/** With the name in ASCII for old readers, and whole in UTF-8: https://www.rfc-editor.org/rfc/rfc8187. */
function disposition(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]/g, "_");
  const whole = encodeURIComponent(name).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}
