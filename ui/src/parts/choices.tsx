import { useQuery } from "@tanstack/react-query";
import { accountsQuery } from "../api/queries.ts";
import { words } from "../words/words.ts";
import { Select } from "./field.tsx";

export interface Choice<State extends string> {
  readonly account?: string;
  readonly state?: State;
}

interface ChoicesProps<State extends string> {
  readonly choice: Choice<State>;
  /** Those that can be chosen, in order, and what they are called. */
  readonly states: readonly State[];
  readonly names: Readonly<Record<State, string>>;
  readonly onChoose: (choice: Choice<State>) => void;
}

const look = "h-8 w-auto max-w-32 text-row sm:max-w-44";

/** Narrows a list to an account and a state. An account that is gone can still be chosen while it is. */
export function Choices<State extends string>({ choice: { account, state }, states, names, onChoose }: ChoicesProps<State>) {
  const accounts = useQuery(accountsQuery);
  const known = new Set([...(accounts.data?.map(({ id }) => id) ?? []), ...(account ? [account] : [])]);
  return (
    <>
      <Select
        aria-label={words.flow.byAccount}
        className={look}
        value={account ?? ""}
        onChange={({ target }) => onChoose({ ...(target.value && { account: target.value }), ...(state && { state }) })}
      >
        <option value="">{words.flow.allAccounts}</option>
        {[...known].map((id) => (
          <option key={id}>{id}</option>
        ))}
      </Select>
      <Select
        aria-label={words.flow.byState}
        className={look}
        value={state ?? ""}
        onChange={({ target }) => {
          const next = states.find((each) => each === target.value);
          onChoose({ ...(account && { account }), ...(next && { state: next }) });
        }}
      >
        <option value="">{words.flow.allStates}</option>
        {states.map((each) => (
          <option key={each} value={each}>
            {names[each]}
          </option>
        ))}
      </Select>
    </>
  );
}
