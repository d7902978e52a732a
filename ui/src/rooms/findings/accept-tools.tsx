import { queryOptions, useMutation, useQuery } from "@tanstack/react-query";
import Check from "lucide-react/icons/check";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { findingsQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Scroller } from "../../parts/scroller.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { showHidden } from "../../words/hidden-text.ts";
import { words } from "../../words/words.ts";

type Tool = Schemas["ServerTool"];

const toolsQuery = queryOptions({ queryKey: ["tools"], queryFn: () => take(api.GET("/api/tools")) });

/** What a server's tools say of themselves now, to be read before models read it. */
export function AcceptTools({ server }: { readonly server: string }) {
  const { data = [] } = useQuery(toolsQuery);
  const held = data.filter(({ name, state }) => name.startsWith(`${server}/`) && state !== "accepted");
  if (held.length === 0) return null;
  return (
    <ul className="grid w-full gap-2">
      {held.map((tool) => (
        <li key={tool.name} className="rounded-control bg-panel">
          <Held tool={tool} />
        </li>
      ))}
    </ul>
  );
}

function Held({ tool: { name, description, parameters, digest } }: { readonly tool: Tool }) {
  const accept = useMutation({
    mutationFn: () => take(api.POST("/api/tools/accept", { body: { name, digest } })),
    onSuccess: () => say(words.findings.accepted(name)),
    onError: sayFault,
    onSettled: () => Promise.all([cache.invalidateQueries(toolsQuery), cache.invalidateQueries(findingsQuery)]),
  });
  return (
    <article className="grid gap-2 rounded-control border border-line p-3">
      <p className="break-all font-mono font-semibold text-row">{showHidden(name)}</p>
      <p className="whitespace-pre-wrap break-words">{showHidden(description)}</p>
      <details>
        <summary className="text-row text-soft">{words.findings.parameters}</summary>
        <Scroller label={words.findings.parameters} className="mt-1 max-h-60 overflow-auto rounded-control bg-sunken px-3 py-2">
          <pre className="font-mono text-meta">{showHidden(JSON.stringify(parameters, null, 2))}</pre>
        </Scroller>
      </details>
      <Button size="small" className="justify-self-start" busy={accept.isPending} onClick={() => accept.mutate()}>
        <Check aria-hidden />
        {words.findings.accept}
      </Button>
    </article>
  );
}
