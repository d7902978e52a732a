import { createParser, type EventSourceMessage, type ParseError } from "eventsource-parser";

/** Characters of one event at most: past that the stream is not what it claims to be. */
const longest = 8 * 1024 * 1024;

/**
 * Turns bytes into server-sent events, however they are cut: inside a character, a line end or an event. Those with empty
 * data, which proxies send to keep a connection open, are left out: no API of ours says anything by them. Throws
 * ParseError when one event grows past 8 MiB. https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function eventReader(): (bytes: Uint8Array) => readonly EventSourceMessage[] {
  const decoder = new TextDecoder();
  let events: EventSourceMessage[] = [];
  const onError = (error: ParseError) => {
    if (error.type === "max-buffer-size-exceeded") throw error; // the others are lines that mean nothing
  };
  const onEvent = (event: EventSourceMessage) => {
    if (event.data) events.push(event);
  };
  const parser = createParser({ maxBufferSize: longest, onError, onEvent });
  return (bytes) => {
    parser.feed(decoder.decode(bytes, { stream: true }));
    // A stream may stand still for long: what was read of it mustn't stay with the reader.
    const read = events;
    events = [];
    return read;
  };
}
