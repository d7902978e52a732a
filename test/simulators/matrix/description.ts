import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { parse } from "yaml";

const root = new URL("../../../../shared/specs/matrix-client-server/data/", import.meta.url);

/** Why nothing is checked, for `skip`. */
export const descriptionMissing = existsSync(root)
  ? false
  : `the published description of the client-server API is not at ${root.pathname}`;

interface Operation {
  readonly method: string;
  readonly path: RegExp;
  readonly query: ReadonlySet<string>;
  readonly body: ValidateFunction | undefined;
}

type Tree = Readonly<Record<string, unknown>>;

const ajv = new Ajv2020({ strict: false, validateFormats: false });
let operations: readonly Operation[] | undefined;
let contents: ReadonlyMap<string, ValidateFunction> | undefined;

/** What a call breaks of the description: an operation or a parameter that isn't there, a body or an event's content of another shape. */
export function describeViolation(method: string, url: URL, body: unknown): string | undefined {
  if (descriptionMissing) return undefined;
  operations ??= readOperations();
  const what = `${method} ${url.pathname}`;
  const operation = operations.find((one) => one.method === method && one.path.test(url.pathname));
  if (!operation) return `${what}: no such operation`;
  const strange = [...url.searchParams.keys()].find((key) => !operation.query.has(key));
  if (strange !== undefined) return `${what}: no parameter ${strange}`;
  if (operation.body && !operation.body(body)) return `${what}: ${ajv.errorsText(operation.body.errors)}`;
  const { msgtype } = (body ?? {}) as { msgtype?: unknown };
  if (!url.pathname.includes("/send/m.room.message/")) return undefined;
  contents ??= readContents();
  const content = contents.get(String(msgtype));
  if (!content) return `${what}: no msgtype ${String(msgtype)}`;
  return content(body) ? undefined : `${what}: ${ajv.errorsText(content.errors)}`;
}

function readOperations(): Operation[] {
  const folder = new URL("api/client-server/", root);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .flatMap((name) => {
      const api = load(new URL(name, folder)) as {
        servers?: { variables?: { basePath?: { default?: string } } }[];
        paths?: Record<string, Record<string, Tree>>;
      };
      const base = api.servers?.[0]?.variables?.basePath?.default ?? "";
      return Object.entries(api.paths ?? {}).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => operationOf(method, base + path, operation)),
      );
    });
}

function operationOf(method: string, path: string, operation: Tree): Operation {
  const parameters = (operation.parameters ?? []) as { in?: string; name?: string }[];
  const schema = (operation.requestBody as { content?: Record<string, { schema?: Tree }> } | undefined)?.content?.["application/json"]
    ?.schema;
  return {
    method: method.toUpperCase(),
    // A state key may be empty.
    path: new RegExp(
      `^${path
        .replace(/[.]/g, "\\.")
        .replace("{stateKey}", "[^/]*")
        .replace(/\{\w+\}/g, "[^/]+")}$`,
    ),
    query: new Set(parameters.flatMap((parameter) => (parameter.in === "query" && parameter.name ? [parameter.name] : []))),
    body: schema ? ajv.compile(schema) : undefined,
  };
}

/** The content of each kind of message, by msgtype. */
function readContents(): ReadonlyMap<string, ValidateFunction> {
  const folder = new URL("event-schemas/schema/", root);
  const kinds = readdirSync(folder).filter((name) => /^m\.room\.message\$m\.\w+\.yaml$/.test(name));
  return new Map(
    kinds.map((name) => {
      const event = load(new URL(encodeURIComponent(name), folder)) as { properties?: { content?: Tree } };
      return [name.replace(/^.*\$|\.yaml$/g, ""), ajv.compile(event.properties?.content ?? {})];
    }),
  );
}

/** A file with what its `$ref`s name put in place; what refers to itself becomes anything. */
function load(file: URL, within: readonly string[] = []): unknown {
  const expand = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(expand);
    if (typeof value !== "object" || value === null) return value;
    const { $ref } = value as { $ref?: unknown };
    if (typeof $ref !== "string" || $ref.startsWith("#"))
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expand(inner)]));
    const target = new URL($ref, file);
    if (within.includes(target.href) || !existsSync(fileURLToPath(target))) return {};
    return load(target, [...within, target.href]);
  };
  return expand(parse(readFileSync(file, "utf8")));
}
