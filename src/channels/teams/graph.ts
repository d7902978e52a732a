import type { LocatedFile } from "../../core/channel.ts";
import { type ErrorCode, fail, ok, type Result } from "../../core/errors.ts";
import { type CallFailure, callPlatform, failed, fieldsOf } from "../../core/platform-call.ts";
import type { Json } from "../../core/terms.ts";
import type { Activity } from "./activity.ts";
import { heldOf } from "./held.ts";
import type { TeamsAccount } from "./settings.ts";

/** Begins what names a file of a channel or a group chat: the attachment, its message and the drive that it must be in, as paths of Graph's. */
export const sharedFile = /^graph (?=\[)/;

const path = (...segments: readonly string[]) => segments.map((one) => `/${encodeURIComponent(one)}`).join("");

/**
 * The files of a message, which Teams names only by their places in its text. Nothing in a personal chat, whose files are attachments, nor where
 * the activity doesn't say of which team or whose it is.
 */
export function sharedFiles({ id, conversation, channelData, from }: Activity, html: string): readonly string[] {
  const ids = [...html.matchAll(/<attachment id="([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"/gi)].map(([, one]) => one as string);
  const [chat = "", root = id] = conversation.id.split(";messageid=", 2);
  const [team, sender] = [channelData?.team?.aadGroupId, from.aadObjectId];
  const message = root === id ? ["messages", id] : ["messages", root, "replies", id];
  if (conversation.conversationType === "channel" && team !== undefined) {
    const channel = path("teams", team, "channels", chat);
    return ids.map((one) => refOf(one, channel + path(...message), `${channel}/filesFolder`));
  }
  if (conversation.conversationType === "groupChat" && sender !== undefined)
    return ids.map((one) => refOf(one, path("chats", chat, "messages", id), path("users", sender, "drive")));
  return [];
}

function refOf(attachment: string, message: string, drive: string): string {
  return `graph ${JSON.stringify([attachment, message, drive])}`;
}

/**
 * https://learn.microsoft.com/en-us/graph/api/resources/chatmessageattachment and https://learn.microsoft.com/en-us/graph/api/shares-get. The app may
 * read more than the sender, who can name any file of the organisation in a message: so only one is handed out that is in the channel's own
 * folder, or in a group chat in the sender's own drive.
 */
export async function locateShared(account: TeamsAccount, ref: string, signal: AbortSignal): Promise<Result<LocatedFile>> {
  const [attachment = "", message = "", drive = ""] = JSON.parse(ref.replace(sharedFile, "")) as string[];
  const ask = async (where: string) => {
    const answer = await graph(account, where, signal);
    return answer.ok ? ok(fieldsOf(answer.value)) : { ok: false as const, fault: answer.fault.fault };
  };
  const said = await ask(message);
  if (!said.ok) return said;
  const { attachments } = said.value;
  const named = (Array.isArray(attachments) ? attachments : []).map(fieldsOf).find(({ id }) => id === attachment);
  const { contentType, contentUrl } = named ?? {};
  if (contentType !== "reference" || typeof contentUrl !== "string") return fail("file-refused", "what the message names there is no file");
  const item = await ask(`/shares/u!${Buffer.from(contentUrl).toString("base64url")}/driveItem`);
  if (!item.ok) return item;
  const home = await ask(drive);
  if (!home.ok) return home;
  const at = fieldsOf(item.value.parentReference).driveId;
  const wanted = drive.endsWith("/drive") ? home.value.id : fieldsOf(home.value.parentReference).driveId;
  if (typeof at !== "string" || at !== wanted || typeof item.value.id !== "string")
    return fail("file-refused", "the file isn't where files of this chat are: its sender names one of somebody else's");
  const token = await heldOf(account).graphToken.get();
  if (!token.ok) return { ok: false, fault: token.fault.fault };
  const url = `${rootOf(account)}${path("drives", at, "items", item.value.id, "content")}`;
  return ok({ method: "GET", url, headers: { authorization: `Bearer ${token.value}` }, trust: "configured" });
}

const rootOf = ({ settings }: TeamsAccount) => `${settings.graphRoot ?? ""}/v1.0`;

async function graph(account: TeamsAccount, where: string, signal: AbortSignal): Promise<Result<Json, CallFailure>> {
  if (account.settings.graphRoot === undefined) return failed("file-refused", "graphRoot isn't set");
  return heldOf(account).graphToken.use(async (text) => {
    const answer = await callPlatform(account.http, {
      platform: "Microsoft Graph",
      what: `GET ${where.split("/", 2).join("/")}`,
      request: { method: "GET", url: rootOf(account) + where, headers: { authorization: `Bearer ${text}` }, signal, trust: "configured" },
      secrets: [text],
      refusal({ status, json }) {
        const { code, message } = fieldsOf(fieldsOf(json).error);
        if (status < 300 || typeof code !== "string") return undefined;
        return { code: codeOf(status), word: code, said: typeof message === "string" ? message : "" };
      },
    });
    return answer.ok ? ok(answer.value.json) : answer;
  });
}

/** https://learn.microsoft.com/en-us/graph/errors; a permission that is missing costs a file, not the account. */
function codeOf(status: number): ErrorCode {
  return status === 429 || status >= 500 ? "channel-retry" : "file-refused";
}
