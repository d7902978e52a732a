import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import CircleCheck from "lucide-react/icons/circle-check";
import { api, type Schemas, take } from "../../api/client.ts";
import { findingsQuery, meQuery, noticesQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Page } from "../../parts/page.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { Ago } from "../../parts/time.tsx";
import { sayFault } from "../../parts/toast.ts";
import { withCode } from "../../parts/with-code.tsx";
import { atLeast } from "../../shell/roles.ts";
import { showHidden } from "../../words/hidden-text.ts";
import { words } from "../../words/words.ts";
import { findingTitle, placeName } from "./finding-words.ts";
import { Fix } from "./fix.tsx";

/** What somebody should act on; nothing else is listed. */
export function Findings() {
  const { data, error, isPending, refetch } = useQuery(findingsQuery);
  const sorted = data?.toSorted((one, other) => Number(other.severity === "error") - Number(one.severity === "error"));
  return (
    <Page title={words.rooms.findings} lead={words.findings.lead} width="narrow">
      {isPending && <SkeletonRows rows={3} />}
      {error && <Failed error={error} retry={() => void refetch()} />}
      {sorted?.length === 0 && (
        <Empty icon={<CircleCheck />} title={words.findings.none}>
          {words.findings.noneHint}
        </Empty>
      )}
      {sorted && sorted.length > 0 && (
        <ul className="grid gap-3">
          {sorted.map((finding) => (
            <li key={`${finding.code} ${finding.subject}`}>
              <Notice
                tone={finding.severity === "error" ? "bad" : "warn"}
                title={findingTitle(finding)}
                actions={<Fix finding={finding} />}
              >
                <p>{withCode(showHidden(finding.hint))}</p>
                <p className="mt-1 font-mono text-faint text-meta">
                  {finding.code} · {finding.subject}
                </p>
                <Told finding={finding} />
              </Notice>
            </li>
          ))}
        </ul>
      )}
      <Places />
    </Page>
  );
}

/** Since when it lasts, and who was told; nothing while it may still pass by itself. */
function Told({ finding: { since, told } }: { readonly finding: Schemas["Finding"] }) {
  if (since === undefined) return null;
  return (
    <p className="mt-1 text-faint text-meta">
      {words.findings.since} <Ago at={since} /> ·{" "}
      {told.length > 0 ? words.findings.told(told.map(placeName).join(", ")) : words.findings.untold}
    </p>
  );
}

/** Where operators are told, and whether that works. */
function Places() {
  const { data: places } = useQuery(noticesQuery);
  const { data: me } = useSuspenseQuery(meQuery);
  const test = useMutation({
    mutationFn: () => take(api.POST("/api/notices/test")),
    onError: sayFault,
  });
  if (!places) return null;
  if (places.length === 0) {
    return (
      <p className="text-row text-soft">
        {words.findings.nobody} {withCode(words.findings.nobodyHint)}
      </p>
    );
  }
  const refused = test.data?.filter(({ fault }) => fault) ?? [];
  return (
    <div className="grid gap-3">
      <p className="text-row text-soft">{words.findings.places(places.map(placeName).join(", "))}</p>
      {refused.map((place) => (
        <Notice key={placeName(place)} tone="bad" live title={`${placeName(place)}: ${place.fault?.message}`}>
          {place.fault?.hint}
        </Notice>
      ))}
      {test.data && refused.length === 0 && <Notice tone="info" live title={words.findings.tested} />}
      {atLeast(me.role, "operator") && (
        <Button size="small" busy={test.isPending} onClick={() => test.mutate()} className="justify-self-start">
          {words.findings.test}
        </Button>
      )}
    </div>
  );
}
