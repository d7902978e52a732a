import { checks } from "./gate/checks.ts";
import { conclude } from "./gate/verdict.ts";

conclude(await checks());
