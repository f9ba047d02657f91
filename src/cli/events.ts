/** `vipair events`: what the daemon told lately, and with `--follow` what it tells from now on. */
import { askEvents } from '../api/client.js';
import type { RecordedEvent } from '../telemetry/recorded-event.js';
import { isLimitRight, reportFailure, socketOf } from './asking.js';
import type { EventsAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { bad, doubtful, strong } from './paint.js';
import type { OutputForm } from './terminal.js';
import { complain, print, whenUnread } from './terminal.js';

/** A follower goes on until `interrupted`, nobody reads what it prints, or the daemon is gone. */
export async function events(asked: EventsAsked, interrupted: AbortSignal): Promise<ExitCode> {
  if (!isLimitRight(asked.limit)) {
    return EXIT.usage;
  }
  const socket = socketOf(asked);
  const unread = new AbortController();
  whenUnread(() => {
    unread.abort();
  });
  const enough = AbortSignal.any([interrupted, unread.signal]);
  let after: Parameters<typeof askEvents>[1]['after'];
  for (;;) {
    const limit = after === undefined ? asked.limit : MOST_AT_ONCE;
    const answer = await askEvents(socket, { after, limit }, enough);
    if (enough.aborted) {
      return EXIT.ok;
    }
    if (!answer.ok) {
      return reportFailure(answer.error, asked.form);
    }
    const { epoch, last, missed } = answer.value;
    if (missed > 0) {
      complain(`${String(missed)} events came faster than they were read, and are lost`);
    }
    for (const event of answer.value.events) {
      print(renderEvent(event, asked.form));
    }
    if (asked.mode === 'once') {
      return EXIT.ok;
    }
    after = { number: last, epoch };
  }
}

const MOST_AT_ONCE = 200;
const HEAD: ReadonlySet<string> = new Set(['number', 'at', 'level', 'event']);

/** One line, as JSON or for people. */
export function renderEvent(event: RecordedEvent, form: OutputForm): string {
  if (form === 'json') {
    return JSON.stringify(event);
  }
  const fields = Object.entries(event)
    .filter(([key]) => !HEAD.has(key))
    .map(([key, value]) => `${key}=${valueText(value)}`);
  return [time(event.at), paintLevel(event.level), strong(event.event), ...fields].join('  ');
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[^\s"=]+$/u.test(text) ? text : JSON.stringify(value);
}

function paintLevel(level: RecordedEvent['level']): string {
  const padded = level.padEnd(LEVEL_WIDTH);
  if (level === 'error') {
    return bad(padded);
  }
  return level === 'warn' ? doubtful(padded) : padded;
}

const LEVEL_WIDTH = 5;

function time(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '');
}
