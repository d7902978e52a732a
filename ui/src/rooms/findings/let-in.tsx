import { useQuery } from "@tanstack/react-query";
import { pairingsQuery } from "../../api/queries.ts";
import { Person } from "../channels/person.tsx";

/** How many are shown; the others stand on the account's page. */
const most = 3;

/** Who asks to be let in, with the word about each. */
export function LetIn({ account }: { readonly account: string }) {
  const { data = [] } = useQuery(pairingsQuery);
  const asking = data.filter((pairing) => pairing.account === account && pairing.state === "asked").slice(0, most);
  if (asking.length === 0) return null;
  return (
    <ul className="grid w-full gap-2">
      {asking.map((pairing) => (
        <li key={pairing.sender} className="rounded-control bg-panel">
          <Person pairing={pairing} canDecide />
        </li>
      ))}
    </ul>
  );
}
