import { Link, useRouter } from "@tanstack/react-router";
import Compass from "lucide-react/icons/compass";
import Lock from "lucide-react/icons/lock";
import type { Schemas } from "../api/client.ts";
import { buttonLook } from "../parts/button.tsx";
import { useTitle } from "../parts/page.tsx";
import { Empty, Failed, SkeletonRows } from "../parts/states.tsx";
import { words } from "../words/words.ts";

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

/** A room that threw, or a door that couldn't be loaded. */
export function Broken({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  const router = useRouter();
  return (
    <div className="px-4 py-14">
      <Failed
        error={error}
        retry={() => {
          reset();
          void router.invalidate();
        }}
      />
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
