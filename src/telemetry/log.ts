/** The log: one JSON line an event, through pino, written without ever blocking the process that elects. */
import { destination, pino } from 'pino';
import type { Log, LogEvent } from './events.js';
import { levelOf } from './events.js';

/** A log on standard output. A reader that does not keep up loses lines, never the daemon its time. */
export function openLog(fields: Readonly<Record<string, string>>): Log & { flush(): void } {
  const out = destination({ dest: STDOUT, sync: false, maxLength: MOST_BUFFERED });
  const logger = pino(
    {
      base: fields,
      timestamp: pino.stdTimeFunctions.isoTime,
      level: 'debug',
      formatters: { level: (level) => ({ level }) },
    },
    out,
  );
  return {
    tell: (event: LogEvent) => {
      const { event: name, ...rest } = event;
      logger[levelOf(event)]({ event: name, ...rest });
    },
    flush: () => {
      try {
        out.flushSync();
      } catch {
        // The reader is gone, or nothing was ever written: there is nobody left to tell.
      }
    },
  };
}

const STDOUT = 1;
/** Bytes waiting for a slow reader; what comes after is dropped. */
const MOST_BUFFERED = 1024 * 1024;
