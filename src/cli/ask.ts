import { fitting } from "../config/environment.ts";
import { settingsOf } from "../config/json-schema.ts";
import { schemasAt } from "../config/shape.ts";
import type { Channel } from "../core/channel.ts";
import { ok } from "../core/errors.ts";
import type { Json } from "../core/terms.ts";
import { type Needed, refuse, without } from "./outcome.ts";
import type { Terminal } from "./terminal.ts";

export interface Asked {
  readonly plain: { readonly [key: string]: Json };
  readonly secrets: ReadonlyMap<string, string>;
}

/** What the channel needs and wasn't given: asked for where a person sits there, and else refused by name. */
export async function askSettings(
  terminal: Terminal,
  channel: Channel,
  given: { readonly [key: string]: Json },
  stdinKey: string | undefined,
): Promise<Needed<Asked>> {
  const plain: { [key: string]: Json } = {};
  const secrets = new Map<string, string>();
  const fields = settingsOf(channel.settings);
  if (stdinKey !== undefined) {
    if (!fields.some((field) => field.key === stdinKey && field.secret))
      return without(
        refuse(
          "usage",
          `\`${stdinKey}\` is no secret setting of ${channel.kind}.`,
          `Its secrets: ${
            fields
              .filter((field) => field.secret)
              .map((field) => field.key)
              .join(", ") || "none"
          }.`,
        ),
      );
    const text = (await terminal.readAll(65_536))?.replace(/\r?\n$/, "");
    if (!text)
      return without(
        refuse("request-invalid", `Standard input holds no usable value for \`${stdinKey}\`.`, "Pipe the secret in, and nothing else."),
      );
    secrets.set(stdinKey, text);
  }
  const missing = fields.filter((field) => field.required && !Object.hasOwn(given, field.key) && !secrets.has(field.key));
  if (!terminal.interactive) {
    if (missing.length === 0) return ok({ plain, secrets });
    return without(
      refuse(
        "request-invalid",
        `${channel.name} needs: ${missing.map((field) => field.key).join(", ")}.`,
        `Give ${missing.map((field) => (field.secret ? `--secret-stdin ${field.key}` : `--set ${field.key}=…`)).join(", ")}.`,
      ),
    );
  }
  if (missing.length > 0) terminal.err(`${channel.guide.trim()}\n\n`);
  for (const field of missing) {
    const about = typeof field.schema.description === "string" ? ` (${field.schema.description})` : "";
    const text = await (field.secret ? terminal.askHidden(`${field.key}${about}: `) : terminal.ask(`${field.key}${about}: `));
    if (!text) return without(refuse("request-invalid", `Nothing was given for \`${field.key}\`; nothing was saved.`, "Run it again."));
    if (field.secret) secrets.set(field.key, text);
    else plain[field.key] = fitting(text, schemasAt(channel.settings, [field.key]));
  }
  return ok({ plain, secrets });
}

interface AccessOptions {
  readonly direct?: string;
  readonly group?: string;
  readonly allow?: readonly string[];
  readonly groups?: readonly string[];
}

const policies = ["open", "allowlist", "off"];
const directPolicies = [...policies, "pairing"];

/** Who may write, written out; it is asked for, never assumed, unless the channel itself decides. */
export async function askAccess(terminal: Terminal, channel: Channel, options: AccessOptions): Promise<Needed<{ [key: string]: Json }>> {
  const { direct, group, allow, groups } = options;
  for (const [given, known] of [
    [direct, directPolicies],
    [group, policies],
  ] as const) {
    if (given !== undefined && !known.includes(given))
      return without(refuse("usage", `\`${given}\` is no policy.`, `Use one of ${known.join(", ")}.`));
  }
  const lists = { ...(allow && { allow: [...allow] }), ...(groups && { groups: [...groups] }) };
  const said = direct !== undefined || group !== undefined || allow !== undefined || groups !== undefined;
  if (said) return ok({ direct: direct ?? (allow ? "allowlist" : "off"), group: group ?? (groups ? "allowlist" : "off"), ...lists });
  if (channel.access && !channel.access.public) return ok({});
  if (!terminal.interactive)
    return without(
      refuse(
        "usage",
        "Say who may write to it.",
        "--direct open admits everybody (each answer costs), --direct pairing whom you let in, --allow <id…> only those; --direct off and --group … only groups.",
      ),
    );
  const answer =
    (
      await terminal.ask(
        "Who may write to it in direct chats? open (everybody; each answer costs), allowlist, pairing (whom you let in), off [off]: ",
      )
    )?.trim() || "off";
  if (!directPolicies.includes(answer))
    return without(refuse("usage", `\`${answer}\` is no policy; nothing was saved.`, `Use one of ${directPolicies.join(", ")}.`));
  const ids =
    answer === "allowlist"
      ? ((await terminal.ask("Their ids on the platform, apart by blanks: ")) ?? "").split(/[\s,]+/).filter(Boolean)
      : [];
  return ok({ direct: answer, group: "off", ...(ids.length > 0 && { allow: ids }) });
}
