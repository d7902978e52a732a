import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import CircleUser from "lucide-react/icons/circle-user";
import { lazy, Suspense, useEffect, useRef } from "react";
import { startLive, stopLive } from "../api/live.ts";
import { feedCache } from "../api/live-cache.ts";
import { useLoginEnded } from "../api/login-end.ts";
import { meQuery } from "../api/queries.ts";
import { words } from "../words/words.ts";
import { ConnectionState } from "./connection.tsx";
import { Closed } from "./fallbacks.tsx";
import { Mark } from "./mark.tsx";
import { NewVersion } from "./new-version.tsx";
import { atLeast } from "./roles.ts";
import { RoomLinks } from "./room-links.tsx";
import { roomOf, sectionsFor } from "./rooms.ts";
import { stillSignedIn } from "./signed-in.ts";
import { TabBar } from "./tab-bar.tsx";

/** Its popup is the heaviest part of the frame, and nobody needs it first. */
const AccountMenu = lazy(() => import("./account-menu.tsx").then((module) => ({ default: module.AccountMenu })));

const LoginAgain = lazy(() => import("../rooms/door/login-again.tsx").then((module) => ({ default: module.LoginAgain })));

/** The frame around every room: navigation beside it (under it on a phone), and the stream of live events. */
export function Layout() {
  useLive();
  const loginEnded = useLoginEnded();
  const main = useFocusOnMove();
  const { data: me } = useSuspenseQuery(meQuery);
  const { pathname } = useLocation();
  const room = roomOf(pathname);
  return (
    <div className="grid h-dvh grid-rows-[auto_minmax(0,1fr)_auto] md:grid-cols-[13.5rem_minmax(0,1fr)] md:grid-rows-1">
      <a href="#main" className="skip-link rounded-control bg-accent px-4 py-2 font-medium text-on-accent">
        {words.shell.skip}
      </a>
      <aside className="hidden flex-col gap-5 border-line border-r bg-sunken px-3 py-4 md:flex">
        <Link to="/" className="rounded-control px-2 py-1">
          <Mark />
        </Link>
        <nav aria-label={words.shell.navigation} className="-mx-1 min-h-0 flex-1 overflow-y-auto px-1">
          <RoomLinks sections={sectionsFor(me.role)} />
        </nav>
        <NewVersion />
        <ConnectionState />
        <Suspense fallback={<CircleUser aria-hidden className="mx-2.5 my-2.5 size-4 text-soft" />}>
          <AccountMenu wide />
        </Suspense>
      </aside>
      <header className="flex h-13 items-center justify-between gap-2 border-line border-b bg-panel px-3 md:hidden">
        <Link to="/" className="rounded-control">
          <Mark />
        </Link>
        <div className="flex items-center gap-1">
          <NewVersion />
          <ConnectionState />
          <Suspense fallback={<CircleUser aria-hidden className="m-2.5 size-4 text-soft" />}>
            <AccountMenu />
          </Suspense>
        </div>
      </header>
      <main ref={main} id="main" tabIndex={-1} className="min-h-0 min-w-0 outline-none">
        {room?.role && !atLeast(me.role, room.role) ? <Closed role={room.role} /> : <Outlet />}
      </main>
      <TabBar role={me.role} />
      {loginEnded && (
        <Suspense fallback={<div className="fixed inset-0 z-60 bg-sunken" />}>
          <LoginAgain />
        </Suspense>
      )}
    </div>
  );
}

function useLive(): void {
  const cache = useQueryClient();
  useEffect(() => {
    const stop = feedCache(cache);
    startLive(async () => {
      const signedIn = await stillSignedIn();
      // Asking again lets the cache notice, and leads to the login.
      if (!signedIn) void cache.invalidateQueries(meQuery);
      return signedIn;
    });
    return () => {
      stop();
      stopLive();
    };
  }, [cache]);
}

/** Moves the focus into the new room, so that the keyboard and screen readers start there. */
function useFocusOnMove() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const last = useRef(pathname);
  useEffect(() => {
    if (last.current === pathname) return;
    last.current = pathname;
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}
