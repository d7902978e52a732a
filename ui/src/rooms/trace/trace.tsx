import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import SearchX from "lucide-react/icons/search-x";
import { useEffect } from "react";
import type { Schemas } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { traceQuery } from "../../api/queries.ts";
import { Back } from "../../parts/back.tsx";
import { buttonLook } from "../../parts/button.tsx";
import { CopyField } from "../../parts/copy.tsx";
import { MessageList } from "../../parts/message-list.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { words } from "../../words/words.ts";
import { storyBadge, worstDelivery } from "../flow/story-words.ts";
import { DeliveryCard } from "../queue/delivery-card.tsx";
import { Outcome } from "./outcome.tsx";
import { Timeline } from "./timeline.tsx";

type Trace = Schemas["Trace"];

/** The whole story of one message: what became of it, when, and why. */
export function TraceRoom() {
  const { id } = useParams({ from: "/inside/trace/$id" });
  const { data, error, refetch } = useQuery(traceQuery(id));
  const navigate = useNavigate();

  // The id may have been that of a message, a turn or a delivery, or the platform's: live events name the trace.
  useEffect(() => {
    if (data && data.trace !== id) void navigate({ to: "/trace/$id", params: { id: data.trace }, replace: true });
  }, [data, id, navigate]);

  if (error && faultOf(error).code === "not-found") {
    return (
      <Page title={words.trace.title}>
        <Empty
          icon={<SearchX />}
          title={words.trace.unknown}
          actions={
            <Link to="/trace" className={buttonLook({})}>
              {words.find.search}
            </Link>
          }
        >
          {words.trace.unknownHint(id)}
        </Empty>
      </Page>
    );
  }
  return (
    <Page title={words.trace.title} back={<Back to="/">{words.rooms.home}</Back>} actions={data && <TraceActions trace={data} />}>
      {error && !data && <Failed error={error} retry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={6} />}
      {data && <Story trace={data} />}
    </Page>
  );
}

function TraceActions({ trace }: { readonly trace: Trace }) {
  return (
    <>
      {trace.joined && (
        <Link to="/trace/$id" params={{ id: trace.joined }} className={buttonLook({ size: "small" })}>
          {words.trace.openTurn}
        </Link>
      )}
      <Link to="/conversations/$id" params={{ id: trace.conversation.id }} className={buttonLook({ size: "small" })}>
        {words.trace.openConversation}
      </Link>
    </>
  );
}

function Story({ trace }: { readonly trace: Trace }) {
  const { conversation, event } = trace;
  return (
    <>
      <Outcome trace={trace} />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1.35fr)_minmax(0,1fr)]">
        <Section
          title={words.trace.stages}
          aside={event && <StateBadge {...storyBadge({ state: event.state, delivery: worstDelivery(trace.deliveries) })} />}
        >
          <Timeline entries={trace.entries} />
        </Section>
        <div className="grid gap-5">
          {trace.messages.length > 0 && (
            <Section title={words.trace.messages}>
              <MessageList messages={trace.messages} />
            </Section>
          )}
          {trace.deliveries.length > 0 && (
            <Section title={words.trace.deliveries(trace.deliveries.length)}>
              <ul className="grid gap-3">
                {trace.deliveries.map((delivery) => (
                  <li key={delivery.id}>
                    <DeliveryCard delivery={delivery} within="trace" />
                  </li>
                ))}
              </ul>
            </Section>
          )}
          <Section title={words.trace.ids}>
            <dl className="grid gap-2.5 text-row">
              <Id label={words.trace.idOf.trace} value={trace.trace} />
              {event && <Id label={words.trace.idOf.platformEvent} value={event.key} />}
              <Id label={words.trace.idOf.account} value={conversation.account} />
              <Id label={words.trace.idOf.chat} value={conversation.chat.id} />
              {conversation.chat.thread && <Id label={words.trace.idOf.thread} value={conversation.chat.thread} />}
            </dl>
            {event && event.repeats > 0 && <p className="mt-3 text-row text-soft">{words.trace.repeats(event.repeats)}</p>}
          </Section>
        </div>
      </div>
    </>
  );
}

function Id({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div className="grid gap-0.5">
      <dt className="text-faint text-meta">{label}</dt>
      <dd>
        <CopyField value={value} label={words.states.copyOf(label)} />
      </dd>
    </div>
  );
}
