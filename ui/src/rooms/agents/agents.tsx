import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { agentsQuery, meQuery } from "../../api/queries.ts";
import { buttonLook } from "../../parts/button.tsx";
import { Page } from "../../parts/page.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { atLeast } from "../../shell/roles.ts";
import { wordFor, words } from "../../words/words.ts";
import { NewAgent } from "./new-agent.tsx";
import { modelsQuery } from "./queries.ts";

/** Who answers. */
export function Agents() {
  const { data: me } = useSuspenseQuery(meQuery);
  const { data, error, isPending, refetch } = useQuery(agentsQuery);
  const models = useQuery(modelsQuery);
  const stateOf = (model: string) => models.data?.find((known) => known.model === model)?.state;
  return (
    <Page
      title={words.rooms.agents}
      lead={words.agents.lead}
      actions={
        <>
          <Link to="/routes" className={buttonLook({})}>
            {words.agents.routes}
          </Link>
          {atLeast(me.role, "admin") && <NewAgent taken={data?.map(({ id }) => id) ?? []} />}
        </>
      }
    >
      {isPending && <SkeletonRows rows={3} />}
      {error && !data && <Failed error={error} retry={() => void refetch()} />}
      <ul className="grid gap-3 lg:grid-cols-2">
        {data?.map(({ id, instructions, models: chain, tools, knowledge }) => (
          <li key={id} className="grid">
            <Link to="/agents/$id" params={{ id }} className="panel grid content-start gap-2 p-4 hover:border-edge hover:bg-hover">
              <span className="font-semibold">{id}</span>
              <span className="line-clamp-2 break-words text-row text-soft">{instructions}</span>
              <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-meta">
                {chain.map((model) => (
                  <span key={model} className="inline-flex items-center gap-1.5">
                    <code className="break-all font-mono">{model}</code>
                    {stateOf(model) === "failing" && <StateBadge tone="bad">{wordFor(words.agents.modelState, "failing")}</StateBadge>}
                  </span>
                ))}
              </span>
              <span className="text-faint text-meta">
                {words.agents.tools(tools.length)} · {words.agents.documents(knowledge.length)}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Page>
  );
}
