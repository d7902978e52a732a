import { Link, useLocation } from "@tanstack/react-router";
import Menu from "lucide-react/icons/menu";
import { useState } from "react";
import type { Schemas } from "../api/client.ts";
import { Sheet } from "../parts/sheet.tsx";
import { words } from "../words/words.ts";
import { RoomLinks } from "./room-links.tsx";
import { roomOf, sectionsFor } from "./rooms.ts";
import { useWaiting } from "./waiting.ts";
import { WaitingBadge } from "./waiting-badge.tsx";

const tabLook =
  "relative grid h-14 w-full place-items-center content-center gap-0.5 font-medium text-[0.6875rem] text-soft -outline-offset-2 aria-[current]:text-accent-ink";
const badgeLook = "absolute top-1.5 left-[calc(50%+0.5rem)]";

/** A phone's navigation: the rooms that are needed on the way, and all others behind "More". */
export function TabBar({ role }: { readonly role: Schemas["Role"] }) {
  const { pathname } = useLocation();
  const [open, setOpen] = useState(false);
  const waitingIn = useWaiting();
  const tabs = sectionsFor(role, ({ tab }) => tab !== undefined).flatMap(({ rooms }) => rooms);
  const others = sectionsFor(role, ({ tab }) => tab === undefined);
  const behind = others.flatMap(({ rooms }) => rooms);
  const current = roomOf(pathname);
  return (
    <nav aria-label={words.shell.navigation} className="border-line border-t bg-panel pb-[env(safe-area-inset-bottom)] md:hidden">
      <ul className="grid auto-cols-fr grid-flow-col">
        {tabs.map((room) => (
          <li key={room.to}>
            <Link to={room.to} activeOptions={{ exact: room.to === "/" }} className={tabLook}>
              <room.Icon aria-hidden className="size-5" />
              {room.tab}
              <WaitingBadge waiting={waitingIn(room)} className={badgeLook} />
            </Link>
          </li>
        ))}
        <li>
          <button
            type="button"
            aria-haspopup="dialog"
            aria-expanded={open}
            aria-current={current && behind.includes(current) ? "true" : undefined}
            className={tabLook}
            onClick={() => setOpen(true)}
          >
            <Menu aria-hidden className="size-5" />
            {words.tabs.more}
            <WaitingBadge waiting={behind.reduce((sum, room) => sum + waitingIn(room), 0)} className={badgeLook} />
          </button>
        </li>
      </ul>
      {open && (
        <Sheet label={words.shell.more} onClose={() => setOpen(false)}>
          <RoomLinks large sections={others} onChoose={() => setOpen(false)} />
        </Sheet>
      )}
    </nav>
  );
}
