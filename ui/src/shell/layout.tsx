import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import CircleUser from "lucide-react/icons/circle-user";
import { lazy, Suspense, useEffect, useRef } from "react";
import { startLive, stopLive } from "../api/live.ts";
import { feedCache } from "../api/live-cache.ts";
import { useLoginEnded } from "../api/login-end.ts";
import { countsQuery, findingsQuery, meQuery } from "../api/queries.ts";
import { classes } from "../parts/classes.ts";
import { count } from "../words/time.ts";
import { words } from "../words/words.ts";
import { ConnectionState } from "./connection.tsx";
import { Mark } from "./mark.tsx";
import { rooms } from "./rooms.ts";
import { stillSignedIn } from "./signed-in.ts";

/** Its popup is the heaviest part of the frame, and nobody needs it first. */
const AccountMenu = lazy(() => import("./account-menu.tsx").then((module) => ({ default: module.AccountMenu })));

const LoginAgain = lazy(() => import("../rooms/door/login-again.tsx").then((module) => ({ default: module.LoginAgain })));

/** The frame around every room: navigation beside it (under it on a phone), and the stream of live events. */
export function Layout() {
  useLive();
  const loginEnded = useLoginEnded();
  const main = useFocusOnMove();
  return (
    <div className="grid h-dvh grid-rows-[auto_minmax(0,1fr)_auto] md:grid-cols-[13.5rem_minmax(0,1fr)] md:grid-rows-1">
      <a href="#main" className="skip-link rounded-control bg-accent px-4 py-2 font-medium text-on-accent">
        {words.shell.skip}
      </a>
      <aside className="hidden flex-col gap-5 border-line border-r bg-sunken px-3 py-4 md:flex">
        <Link to="/" className="rounded-control px-2 py-1">
          <Mark />
        </Link>
        <nav aria-label={words.shell.navigation} className="flex-1">
          <ul className="grid gap-0.5">
            {rooms.map((room) => (
              <li key={room.to}>
                <Link
                  to={room.to}
                  activeOptions={{ exact: room.to === "/" }}
                  className="flex h-9 items-center gap-2.5 rounded-control px-2.5 font-medium text-soft hover:bg-hover hover:text-ink aria-[current=page]:bg-accent-wash aria-[current=page]:text-accent-ink"
                >
                  <room.Icon aria-hidden className="size-4.5" />
                  <span className="flex-1">{room.label}</span>
                  <RoomCount to={room.to} />
                </Link>
              </li>
            ))}
          </ul>
        </nav>
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
          <ConnectionState />
          <Suspense fallback={<CircleUser aria-hidden className="m-2.5 size-4 text-soft" />}>
            <AccountMenu />
          </Suspense>
        </div>
      </header>
      <main ref={main} id="main" tabIndex={-1} className="min-h-0 min-w-0 outline-none">
        <Outlet />
      </main>
      <nav aria-label={words.shell.navigation} className="border-line border-t bg-panel pb-[env(safe-area-inset-bottom)] md:hidden">
        <ul className="grid grid-cols-5">
          {rooms
            .filter((room) => room.tab)
            .map((room) => (
              <li key={room.to}>
                <Link
                  to={room.to}
                  activeOptions={{ exact: room.to === "/" }}
                  className="relative grid h-14 place-items-center content-center gap-0.5 font-medium text-[0.6875rem] text-soft -outline-offset-2 aria-[current=page]:text-accent-ink"
                >
                  <room.Icon aria-hidden className="size-5" />
                  {"short" in room ? room.short : room.label}
                  <RoomCount to={room.to} className="absolute top-1.5 left-[calc(50%+0.5rem)]" />
                </Link>
              </li>
            ))}
        </ul>
      </nav>
      {loginEnded && (
        <Suspense fallback={<div className="fixed inset-0 z-60 bg-sunken" />}>
          <LoginAgain />
        </Suspense>
      )}
    </div>
  );
}

/** How much waits for a person in that room. */
function RoomCount({ to, className }: { readonly to: string; readonly className?: string }) {
  const stuck = useQuery({
    ...countsQuery,
    enabled: to === "/queue",
    select: ({ deliveries, events }) => deliveries.unknown + deliveries.failed + deliveries.dead + events.poison,
  });
  const findings = useQuery({ ...findingsQuery, enabled: to === "/findings", select: (all) => all.length });
  const waiting = to === "/queue" ? stuck.data : to === "/findings" ? findings.data : 0;
  if (!waiting) return null;
  return (
    <span
      className={classes(
        "min-w-5 rounded-full bg-warn-wash px-1.5 text-center font-semibold text-[0.6875rem] text-warn leading-5",
        className,
      )}
    >
      {waiting > 99 ? "99+" : count(waiting)}
      <span className="sr-only"> {words.shell.waiting}</span>
    </span>
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
