import type { z } from "zod";
import type { Role } from "../core/records.ts";

/** One operation of the API as the table in `contract.ts` declares it: what it takes, what it answers, who may. */
export interface Endpoint {
  readonly method: "get" | "post" | "put" | "delete";
  /** With `{name}` for a part that varies; it never spans a slash. */
  readonly path: `/api/${string}`;
  /** The lowest role that may call it; `public` needs no login. */
  readonly role: Role | "public";
  /** A token may not call it, only somebody who signed in with a password. */
  readonly loginOnly?: true;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The body is a file, as `application/octet-stream`, of at most `limits.fileBytes`. */
  readonly bytes?: true;
  /** What a success answers as JSON. Absent: the endpoint writes its own response. */
  readonly answer?: z.ZodType;
  /** The media type of such a response; `text/event-stream` if absent. */
  readonly media?: string;
  /** 200 if absent. */
  readonly status?: 200 | 201 | 202;
}

type Rest = Pick<Endpoint, "loginOnly" | "query" | "body" | "bytes" | "answer" | "media" | "status">;
type Declare<Method extends Endpoint["method"]> = <
  const Path extends Endpoint["path"],
  const Needs extends Endpoint["role"],
  const More extends Rest,
>(
  path: Path,
  role: Needs,
  summary: string,
  more: More,
) => { readonly method: Method; readonly path: Path; readonly role: Needs; readonly summary: string } & More;

export const get: Declare<"get"> = (path, role, summary, more) => ({ method: "get", path, role, summary, ...more });
export const post: Declare<"post"> = (path, role, summary, more) => ({ method: "post", path, role, summary, ...more });
export const put: Declare<"put"> = (path, role, summary, more) => ({ method: "put", path, role, summary, ...more });
export const remove: Declare<"delete"> = (path, role, summary, more) => ({ method: "delete", path, role, summary, ...more });

/** The names in braces of a path, e.g. `"id"` of `/api/traces/{id}`. */
export type PathNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | PathNames<Rest> : never;

/** Answers are built from frozen data: everything may be read-only. */
export type Answer<Value> = Value extends (infer Item)[]
  ? readonly Answer<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Answer<Value[Key]> }
    : Value;
