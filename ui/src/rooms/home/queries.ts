import { queryOptions } from "@tanstack/react-query";
import { api, take } from "../../api/client.ts";

/** What happens outdates it; what doesn't happen any more is seen by looking again. */
export const homeQuery = queryOptions({ queryKey: ["home"], queryFn: () => take(api.GET("/api/home")), refetchInterval: 5_000 });
