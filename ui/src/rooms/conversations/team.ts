import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../../api/client.ts";
import { words } from "../../words/words.ts";
import { teamQuery } from "./queries.ts";

/** The names of operators, by id. */
export function useTeam(): { readonly list: readonly Schemas["Teammate"][]; readonly name: (id: string | undefined) => string } {
  const { data: list = [] } = useQuery(teamQuery);
  return {
    list,
    name: (id) =>
      list.find((one) => one.id === id)?.name ?? (id?.startsWith("token:") ? id.slice("token:".length) : words.takeover.somebody),
  };
}

/** Who called a person there, in words. */
export function calledBy(by: string): string {
  const [kind, ...rest] = by.split(":");
  const name = rest.join(":");
  if (kind === "agent" && name) return words.takeover.by.agent(name);
  if (kind === "rule" && name) return words.takeover.by.rule(name);
  return kind === "sender" ? words.takeover.by.sender : words.takeover.by.other;
}
