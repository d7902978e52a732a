import type { Dialect } from "../core/dialect.ts";
import { htmlOf } from "./html.ts";
import { plain } from "./plain.ts";

/**
 * Matrix's `org.matrix.custom.html`: only tags and attributes of
 * https://spec.matrix.org/v1.16/client-server-api/#mroommessage-msgtypes are written. `visible` is the event's `body`, for
 * programs that show no HTML.
 */
export const matrixHtml: Dialect = {
  name: "matrix-html",
  render: (tree) => ({ text: htmlOf(tree, { attributes: {}, languages: true }), visible: plain.render(tree).text }),
};
