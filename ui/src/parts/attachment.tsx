import Download from "lucide-react/icons/download";
import FileIcon from "lucide-react/icons/file";
import FileX from "lucide-react/icons/file-x";
import { useEffect, useRef, useState } from "react";
import type { Schemas } from "../api/client.ts";
import { showHidden } from "../words/hidden-text.ts";
import { locale } from "../words/language.ts";
import { words } from "../words/words.ts";
import { Chip } from "./chip.tsx";

export type FilePart = Extract<Schemas["Part"], { source: unknown }>;

interface AttachmentProps {
  /** The id of the message that holds it. */
  readonly message: string;
  readonly part: FilePart;
}

/** What somebody sent: a link that saves it, and a look at pictures that can be nothing but pictures. */
export function Attachment({ message, part }: AttachmentProps) {
  const { source } = part;
  const name = part.name === undefined ? words.messages.kinds[part.type] : showHidden(part.name);
  const about =
    source.at === "nowhere"
      ? words.messages.lost(source.reason)
      : [source.mediaType, source.size === undefined ? undefined : bytes(source.size)].filter(Boolean).join(" · ");
  const text = (
    <>
      <span dir="auto" className="break-words font-medium">
        {name}
      </span>{" "}
      <span className="text-faint">{showHidden(about)}</span>
    </>
  );
  return (
    <div className="grid gap-1.5">
      {source.at === "store" ? (
        <>
          {previewed.has(source.mediaType) && source.size <= longestPreview && (
            <Preview address={addressOf(message, source.id)} mediaType={source.mediaType} name={name} />
          )}
          <a href={addressOf(message, source.id)} download className="max-w-full justify-self-start rounded-control hover:bg-hover">
            <Chip icon={<Download aria-hidden />}>
              <span className="sr-only">{words.messages.save} </span>
              {text}
            </Chip>
          </a>
        </>
      ) : (
        <Chip icon={source.at === "nowhere" ? <FileX aria-hidden /> : <FileIcon aria-hidden />}>{text}</Chip>
      )}
      {part.caption && (
        <p dir="auto" className="whitespace-pre-wrap">
          {showHidden(part.caption)}
        </p>
      )}
    </div>
  );
}

/** Pictures without scripts, links or markup; the type is told from the bytes, not from the sender. */
const previewed = new Set(["image/png", "image/jpeg", "image/webp", "image/gif"]);
const longestPreview = 8_000_000;

function addressOf(message: string, file: string): string {
  return `/api/messages/${encodeURIComponent(message)}/files/${encodeURIComponent(file)}`;
}

/**
 * The gateway only ever offers the file to be saved; its bytes become a picture of our own making. Fetched when it comes
 * into sight. Its height is the same before and after, so that nothing moves under a reader.
 */
function Preview({ address, mediaType, name }: { readonly address: string; readonly mediaType: string; readonly name: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [picture, setPicture] = useState<string>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const gone = new AbortController();
    let made: string | undefined;
    const load = async () => {
      try {
        const response = await fetch(address, { signal: gone.signal });
        if (!response.ok) throw new Error(response.statusText);
        const data = await response.arrayBuffer();
        if (gone.signal.aborted) return;
        made = URL.createObjectURL(new Blob([data], { type: mediaType }));
        setPicture(made);
      } catch {
        // The link below stays, and says why when it is followed.
        if (!gone.signal.aborted) setFailed(true);
      }
    };
    const sight = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        sight.disconnect();
        void load();
      },
      { rootMargin: "400px", scrollMargin: "400px" },
    );
    if (box.current) sight.observe(box.current);
    return () => {
      sight.disconnect();
      gone.abort();
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [address, mediaType]);

  if (failed) return null;
  return (
    <div ref={box} className="h-48 max-w-full overflow-hidden rounded-control">
      {picture && <img src={picture} alt={name} className="h-full max-w-full object-contain object-left" onError={() => setFailed(true)} />}
    </div>
  );
}

function bytes(size: number): string {
  const unit = size < 1000 ? "byte" : size < 1_000_000 ? "kilobyte" : "megabyte";
  const value = unit === "byte" ? size : unit === "kilobyte" ? size / 1000 : size / 1_000_000;
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 }).format(value);
}
