/** `vipair proxy reload`: HAProxy on this node reads its configuration anew. */
import { askProxyReload } from '../api/client.js';
import { reportFailure, socketOf } from './asking.js';
import type { Asked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { print, printJson } from './terminal.js';

export async function reloadProxy(asked: Asked): Promise<ExitCode> {
  const answer = await askProxyReload(socketOf(asked));
  if (!answer.ok) {
    return reportFailure(answer.error, asked.form);
  }
  const { node, tookMs } = answer.value;
  if (asked.form === 'json') {
    printJson(answer.value);
  } else {
    print(`HAProxy on ${node} was reloaded: its new worker serves (${tookMs.toFixed(0)} ms)`);
  }
  return EXIT.ok;
}
