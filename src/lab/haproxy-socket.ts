/** HAProxy's own socket on a lab node, spoken to as an operator does who knows nothing of vipair. */
import { connect } from 'node:net';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import { readProcessInfo } from '../wire/haproxy/process-info.js';
import type { ServerState } from '../wire/haproxy/servers-state.js';
import { readServersState } from '../wire/haproxy/servers-state.js';
import type { LabFailure } from './failure.js';
import type { LabNode } from './node.js';

const ANSWERS_WITHIN = millis(2_000);
const MOST_CHARACTERS = 1 << 20;

/** One command, and all of its answer. */
export function askHaproxy(node: LabNode, command: string): Promise<Result<string, LabFailure>> {
  const path = node.proxySocket;
  return new Promise((resolve) => {
    const socket = connect(path);
    let answer = '';
    socket.setEncoding('utf8');
    socket.setTimeout(ANSWERS_WITHIN, () => {
      socket.destroy(new Error(`no answer within ${String(ANSWERS_WITHIN)} ms`));
    });
    socket.on('data', (text: string) => {
      answer = (answer + text).slice(0, MOST_CHARACTERS);
    });
    socket.on('end', () => {
      resolve(ok(answer));
    });
    socket.on('error', (error) => {
      resolve(fail({ code: 'not-ready', detail: `${path}: ${error.message}` }));
    });
    socket.write(`${command}\n`);
  });
}

/** The pid of the worker that answers there; undefined where none does. */
export async function proxyWorker(node: LabNode): Promise<number | undefined> {
  const answer = await askHaproxy(node, 'show info');
  return answer.ok ? readProcessInfo(answer.value).worker : undefined;
}

/** How HAProxy on a node uses a server; undefined where it does not answer, or has no such server. */
export async function serverOn(node: LabNode, name: string): Promise<ServerState | undefined> {
  const answer = await askHaproxy(node, 'show servers state');
  // Without a prompt the answer ends in an empty line more.
  const servers = answer.ok ? readServersState(answer.value) : undefined;
  return servers?.ok === true ? servers.value.find((each) => each.name === name) : undefined;
}
