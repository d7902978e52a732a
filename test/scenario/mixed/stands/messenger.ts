import { page } from "../page.ts";
import { standOf } from "../stand.ts";

export default standOf(70, page("messenger"));
