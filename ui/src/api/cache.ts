import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { faultOf } from "./fault.ts";

let onSignedOut: () => void = () => undefined;

/** `run` is called whenever the gateway answers that the login is over. */
export function whenSignedOut(run: () => void): void {
  onSignedOut = run;
}

function watch(error: Error): void {
  if (faultOf(error).code === "login-required") onSignedOut();
}

/** Who was never signed in isn't signed out: the door asks `me` first, and decides by itself. */
const queries = new QueryCache({
  onError: (error, query) => (query.queryKey[0] === "me" && query.state.data === undefined ? undefined : watch(error)),
});

export const cache = new QueryClient({
  queryCache: queries,
  mutationCache: new MutationCache({ onError: watch }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the gateway refuses it refuses again; only its absence is worth a second try.
      retry: (tries, error) => tries < 2 && [0, 502, 503, 504].includes(faultOf(error).status),
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});
