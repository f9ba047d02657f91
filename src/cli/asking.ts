/** What commands that ask a running daemon have in common: where it listens, and what to say when it does not. */
import type { ApiFailure } from '../api/client.js';
import { MOST_ENTRIES } from '../api/contract.js';
import type { Refusal } from '../telemetry/refusal.js';
import type { Asked } from './commands.js';
import { readConfig } from './configuration.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import type { OutputForm } from './terminal.js';
import { complain, printJson } from './terminal.js';

const DEFAULT_SOCKET = '/run/vipair/control.sock';

/** The flag wins over the file, and a file that is not there means the default. */
export function socketOf({ socket, config }: Asked): string {
  if (socket !== undefined) {
    return socket;
  }
  const read = readConfig(config);
  return read.ok ? read.value.runtime.controlSocket : DEFAULT_SOCKET;
}

/** A limit that cannot be asked for is wrong usage; this says so. */
export function isLimitRight(limit: number): boolean {
  const right = Number.isInteger(limit) && limit >= 1 && limit <= MOST_ENTRIES;
  if (!right) {
    complain(`vipair: --limit: expected a whole number from 1 to ${String(MOST_ENTRIES)}`);
  }
  return right;
}

export function reportFailure(failure: ApiFailure, form: OutputForm): ExitCode {
  const detail = failure.code === 'refused' ? failure.refusal.detail : failure.detail;
  if (form === 'json') {
    const error = failure.code === 'refused' ? failure.refusal : failure;
    printJson({ error });
  } else {
    complain(failure.code === 'no-daemon' ? `no daemon answers: ${detail}` : detail);
    for (const problem of failure.code === 'refused' ? (failure.refusal.problems ?? []) : []) {
      complain(problem);
    }
  }
  switch (failure.code) {
    case 'no-daemon':
      return EXIT.noDaemon;
    case 'refused':
      return codeOf(failure.refusal);
    case 'bad-answer':
      return EXIT.failed;
    default:
      return failure satisfies never;
  }
}

function codeOf({ code }: Refusal): ExitCode {
  if (code === 'configuration') {
    return EXIT.configuration;
  }
  // What the command line says means nothing, whatever the daemon does.
  return code === 'not-an-intent' ? EXIT.usage : EXIT.refused;
}
