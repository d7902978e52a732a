import { fail, ok, type Result } from "../../core/errors.ts";
import type { FilePart, StoredFile } from "../../core/message.ts";
import type { Upload } from "./api.ts";
import type { TelegramAccount } from "./settings.ts";

/** One way to send a file: as what, and either an id that Telegram knows or the bytes. */
export interface Placed {
  readonly type: FilePart["type"];
  readonly fileId?: string;
  readonly upload?: Omit<Upload, "field">;
}

/** What each method shows properly; everything else goes as a document. https://core.telegram.org/bots/api#sending-files */
const showable: Readonly<Record<Exclude<FilePart["type"], "file">, { readonly types: RegExp; readonly maxBytes: number }>> = {
  image: { types: /^image\/(jpeg|png|webp)$/, maxBytes: 10_000_000 },
  audio: { types: /^audio\/(mpeg|mp4|x-m4a|m4a)$/, maxBytes: 50_000_000 },
  video: { types: /^video\/(mp4|quicktime)$/, maxBytes: 50_000_000 },
  voice: { types: /^audio\/(ogg|opus|mpeg|mp4|x-m4a|m4a)|^application\/ogg$/, maxBytes: 50_000_000 },
};
export const methods = { image: "sendPhoto", audio: "sendAudio", video: "sendVideo", voice: "sendVoice", file: "sendDocument" } as const;
export const fields = { image: "photo", audio: "audio", video: "video", voice: "voice", file: "document" } as const;
export const maxUploadBytes = 50_000_000;

/** The ways to send this file, the best first. */
export async function placeFile(account: TelegramAccount, file: FilePart): Promise<Result<readonly Placed[]>> {
  const { source } = file;
  if (source.at === "nowhere") return fail("file-refused", `the attachment is not available: ${source.reason}`);
  if (source.at === "platform") return ok([{ type: file.type, fileId: source.ref }]);
  if (source.size > maxUploadBytes)
    return fail("file-refused", `the attachment has ${source.size} bytes; Telegram takes ${maxUploadBytes} from a bot`);
  let bytes: Uint8Array;
  try {
    bytes = await account.readFile(source.id);
  } catch (error) {
    return fail("file-refused", `the stored attachment ${source.id} can't be read`, error);
  }
  const name = fileName(file, source);
  const types = fits(file.type, source) ? ([file.type, "file"] as const) : (["file"] as const);
  return ok(types.map((type) => ({ type, upload: { name, mediaType: source.mediaType, bytes } })));
}

function fits(type: FilePart["type"], source: StoredFile): boolean {
  if (type === "file") return false;
  const { types, maxBytes } = showable[type];
  return types.test(source.mediaType) && source.size <= maxBytes;
}

/** A name without folders or control characters; clients choose an icon and a program by its ending. */
function fileName(file: FilePart, source: StoredFile): string {
  const given = file.name
    ?.replace(/^.*[\\/]/, "")
    .replace(/[\p{Cc}"]/gu, "")
    .trim();
  if (given) return given.slice(-120);
  const ending = source.mediaType.split("/")[1]?.replace(/[^a-z0-9]/gi, "") ?? "bin";
  return `${file.type}.${ending === "octetstream" ? "bin" : ending}`;
}
