import { createPublicKey, verify as verifySignature } from "node:crypto";
import type { WebhookRequest, WebhookResult } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import { call } from "./api.ts";
import { commandText, decodeInteraction } from "./decode.ts";
import { type Interaction, readInteraction } from "./payload.ts";
import type { DiscordAccount } from "./settings.ts";

/** Seconds by which X-Signature-Timestamp may differ from our clock, either way. */
const tolerance = 300;

/** Commands and presses over the Interactions Endpoint URL: https://docs.discord.com/developers/interactions/overview#configuring-an-interactions-endpoint-url */
export function webhook(account: DiscordAccount, request: WebhookRequest): Result<WebhookResult> {
  const verified = verify(account, request);
  if (!verified.ok) return verified;
  if (request.method !== "POST") return fail("method-refused", `Discord posts; this was ${request.method}`);
  const json = parseJson(request.body);
  if (!json.ok) return json;
  if ((json.value as { type?: unknown } | null)?.type === 1) return ok(answered([], { type: 1 }));
  const { data, error } = readInteraction(json.value);
  if (!data) return fail("payload-unknown", `the body is no interaction: ${error?.issues[0]?.path.join(".")}`);
  const event = decodeInteraction(data, account.clock.now(), false);
  return ok(answered(event ? [event] : [], answerTo(data)));
}

function answered(events: WebhookResult["events"], body: object): WebhookResult {
  return { events, response: { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) } };
}

/**
 * A press is answered with nothing to see. A command is shown as it was given; the answer to it comes as a message, however long
 * it takes. https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object
 */
function answerTo(interaction: Interaction): object {
  const words = commandText(interaction);
  return words === undefined ? { type: 6 } : { type: 4, data: { content: words, allowed_mentions: { parse: [] } } };
}

/** The same for a command that came over the gateway. Best effort: its message is stored already. */
export async function answerCommand(account: DiscordAccount, interaction: Interaction, signal: AbortSignal): Promise<void> {
  if (commandText(interaction) === undefined) return;
  await respond(account, `${interaction.id}/${interaction.token}`, answerTo(interaction), signal);
}

export async function respond(account: DiscordAccount, interaction: string, json: object, signal: AbortSignal): Promise<void> {
  const [id = "", token = ""] = interaction.split("/", 2);
  if (!/^\d{1,20}$/.test(id) || token === "") return;
  await call(account, "POST", `/interactions/${id}/${encodeURIComponent(token)}/callback`, { json, signal });
}

/** Over the raw bytes; Discord sends forged ones on purpose, and takes the address away from whoever accepts them. Without a key nothing is taken. */
function verify({ settings: { publicKey }, clock }: DiscordAccount, request: WebhookRequest): Result<true> {
  if (!publicKey) return fail("signature-missing", "this account takes no interactions over HTTP: it has no publicKey");
  const { "x-signature-ed25519": given, "x-signature-timestamp": timestamp } = request.headers;
  if (!given || !timestamp) return fail("signature-missing", "X-Signature-Ed25519 and X-Signature-Timestamp must be there");
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Math.floor(clock.now() / 1000) - Number(timestamp)) > tolerance) {
    return fail("signature-stale", `X-Signature-Timestamp must be within ${tolerance} s of this machine's clock`);
  }
  if (!/^[0-9a-f]{128}$/i.test(given)) return fail("signature-invalid", "X-Signature-Ed25519 must be 64 bytes in hexadecimal digits");
  const x = Buffer.from(publicKey, "hex").toString("base64url");
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    const signed = Buffer.concat([Buffer.from(timestamp), request.body]);
    if (verifySignature(null, signed, key, Buffer.from(given, "hex"))) return ok(true);
  } catch (error) {
    return fail("signature-invalid", "the account's publicKey is no key", error);
  }
  return fail("signature-invalid", "X-Signature-Ed25519 doesn't fit the account's publicKey and the body");
}
