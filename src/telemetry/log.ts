/** The log: one JSON line an event, through pino, into a destination that never blocks the process that elects. */
import { pino } from 'pino';
import type { Log, LogEvent } from './events.js';
import { levelOf } from './events.js';

/** Where lines go. Pino's own destination writes synchronously when the process ends, for ever where that fails. */
export interface LogDestination {
  /** Never blocks, never throws: a reader that does not keep up loses lines, never the daemon its time. */
  write(text: string): void;
}

export function openLog(
  fields: Readonly<Record<string, string>>,
  destination: LogDestination,
): Log {
  const logger = pino(
    {
      base: fields,
      timestamp: pino.stdTimeFunctions.isoTime,
      level: 'debug',
      formatters: { level: (level) => ({ level }) },
    },
    destination,
  );
  return {
    tell: (event: LogEvent) => {
      const { event: name, ...rest } = event;
      logger[levelOf(event)]({ event: name, ...rest });
    },
  };
}
