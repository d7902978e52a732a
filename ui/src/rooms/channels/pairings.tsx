import { useQuery } from "@tanstack/react-query";
import { pairingsQuery } from "../../api/queries.ts";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { words } from "../../words/words.ts";
import { Person } from "./person.tsx";

/** Who asks to be let in to an account, who was, and who wasn't. Only operators decide. */
export function Pairings({ account, canDecide }: { readonly account: string; readonly canDecide: boolean }) {
  const { data, error, isPending, refetch } = useQuery(pairingsQuery);
  if (isPending) return <SkeletonRows rows={2} />;
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  const people = data.filter((pairing) => pairing.account === account);
  const order = ["asked", "approved", "denied"];
  return (
    <div className="grid gap-3">
      <p className="text-row text-soft">{people.length === 0 ? words.pairing.none : words.pairing.lead}</p>
      {people.length > 0 && (
        <ul className="grid gap-3">
          {people
            .toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state) || other.askedAt - one.askedAt)
            .map((pairing) => (
              <li key={pairing.sender}>
                <Person pairing={pairing} canDecide={canDecide} />
              </li>
            ))}
        </ul>
      )}
    </div>
  );
}
