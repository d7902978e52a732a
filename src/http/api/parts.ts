import { type Actor, actorName } from "../../access/actor.ts";
import type { OperatorMessage } from "../../core/gateway.ts";
import { type Part, textPart } from "../../core/message.ts";
import { parametersOf } from "../../core/template.ts";
import { present } from "../views.ts";

interface Written {
  readonly text: string;
  readonly markup?: "plain" | "markdown" | undefined;
}

interface Templated {
  readonly template: {
    readonly name: string;
    readonly language?: string | undefined;
    readonly parameters?: readonly string[] | Readonly<Record<string, string>> | undefined;
  };
}

/** What an operator sends: words, or a template. */
export function partOf(body: Written | Templated): Part {
  if ("text" in body) return textPart(body.text, body.markup);
  const { name, language, parameters = [] } = body.template;
  return { type: "template", name, ...present({ language }), parameters: parametersOf(parameters) };
}

/** Who says it. A token belongs to a program, whatever stands in its messages. */
export function written(actor: Actor): Pick<OperatorMessage, "tenant" | "by" | "byHand"> {
  return { tenant: actor.tenant, by: actorName(actor), ...(actor.via === "login" && { byHand: true }) };
}
