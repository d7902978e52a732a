import { existsSync, readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

const path = new URL("../../../../shared/specs/discord.json", import.meta.url);

/** Why `readSpec` gives nothing, for `skip`. */
export const specMissing = existsSync(path) ? undefined : `the published description of Discord's API is not at ${path.pathname}`;

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
}

interface Spec {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}

/** Checks calls against https://github.com/discord/discord-api-spec (OpenAPI 3.1). */
export class Description {
  readonly #spec: Spec;
  readonly #ajv: Ajv2020;
  readonly #checks = new Map<string, ValidateFunction>();

  constructor(spec: Spec) {
    this.#spec = spec;
    this.#ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
    this.#ajv.addSchema({ $id: "discord", components: spec.components });
  }

  /** What a call breaks; nothing when it may be made so. */
  violation(method: string, path: string, json: unknown): string | undefined {
    const template = Object.keys(this.#spec.paths).find((one) => {
      return (
        new RegExp(`^${one.replace(/\{[^}]+\}/g, "[^/]+")}$`).test(path) && (one.includes("@me") || !path.includes("@me") || one === path)
      );
    });
    const operation = template && this.#spec.paths[template]?.[method.toLowerCase()];
    if (!template || !operation) return `${method} ${path}: no such operation`;
    const schema = operation.requestBody?.content["application/json"]?.schema;
    if (json === undefined) return undefined;
    if (!schema) return `${method} ${template}: takes no body`;
    const check = this.#check(`${method} ${template}`, schema);
    return check(json) ? undefined : `${method} ${template}: ${this.#ajv.errorsText(check.errors)}`;
  }

  #check(name: string, schema: object): ValidateFunction {
    const known = this.#checks.get(name);
    if (known) return known;
    const made = this.#ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"discord#/components')) as object);
    this.#checks.set(name, made);
    return made;
  }
}

let read: Description | undefined;

export function readDescription(): Description | undefined {
  if (specMissing) return undefined;
  read ??= new Description(JSON.parse(readFileSync(path, "utf8")) as Spec);
  return read;
}
