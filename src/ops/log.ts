import { pino } from "pino";
import type { Log, LogFields } from "../core/log.ts";
import { escapeControls } from "./controls.ts";
import { plainFields } from "./log-fields.ts";
import { prettyLine } from "./log-pretty.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogParts {
  readonly level: LogLevel;
  /** Takes every known secret out of a finished line. */
  readonly mask: (text: string) => string;
  /** Where lines go, each with its end; standard error if absent. */
  readonly write?: (line: string) => void;
  /** For people instead of machines; when absent it is so on a terminal. */
  readonly pretty?: boolean;
}

export interface LogControl {
  readonly log: Log;
  /** From now on, for every log made from this one too. */
  setLevel(level: LogLevel): void;
}

const rank: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * One JSON object a line: `level`, `time`, the fields, `event`. What can break a line or steer a terminal is escaped,
 * and the mask sees the line as it goes out, so that no way round it is left.
 */
export function createLog(parts: LogParts): LogControl {
  let least = rank[parts.level];
  const pretty = parts.pretty ?? process.stderr.isTTY === true;
  const write = parts.write ?? toStandardError();
  const stream = {
    write(line: string) {
      // JSON escapes only what is below U+0020.
      const safe = `${escapeControls(parts.mask(line.trimEnd()))}\n`;
      write(pretty ? prettyLine(safe) : safe);
    },
  };
  const options = {
    level: "debug",
    base: null,
    messageKey: "event",
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (level: string) => ({ level }) },
  };
  return {
    log: wrap(pino(options, stream), () => least, parts.mask),
    setLevel: (level) => {
      least = rank[level];
    },
  };
}

type Lines = Pick<pino.Logger, LogLevel> & { child(fields: object): Lines };

function wrap(lines: Lines, least: () => number, mask: LogParts["mask"]): Log {
  const at =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}) => {
      if (rank[level] >= least()) lines[level](plainFields(fields, mask), event);
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => wrap(lines.child(plainFields(fields, mask)), least, mask),
  };
}

function toStandardError(): (line: string) => void {
  const destination = pino.destination({ dest: 2, sync: true });
  // Nobody reads any more (a closed pipe): the gateway goes on without its log.
  destination.on("error", () => {});
  return (line) => void destination.write(line);
}
