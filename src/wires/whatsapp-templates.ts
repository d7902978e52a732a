import { z } from "zod";
import type { Account, Outbound } from "../core/channel.ts";
import type { DeliveryContent } from "../core/delivery.ts";
import { ok, type Result } from "../core/errors.ts";
import { type CallFailure, failed } from "../core/platform-call.ts";
import { checkTemplate, type Purpose, parametersOf, type Template, windowClosed } from "../core/template.ts";

/**
 * WhatsApp's window of 24 hours, as the Cloud API and Twilio have it.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages#customer-service-windows
 */
export interface TemplateSettings {
  readonly templates: { readonly [Key in Purpose]?: TemplateFor | undefined };
}

interface TemplateFor {
  readonly name: string;
  readonly language?: string | undefined;
  readonly parameters: readonly string[] | Readonly<Record<string, string>>;
}

/** What stands for the message's text in a parameter. */
const textPlace = "{text}";

/** `language`: whether a template has one that must be named. */
export function templatesSetting<Language extends z.ZodType<string | undefined>>(language: Language) {
  const template = z.strictObject({
    name: z.string().min(1).max(512),
    language,
    parameters: z
      .union([z.array(z.string().min(1)).max(50), z.record(z.string().regex(/^\w{1,100}$/), z.string().min(1))])
      .default([textPlace]),
  });
  const one = template.optional();
  return z
    .strictObject({ answer: one, message: one, reminder: one, notice: one })
    .default({})
    .describe(
      "What is sent once a person wrote last more than 24 hours ago: an approved template for agents' answers, operators' messages, reminders and notices, each with name, language and parameters, of which {text} is the message.",
    );
}

/**
 * The template that goes in place of the content, or nothing where the content can go as it is. A fault where only a template would reach
 * the person, and none can carry this: before the platform is asked.
 */
export function templateFor(
  { settings, clock }: Account<TemplateSettings>,
  { content, heardAt }: Pick<Outbound, "content" | "heardAt">,
): Result<Template | undefined, CallFailure> {
  if (content.template) return ok(content.template);
  const { purpose = "answer" } = content;
  const template = settings.templates[purpose];
  // Whether anybody ever wrote isn't known of a number that goes by another id: a template reaches them in any case.
  const begins = heardAt === undefined && purpose !== "answer" && template !== undefined;
  if (!begins && !windowClosed(heardAt, clock.now())) return ok(undefined);
  const since = heardAt === undefined ? "" : `the person wrote last at ${new Date(heardAt).toISOString()}, more than 24 hours ago: `;
  if (!template) return failed("window-closed", `${since}only a template reaches them, and templates.${purpose} isn't set`);
  if (content.file) return failed("window-closed", `${since}only a template reaches them, and templates.${purpose} carries no file`);
  const text = wordsOf(content);
  const parameters = Object.entries(parametersOf(template.parameters)).map(([place, value]) => [place, value.replaceAll(textPlace, text)]);
  const filled: Template = { ...named(template), parameters: Object.fromEntries(parameters) };
  const checked = checkTemplate(filled);
  return checked.ok ? ok(filled) : failed("window-closed", `${since}only templates.${purpose} reaches them, and ${checked.fault.message}`);
}

function named({ name, language }: TemplateFor): Pick<Template, "name" | "language"> {
  return { name, ...(language === undefined ? {} : { language }) };
}

/** On one line, with what buttons say as numbers, which are understood when they are typed. */
function wordsOf({ visible, text, buttons = [] }: DeliveryContent): string {
  const choices = buttons.flat().map(({ label }, index) => `${index + 1}. ${label}`);
  return [visible || text, ...choices].join(" ").replace(/\s+/g, " ").trim();
}
