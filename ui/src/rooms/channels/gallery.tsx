import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { channelsQuery } from "../../api/queries.ts";
import { Back } from "../../parts/back.tsx";
import { Page } from "../../parts/page.tsx";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { words } from "../../words/words.ts";
import { ChannelSign } from "./channel-sign.tsx";

/** The kinds of channels that there are. */
export function Gallery() {
  const { data, error, isPending, refetch } = useQuery(channelsQuery);
  return (
    <Page title={words.channels.add} lead={words.channels.galleryLead} back={<Back to="/channels">{words.rooms.channels}</Back>}>
      {isPending && <SkeletonRows rows={3} />}
      {error && !data && <Failed error={error} retry={() => void refetch()} />}
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {data?.map((channel) => (
          <li key={channel.kind} className="grid">
            <Link
              to="/channels/add/$kind"
              params={{ kind: channel.kind }}
              className="panel flex items-start gap-3.5 p-4 hover:border-edge hover:bg-hover"
            >
              <ChannelSign kind={channel.kind} name={channel.name} />
              <span className="grid gap-0.5">
                <span className="font-semibold">{channel.name}</span>
                <span className="text-row text-soft">{channel.summary}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Page>
  );
}
