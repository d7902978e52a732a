import createClient from "openapi-fetch";
import { language } from "../words/language.ts";
import { faultFrom } from "./fault.ts";
import { endLogin, loginAgain } from "./login-end.ts";
import type { components, paths } from "./schema.generated.ts";

/** Every shape that the API speaks of, by its name in the description. */
export type Schemas = components["schemas"];

/** The API of the gateway that serves this page. The login is a cookie of the same origin; what it says is in the app's language. */
export const api = createClient<paths>({
  baseUrl: location.origin,
  credentials: "same-origin",
  headers: { "accept-language": language },
});

/**
 * What was about to change something when the login ended waits until there is one again, and is then asked once more: a
 * 401 has changed nothing. (What only reads is asked again by the cache.)
 */
const unsent = new WeakMap<Request, Request>();
api.use({
  onRequest({ request }) {
    if (request.method !== "GET") unsent.set(request, request.clone());
  },
  async onResponse({ request, response }) {
    const again = unsent.get(request);
    if (!again || response.status !== 401) return;
    const refusal = faultFrom(
      await response
        .clone()
        .json()
        .catch(() => undefined),
      401,
    );
    if (refusal.code !== "login-required" || new URL(request.url).pathname === "/api/logout") return;
    endLogin();
    await loginAgain();
    return fetch(again);
  },
});

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
