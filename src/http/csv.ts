import { stringify } from "csv-stringify/sync";

export type Cell = string | number | undefined;

/** What spreadsheets on some systems need to take the bytes for UTF-8. */
const byteOrderMark = "\ufeff";

/**
 * A file of comma-separated values (https://www.rfc-editor.org/rfc/rfc4180) as it is read: the next rows are asked for when
 * the reader has taken the ones before, and no more once he is gone. A cell that a spreadsheet would take for a formula
 * begins with an apostrophe (https://owasp.org/www-community/attacks/CSV_Injection). When a page can't be had, `failed` hears why
 * and has to end the connection: a file that ends well would be taken for whole.
 */
export function csvResponse(
  name: string,
  header: readonly string[],
  pages: AsyncGenerator<readonly (readonly Cell[])[]>,
  { mark, failed }: { readonly mark: boolean; readonly failed: (cause: unknown) => void },
): Response {
  const encode = new TextEncoder();
  const lines = (rows: readonly (readonly Cell[])[]) =>
    encode.encode(stringify(rows as Cell[][], { escape_formulas: true, record_delimiter: "windows" }));
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (mark) controller.enqueue(encode.encode(byteOrderMark));
      controller.enqueue(lines([header]));
    },
    async pull(controller) {
      // A page may be empty; whoever waits must get something before he is asked again.
      try {
        for (;;) {
          const next = await pages.next();
          if (next.done) return controller.close();
          if (next.value.length > 0) return controller.enqueue(lines(next.value));
        }
      } catch (thrown) {
        // Whom the stream would pass it on to prints it, past the log and its mask, and sends it to the reader.
        failed(thrown);
        controller.close();
      }
    },
    async cancel() {
      await pages.return(undefined);
    },
  });
  const headers = {
    "content-type": "text/csv; charset=utf-8; header=present",
    "content-disposition": `attachment; filename="${name}"`,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
  return new Response(body, { headers });
}
