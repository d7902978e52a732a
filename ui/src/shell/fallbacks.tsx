import { Link, useRouter } from "@tanstack/react-router";
import Compass from "lucide-react/icons/compass";
import Lock from "lucide-react/icons/lock";
import { useEffect, useEffectEvent } from "react";
import type { Schemas } from "../api/client.ts";
import { faultOf } from "../api/fault.ts";
import { buttonLook } from "../parts/button.tsx";
import { useTitle } from "../parts/page.tsx";
import { Empty, Failed, SkeletonRows } from "../parts/states.tsx";
import { words } from "../words/words.ts";
import { Mark } from "./mark.tsx";

/** Milliseconds between two tries to reach the gateway. */
const againMs = 3_000;

export function Lost() {
  useTitle(words.states.lost);
  return (
    <main>
      <Empty
        level={1}
        icon={<Compass />}
        title={words.states.lost}
        actions={
          <Link to="/" className={buttonLook({ look: "primary" })}>
            {words.states.home}
          </Link>
        }
      >
        {words.states.lostHint}
      </Empty>
    </main>
  );
}

/** A room that the viewer's role doesn't open. */
export function Closed({ role }: { readonly role: Schemas["Role"] }) {
  useTitle(words.shell.closed);
  return (
    <Empty level={1} icon={<Lock />} title={words.shell.closed}>
      {words.shell.closedHint(words.roles[role])}
    </Empty>
  );
}

interface BrokenProps {
  readonly error: unknown;
  readonly reset: () => void;
}

/** The whole app, when not even the frame could be shown: mostly because the gateway is out of reach. */
export function Away(props: BrokenProps) {
  useTitle(faultOf(props.error).message);
  return (
    <main>
      <h1 className="grid justify-items-center pt-14">
        <Mark />
      </h1>
      <Broken {...props} />
    </main>
  );
}

/** A room that threw, or a door that couldn't be loaded. */
export function Broken({ error, reset }: BrokenProps) {
  const router = useRouter();
  const away = faultOf(error).status === 0;
  const again = useEffectEvent(() => {
    reset();
    void router.invalidate();
  });
  // What failed because nobody was there goes on by itself.
  useEffect(() => {
    if (!away) return;
    const timer = setInterval(again, againMs);
    addEventListener("online", again);
    return () => {
      clearInterval(timer);
      removeEventListener("online", again);
    };
  }, [away]);
  return (
    <div className="px-4 py-14">
      <Failed error={error} retry={again} />
    </div>
  );
}

export function Pending() {
  return (
    <div className="mx-auto w-full max-w-5xl px-4 py-7">
      <SkeletonRows />
    </div>
  );
}
