import CloudOff from "lucide-react/icons/cloud-off";
import RefreshCw from "lucide-react/icons/refresh-cw";
import { useEffect, useState } from "react";
import { type Connection, useConnection } from "../api/live.ts";
import { words } from "../words/words.ts";

/** Says when what is on the screen may be old; silent while all is well, and for the first second of a hiccup. */
export function ConnectionState() {
  const connection = useSteady(useConnection());
  return (
    <div role="status">
      {connection === "reconnecting" && (
        <span className="inline-flex items-center gap-2 rounded-full bg-warn-wash px-3 py-1 font-medium text-row text-warn">
          <RefreshCw aria-hidden className="size-3.5 animate-spin" />
          {words.connection.reconnecting}
        </span>
      )}
      {connection === "offline" && (
        <span className="inline-flex items-center gap-2 rounded-full bg-bad-wash px-3 py-1 font-medium text-bad text-row">
          <CloudOff aria-hidden className="size-3.5" />
          {words.connection.offline}
        </span>
      )}
    </div>
  );
}

function useSteady(connection: Connection): Connection {
  const [steady, setSteady] = useState(connection);
  useEffect(() => {
    const timer = setTimeout(() => setSteady(connection), connection === "reconnecting" ? 1000 : 0);
    return () => clearTimeout(timer);
  }, [connection]);
  return steady;
}
