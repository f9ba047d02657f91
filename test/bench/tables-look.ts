/** Looks whether a row has arrived at a node's HAProxy, and how many it has. */
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { askHaproxy } from '../../src/lab/haproxy-socket.js';
import type { LabNode } from '../../src/lab/node.js';
import { readTableSizes } from '../../src/lab/persistence/table-rows.js';

const ONE_CONNECTION = { keepAlive: true, maxSockets: 1 } as const;
const LOOK_EVERY_MS = 4;

/** Asks over one connection that stays. */
export class Asker {
  readonly #agent = new Agent(ONE_CONNECTION);
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** The body of the answer, which is short. */
  ask(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const asked = get({ socketPath: this.#socketPath, agent: this.#agent, path }, (response) => {
        let body = '';
        response.setEncoding('latin1');
        response.on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => {
          resolve(body);
        });
      });
      asked.on('error', reject);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** From the answer of the node where the row is made until the other one has it, in milliseconds; at most `most`. */
export async function lagOf(
  key: string,
  { here, there, most }: { readonly here: Asker; readonly there: Asker; readonly most: number },
): Promise<number> {
  await here.ask(`/${key}`);
  const madeAt = performance.now();
  for (;;) {
    const count = await there.ask(`/${key}`);
    const lag = performance.now() - madeAt;
    if (count !== '0' || lag >= most) {
      return Math.min(lag, most);
    }
    // Ever more seldom, so that looking costs little where there is much to wait for.
    if (lag > LOOK_EVERY_MS) {
      await sleep(Math.min(LOOK_EVERY_MS, lag / LOOK_EVERY_MS));
    }
  }
}

/** Undefined where HAProxy does not answer. */
export async function rowsIn(node: LabNode, table: string): Promise<number | undefined> {
  const answer = await askHaproxy(node, 'show table');
  return answer.ok ? readTableSizes(answer.value).get(table) : undefined;
}

/** Resolves with what the clock said when it was so; fails when that takes longer than `withinMs`. */
export async function until(
  what: string,
  isSo: () => Promise<boolean>,
  withinMs: number,
): Promise<number> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    if (await isSo()) {
      return performance.now();
    }
    if (performance.now() > giveUpAt) {
      throw new Error(`not within ${String(withinMs)} ms: ${what}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}
