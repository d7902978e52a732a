import { useMutation, useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import RotateCcw from "lucide-react/icons/rotate-ccw";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { findingsQuery, meQuery } from "../../api/queries.ts";
import { Button, buttonLook } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { atLeast } from "../../shell/roles.ts";
import { words } from "../../words/words.ts";
import { renewQueue } from "../queue/renew.ts";
import { accountOf, subjectAfter } from "./finding-words.ts";

type Finding = Schemas["Finding"];

const LetIn = lazy(() => import("./let-in.tsx").then((module) => ({ default: module.LetIn })));
const AcceptTools = lazy(() => import("./accept-tools.tsx").then((module) => ({ default: module.AcceptTools })));

/** What mends a finding right here, and where in the app the rest is done. */
export function Fix({ finding }: { readonly finding: Finding }) {
  const { data: me } = useSuspenseQuery(meQuery);
  return (
    <>
      {atLeast(me.role, "operator") && <Mend finding={finding} role={me.role} />}
      <Way finding={finding} />
    </>
  );
}

function Mend({ finding, role }: { readonly finding: Finding; readonly role: Schemas["Role"] }): ReactNode {
  const { code, subject } = finding;
  const account = accountOf(finding);
  switch (code) {
    case "account-refused":
    case "account-unreachable":
      return account && <Reconnect account={account} />;
    case "pairing-waiting":
      return account && <Suspense>{<LetIn account={account} />}</Suspense>;
    case "delivery-dead":
      return <RetryAll account={subjectAfter("deliveries", subject)} state="dead" />;
    case "delivery-refused":
      return <RetryAll account={subjectAfter("deliveries", subject)} state="failed" />;
    case "message-poison":
      return <RetryAll account={subjectAfter("messages", subject)} state="poison" />;
    case "mcp-changed":
      return atLeast(role, "admin") && <Suspense>{<AcceptTools server={subjectAfter("mcp", subject)} />}</Suspense>;
    default:
      return null;
  }
}

/** Lets go of the platform and signs in there anew, for when its cause was seen to over there. */
function Reconnect({ account }: { readonly account: string }) {
  const path = { params: { path: { id: account } } };
  const reconnect = useMutation({
    mutationFn: async () => {
      await take(api.POST("/api/accounts/{id}/pause", path));
      return take(api.POST("/api/accounts/{id}/resume", path));
    },
    onSuccess: () => say(words.findings.reconnecting(account)),
    onError: sayFault,
    onSettled: () => Promise.all([cache.invalidateQueries({ queryKey: ["accounts"] }), cache.invalidateQueries(findingsQuery)]),
  });
  return (
    <Button size="small" busy={reconnect.isPending} onClick={() => reconnect.mutate()}>
      <RotateCcw aria-hidden />
      {words.findings.reconnect}
    </Button>
  );
}

/** All of the account that were given up so. */
function RetryAll({ account, state }: { readonly account: string; readonly state: Schemas["DeadState"] }) {
  const [asking, setAsking] = useState(false);
  const retry = useMutation({
    mutationFn: () => take(api.POST("/api/dead/retry", { body: { all: { account, states: [state] } } })),
    onSuccess: ({ settled }) => say(words.queue.retriedAll(settled)),
    onSettled: renewQueue,
  });
  return (
    <>
      <Button size="small" onClick={() => setAsking(true)}>
        <RotateCcw aria-hidden />
        {words.findings.retry}
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={words.findings.retryTitle(account)}
        act={words.findings.retry}
        look="primary"
        onConfirm={() => retry.mutateAsync()}
      >
        {words.queue.retryAllText}
      </Confirm>
    </>
  );
}

/** Where in the app the finding can be acted on, if it can. */
function Way({ finding }: { readonly finding: Finding }) {
  const look = buttonLook({ size: "small" });
  const { code, subject } = finding;
  const account = accountOf(finding);
  if (account) {
    return (
      <Link to="/channels/$id" params={{ id: account }} className={look}>
        {words.findings.openAccount}
      </Link>
    );
  }
  if (/^(deliveries|messages|notices)\./.test(subject)) {
    return (
      <Link to="/queue" className={look}>
        {words.findings.openQueue}
      </Link>
    );
  }
  if (code === "alert-firing") {
    return (
      <Link to="/analytics" className={look}>
        {words.rooms.analytics}
      </Link>
    );
  }
  if (code === "handover-waiting") {
    return (
      <Link to="/conversations" search={{ tab: "waiting" }} className={look}>
        {words.findings.openWaiting}
      </Link>
    );
  }
  if (code === "turn-failing") {
    return (
      <Link to="/" search={{ state: "failed", account: subjectAfter("turns", subject).split(".")[0] ?? "" }} className={look}>
        {words.findings.openMessages}
      </Link>
    );
  }
  return null;
}
