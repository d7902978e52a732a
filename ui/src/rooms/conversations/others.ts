import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Schemas } from "../../api/client.ts";
import { meQuery } from "../../api/queries.ts";
import { words } from "../../words/words.ts";
import { presenceQuery } from "./queries.ts";

const list = new Intl.ListFormat(words.locale, { type: "conjunction" });

/** What others do there, in a sentence: who writes counts more than who looks. */
function sentence(present: readonly Schemas["Presence"][]): string | undefined {
  const writing = present.filter(({ doing }) => doing === "typing");
  const shown = writing.length > 0 ? writing : present;
  if (shown.length === 0) return undefined;
  const names = list.format(shown.map(({ name }) => name));
  return writing.length > 0 ? words.inbox.writing(names, shown.length) : words.inbox.looking(names, shown.length);
}

/** By conversation: what other operators than the one who asks do there now. */
export function useOthers(): ReadonlyMap<string, string> {
  const me = useQuery(meQuery).data?.operator.id;
  const places = useQuery(presenceQuery).data;
  return useMemo(() => {
    const others = new Map<string, string>();
    for (const { conversation, present } of places ?? []) {
      const words = sentence(present.filter(({ operator }) => operator !== me));
      if (words) others.set(conversation, words);
    }
    return others;
  }, [places, me]);
}
