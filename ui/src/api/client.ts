import createClient from "openapi-fetch";
import { faultFrom } from "./fault.ts";
import type { components, paths } from "./schema.generated.ts";

/** Every shape that the API speaks of, by its name in the description. */
export type Schemas = components["schemas"];

/** The API of the gateway that serves this page. The login is a cookie of the same origin. */
export const api = createClient<paths>({ baseUrl: location.origin, credentials: "same-origin" });

interface Answer<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/** The data of an answer, or throws its ApiFault. */
export async function take<Data>(call: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) throw faultFrom(error, response.status);
  return data as Data;
}
