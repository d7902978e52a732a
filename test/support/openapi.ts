import { existsSync, readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { z } from "zod";

const folder = new URL("../../../shared/specs/", import.meta.url);

/** A call as a simulator got it. */
export interface DescribedCall {
  readonly method: string;
  /** Path and query; the path begins behind the description's own base address. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: Uint8Array | string;
}

export interface Description {
  /** Why nothing is checked, for `skip`: the file isn't here. */
  readonly missing: string | undefined;
  /**
   * What a call breaks of the description: an operation, parameter, header or type of body that isn't there, or a body of another shape.
   * Nothing when it may be made so, or when the file is missing.
   */
  violation(call: DescribedCall): string | undefined;
}

export interface DescriptionOptions {
  readonly strict?: boolean;
  readonly amend?: (document: Readonly<Record<string, unknown>>) => void;
}

const parameter = z.object({
  name: z.string(),
  in: z.string(),
  required: z.boolean().optional(),
  schema: z.record(z.string(), z.unknown()).optional(),
  /** Swagger 2 has the type at the parameter itself. */
  type: z.string().optional(),
});
type Parameter = z.infer<typeof parameter>;
type Schema = Readonly<Record<string, unknown>>;

interface Operation {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** The schema by media type; none: the call has no body. */
  readonly bodies: Readonly<Record<string, Schema | undefined>>;
  readonly bodyRequired: boolean;
}

/**
 * The published description of a platform's HTTP API (OpenAPI 3.0 or 3.1, Swagger 2; JSON or YAML; several files are read as one), as a judge
 * of calls. `strict`: an object in a body may have no field that its schema doesn't name. `amend` puts right what contradicts itself.
 */
export function describedBy(files: string | readonly string[], options: DescriptionOptions = {}): Description {
  const paths = [files].flat().map((name) => new URL(name, folder));
  const absent = paths.find((path) => !existsSync(path));
  if (absent) return { missing: `the published description is not at ${absent.pathname}`, violation: () => undefined };
  let judges: readonly Judge[] | undefined;
  return {
    missing: undefined,
    violation(call) {
      judges ??= paths.map((path) => new Judge(readFileSync(path, "utf8"), path.pathname.endsWith(".json"), options));
      const path = call.url.split("?", 1)[0] as string;
      const judge = judges.find((one) => one.find(call.method, path).length > 0) ?? judges[0];
      return judge?.violation(call);
    },
  };
}

interface Found {
  readonly route: { readonly template: string; readonly names: readonly string[] };
  readonly values: readonly string[];
  readonly operation: Operation;
}

class Judge {
  readonly #document: Schema;
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, coerceTypes: false });
  readonly #checks = new Map<string, ValidateFunction>();
  readonly #routes: readonly { readonly template: string; readonly pattern: RegExp; readonly names: readonly string[] }[];

  constructor(text: string, json: boolean, { strict = false, amend }: DescriptionOptions) {
    this.#document = normal(json ? JSON.parse(text) : parse(text), strict) as Schema;
    amend?.(this.#document);
    this.#ajv.addSchema({ ...this.#document, $id: "api" });
    this.#routes = Object.keys((this.#document.paths ?? {}) as object)
      .toSorted((a, b) => variables(a) - variables(b))
      .map((template) => ({
        template,
        pattern: new RegExp(
          `^${template
            .split(/\{[^}]+\}/)
            .map(RegExp.escape)
            .join("([^/]+)")}$`,
        ),
        names: [...template.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name as string),
      }));
  }

  /** The operations that the call may be, those with the fewest variables. */
  find(method: string, path: string): readonly Found[] {
    const found = this.#routes.flatMap((route): Found[] => {
      const match = route.pattern.exec(path);
      const item = match && ((this.#document.paths as Schema)[route.template] as Schema);
      const operation = item?.[method.toLowerCase()] as Schema | undefined;
      if (!match || !item || !operation) return [];
      return [{ route, values: match.slice(1), operation: this.#read(route.template, method, item, operation) }];
    });
    return found.filter(({ route }) => variables(route.template) === variables(found[0]?.route.template ?? ""));
  }

  violation(call: DescribedCall): string | undefined {
    const path = call.url.split("?", 1)[0] as string;
    const problems = this.find(call.method, path).map((found) => this.#problem(call, found));
    return problems.length === 0 ? `${call.method} ${path}: no such operation` : problems.includes(undefined) ? undefined : problems[0];
  }

  #problem({ url, headers, body }: DescribedCall, { route, values, operation }: Found): string | undefined {
    const [, query = ""] = url.split("?", 2);
    const search = new URLSearchParams(query);
    const given = new Map<string, string>([
      ...route.names.map((name, index) => [`path ${name}`, decodeURIComponent(values[index] as string)] as const),
      ...[...search].map(([name, value]) => [`query ${name}`, value] as const),
      ...Object.entries(headers).map(([name, value]) => [`header ${name.toLowerCase()}`, String(value)] as const),
    ]);
    for (const { name, in: place, required, schema, type } of operation.parameters) {
      if (!["path", "query", "header"].includes(place)) continue;
      const value = given.get(place === "header" ? `header ${name.toLowerCase()}` : `${place} ${name}`);
      if (value === undefined) {
        if (required && name.toLowerCase() !== "authorization") return `${operation.name}: ${place} ${name} is missing`;
        continue;
      }
      const why = this.#wrong(
        `${operation.name} ${place} ${name}`,
        schema ?? (type ? { type } : {}),
        fromText(value, schema?.type ?? type),
      );
      if (why) return why;
    }
    const known = new Set(operation.parameters.flatMap((one) => (one.in === "query" ? [one.name.replace(/\[\]$/, "")] : [])));
    const strange = [...search.keys()].find((name) => !known.has(name.replace(/\[\]$/, "")));
    if (strange !== undefined) return `${operation.name}: no parameter ${strange}`;
    return this.#bodyProblem(operation, String(headers["content-type"] ?? ""), typeof body === "string" ? Buffer.from(body) : body);
  }

  #bodyProblem({ name, bodies, bodyRequired }: Operation, header: string, body: Uint8Array | undefined): string | undefined {
    if (!body || body.length === 0) return bodyRequired ? `${name}: the body is missing` : undefined;
    const type = header.split(";", 1)[0]?.trim().toLowerCase() ?? "";
    const described = Object.keys(bodies).find(
      (one) => one === type || one === "*/*" || (one.endsWith("/*") && type.startsWith(one.slice(0, -1))),
    );
    if (described === undefined)
      return `${name}: no body of type ${type || "(none)"}; ${Object.keys(bodies).join(", ") || "none"} is described`;
    const schema = bodies[described];
    if (!schema) return undefined;
    if (type === "application/json") return this.#wrong(name, schema, JSON.parse(Buffer.from(body).toString()));
    if (type === "application/x-www-form-urlencoded")
      return this.#wrong(name, schema, this.#fields(schema, [...new URLSearchParams(Buffer.from(body).toString())]));
    return undefined;
  }

  /** Form fields as the schema's types: numbers and truth from their text, a field that is a list or stands there twice as a list. */
  #fields(schema: Schema, entries: readonly (readonly [string, string])[]): Schema {
    const properties = (this.#resolved(schema).properties ?? {}) as Readonly<Record<string, Schema>>;
    const fields: Record<string, unknown> = {};
    for (const [name, text] of entries) {
      const of = properties[name] ? this.#resolved(properties[name]) : {};
      if (of.type === "array") {
        const items = this.#resolved((of.items ?? {}) as Schema);
        fields[name] = [...((fields[name] as unknown[]) ?? []), fromText(text, items.type)];
      } else fields[name] = name in fields ? [fields[name], text] : fromText(text, of.type);
    }
    return fields;
  }

  #wrong(name: string, schema: Schema, value: unknown): string | undefined {
    const key = `${name} ${JSON.stringify(schema)}`;
    const check = this.#checks.get(key) ?? this.#ajv.compile(absolute(schema) as Schema);
    this.#checks.set(key, check);
    return check(value) ? undefined : `${name}: ${this.#ajv.errorsText(check.errors)}`;
  }

  #resolved(of: Schema): Schema {
    const { $ref: pointer } = of;
    if (typeof pointer !== "string") return of;
    const target = pointer
      .replace(/^#\//, "")
      .split("/")
      .reduce<unknown>(
        (tree, key) => (tree as Schema)[decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~")],
        this.#document,
      );
    return this.#resolved(target as Schema);
  }

  #read(template: string, method: string, item: Schema, operation: Schema): Operation {
    const parameters = [item.parameters, operation.parameters]
      .flatMap((list) => (list ?? []) as readonly Schema[])
      .map((one) => this.#resolved(one));
    const name = `${method} ${template}`;
    const body = operation.requestBody ? this.#resolved(operation.requestBody as Schema) : undefined;
    if (body) {
      const content = Object.entries(body.content as Readonly<Record<string, { schema?: Schema }>>);
      return {
        ...{ name, parameters: parameters.map((one) => parameter.parse(one)), bodyRequired: body.required === true },
        bodies: Object.fromEntries(content.map(([type, { schema }]) => [type.split(";", 1)[0]?.toLowerCase(), schema])),
      };
    }
    // Swagger 2: the body is a parameter, or several of a form.
    const whole = parameters.find((one) => one.in === "body");
    const form = parameters.filter((one) => one.in === "formData");
    const consumes = (operation.consumes ?? this.#document.consumes ?? ["application/json"]) as readonly string[];
    const properties = Object.fromEntries(form.map(({ name: field, in: _, required: __, ...schema }) => [field, schema]));
    const required = form.flatMap((one) => (one.required === true ? [one.name] : []));
    const schema = whole
      ? (whole.schema as Schema)
      : form.length > 0
        ? { type: "object", properties, required, additionalProperties: false }
        : undefined;
    return {
      ...{ name, parameters: parameters.filter((one) => one.in !== "body" && one.in !== "formData").map((one) => parameter.parse(one)) },
      bodyRequired: whole?.required === true || required.length > 0,
      bodies: schema ? Object.fromEntries(consumes.map((type) => [type.split(";", 1)[0]?.toLowerCase(), schema])) : {},
    };
  }
}

function variables(template: string): number {
  return template.split("{").length;
}

function fromText(text: string, type: unknown): unknown {
  const types = [type].flat();
  if ((types.includes("integer") || types.includes("number")) && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (types.includes("boolean") && /^(true|false)$/.test(text)) return text === "true";
  if (types.includes("array")) return [text];
  return text;
}

function absolute(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"api#/'));
}

/** OpenAPI 3.0's `nullable` and `exclusiveMaximum: true` in JSON Schema's words, without examples, whose form binds nobody. */
function normal(value: unknown, strict: boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => normal(one, strict));
  if (typeof value !== "object" || value === null) return value;
  const { example: _, examples: __, $id: ___, ...rest } = value as Record<string, unknown>;
  const inside = (key: string, inner: unknown) =>
    key === "properties" && typeof inner === "object" && inner !== null
      ? Object.fromEntries(Object.entries(inner).map(([name, schema]) => [name, normal(schema, strict)]))
      : normal(inner, strict);
  const schema: Record<string, unknown> = Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, inside(key, inner)]));
  if (schema.nullable === true) {
    delete schema.nullable;
    const { enum: values, ...others } = schema;
    if (typeof schema.type === "string")
      return { ...others, type: [schema.type, "null"], ...(Array.isArray(values) ? { enum: [...values, null] } : {}) };
    return { anyOf: [schema, { type: "null" }] };
  }
  for (const bound of ["exclusiveMinimum", "exclusiveMaximum"]) if (typeof schema[bound] === "boolean") delete schema[bound];
  if (strict && schema.type === "object" && schema.properties && schema.additionalProperties === undefined)
    schema.additionalProperties = false;
  return schema;
}
