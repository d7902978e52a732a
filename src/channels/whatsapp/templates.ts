import { fail, ok, type Result } from "../../core/errors.ts";
import { type CallFailure, failed, fieldsOf } from "../../core/platform-call.ts";
import type { KnownTemplate, Template } from "../../core/template.ts";
import type { Json } from "../../core/terms.ts";
import { call } from "./api.ts";
import type { WhatsAppAccount } from "./settings.ts";

/** At most so many pages of a hundred: a business has 6,000 templates at most. */
const mostPages = 60;

/** https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account/message_templates */
export async function templates(account: WhatsAppAccount, signal: AbortSignal): Promise<Result<readonly KnownTemplate[]>> {
  const { businessAccountId: owner } = account.settings;
  if (owner === undefined) return fail("account-invalid", "businessAccountId isn't set: WhatsApp lists templates by the business account");
  const found: KnownTemplate[] = [];
  let after = "";
  for (let page = 0; page < mostPages; page++) {
    const path = `/${owner}/message_templates?limit=100${after && `&after=${encodeURIComponent(after)}`}`;
    const answer = await call(account, { method: "GET", path, what: "GET /message_templates", signal });
    if (!answer.ok) return { ok: false, fault: answer.fault.fault };
    const { data, paging } = fieldsOf(answer.value);
    if (!Array.isArray(data)) return fail("channel-permanent", "the server's answer is not the Graph API's: check apiRoot");
    found.push(...data.map(read));
    const { cursors, next } = fieldsOf(paging);
    after = String(fieldsOf(cursors).after ?? "");
    if (next === undefined || after === "") break;
  }
  return ok(found);
}

function read(one: Json): KnownTemplate {
  const { name, language, status, category, components } = fieldsOf(one);
  const body = (Array.isArray(components) ? components : []).map(fieldsOf).find(({ type }) => type === "BODY");
  const text = typeof body?.text === "string" ? body.text : undefined;
  const places = [...(text ?? "").matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, place]) => place as string);
  return {
    name: String(name),
    language: String(language),
    status: String(status).toLowerCase(),
    ...(typeof category === "string" ? { category: category.toLowerCase() } : {}),
    ...(text === undefined ? {} : { text }),
    parameters: [...new Set(places)],
  };
}

/** https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/template-messages */
export function templateBody({ name, language, parameters }: Template): Result<object, CallFailure> {
  if (language === undefined) return failed("template-refused", "WhatsApp wants a template's language, as in en_US");
  const places = Object.keys(parameters);
  const numbered = places.every((place) => /^\d+$/.test(place));
  if (numbered && places.some((_, index) => parameters[String(index + 1)] === undefined))
    return failed("template-refused", "the numbers of a template's parameters begin with 1 and leave none out");
  const filled = Object.entries(parameters).map(([place, text]) => ({
    type: "text",
    text,
    ...(numbered ? {} : { parameter_name: place }),
  }));
  const components = filled.length > 0 ? { components: [{ type: "body", parameters: filled }] } : {};
  return ok({ type: "template", template: { name, language: { code: language, policy: "deterministic" }, ...components } });
}
