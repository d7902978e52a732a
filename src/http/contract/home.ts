import { get } from "../endpoint.ts";
import * as home from "../schema/home.ts";

/** The front room. */
export const homeGroup = {
  home: get("/api/home", "viewer", "How it goes now and went in the last hour, in figures.", { answer: home.Home }),
};
