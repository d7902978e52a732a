import { ok, type Result } from "../../core/errors.ts";
import { type CallFailure, failed, fieldsOf } from "../../core/platform-call.ts";
import type { KnownTemplate, Template } from "../../core/template.ts";
import { type Answer, call, listOf } from "./api.ts";
import type { TwilioAccount } from "./settings.ts";

/** At most so many pages of a hundred. */
const mostPages = 60;
const sidShape = /^HX[0-9a-fA-F]{32}$/;

/** Of templates that were named, by name and language; of the accounts of this process. */
const known = new WeakMap<object, Map<string, string>>();

/** https://www.twilio.com/docs/content/content-api-resources#fetch-content-and-approval-status: those made for WhatsApp, approved or not. */
export async function templates(account: TwilioAccount, signal: AbortSignal): Promise<Result<readonly KnownTemplate[]>> {
  const found: KnownTemplate[] = [];
  let token = "";
  for (let page = 0; page < mostPages; page++) {
    const answer = await call(account, "GET", `/v1/ContentAndApprovals?PageSize=100${token && `&Page=${page}&PageToken=${token}`}`, {
      signal,
    });
    if (!answer.ok) return { ok: false, fault: answer.fault.fault };
    found.push(...listOf(answer.value.contents).map(read));
    // Its address is Twilio's own, wherever the account's API stands: only what it says of the place in the list is taken.
    const next = URL.parse(String(fieldsOf(answer.value.meta).next_page_url ?? ""));
    token = encodeURIComponent(next?.searchParams.get("PageToken") ?? "");
    if (!next || token === "") break;
  }
  return ok(found);
}

function read({ sid, friendly_name: name, language, variables, types, approval_requests: approval }: Answer): KnownTemplate {
  const { status, category } = fieldsOf(approval);
  const [content] = Object.values(fieldsOf(types)).map(fieldsOf);
  const text = typeof content?.body === "string" ? content.body : undefined;
  return {
    name: String(name),
    id: String(sid),
    language: String(language),
    status: typeof status === "string" ? status : "unsubmitted",
    ...(typeof category === "string" && category !== "" ? { category: category.toLowerCase() } : {}),
    ...(text === undefined ? {} : { text }),
    parameters: Object.keys(fieldsOf(variables)),
  };
}

/** A template by its SID or by its name. https://www.twilio.com/docs/content/send-templates-created-with-the-content-template-builder */
export async function templateMessage(
  account: TwilioAccount,
  { name, language, parameters }: Template,
  signal: AbortSignal,
): Promise<Result<Readonly<Record<string, string>>, CallFailure>> {
  const sid = sidShape.test(name) ? ok(name) : await sidOf(account, name, language, signal);
  if (!sid.ok) return sid;
  return ok({
    ContentSid: sid.value,
    ...(Object.keys(parameters).length > 0 ? { ContentVariables: JSON.stringify(parameters) } : {}),
  });
}

async function sidOf(account: TwilioAccount, name: string, language: string | undefined, signal: AbortSignal) {
  const sids = known.get(account.settings) ?? new Map<string, string>();
  known.set(account.settings, sids);
  const key = JSON.stringify([name, language]);
  const before = sids.get(key);
  if (before !== undefined) return ok(before);
  const found = await call(account, "GET", `/v2/Content?ContentName=${encodeURIComponent(name)}&PageSize=50`, { signal });
  if (!found.ok) return { ok: false, fault: { ...found.fault, sure: true } } as const;
  const fits = listOf(found.value.contents).filter((one) => one.friendly_name === name && [undefined, one.language].includes(language));
  const [one] = fits;
  if (typeof one?.sid !== "string")
    return failed("template-refused", `Twilio knows no template ${name}${language ? ` in ${language}` : ""}`);
  if (fits.length > 1) return failed("template-refused", `Twilio knows several templates ${name}: name one by its SID, HX…`);
  sids.set(key, one.sid);
  return ok(one.sid);
}
