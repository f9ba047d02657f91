/** The log: one JSON line an event, through pino, into a destination that never blocks the process that elects. */
import { pino } from 'pino';
import type { Log, LogEvent } from './events.js';
import { levelOf } from './events.js';

/** Where lines go. Pino's own destination writes synchronously when the process ends, for ever where that fails. */
export interface LogDestination {
  /** Never blocks, never throws: a reader that does not keep up loses lines, never the daemon its time. */
  write(text: string): void;
  /** Lines lost since the start. */
  readonly lost: number;
  /** Whether what is written now will go out, so that it makes sense to tell what was lost. */
  readonly flows: boolean;
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
  let lostTold = 0;
  const put = (event: LogEvent): void => {
    const { event: name, ...rest } = event;
    logger[levelOf(event)]({ event: name, ...rest });
  };
  return {
    tell: (event) => {
      if (destination.flows && destination.lost > lostTold) {
        lostTold = destination.lost;
        put({ event: 'log.lost', lines: lostTold });
      }
      put(event);
    },
  };
}
