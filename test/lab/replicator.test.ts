/** Two replicators and two HAProxies, without daemons: rows go over and come back, whatever is restarted, killed or frozen. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TablesReport } from '../../src/telemetry/tables.js';
import { HaproxyWithPeers } from '../contract/haproxy-with-peers.js';

type NodeName = 'lb1' | 'lb2';

const ADDRESSES = { lb1: '127.0.9.1', lb2: '127.0.9.2' } as const;
const OTHER = { lb1: 'lb2', lb2: 'lb1' } as const;
const KEY = Buffer.alloc(32, 7).toString('base64');
/** HAProxy dials again every 5 s, and a frozen replicator is given up after as long. */
const PATIENCE_MS = 25_000;

let lastPort = 20_000 + (process.pid % 20_000);

/** One node: its HAProxy and its replicator. */
class Side {
  readonly name: NodeName;
  readonly haproxy: HaproxyWithPeers;
  report: TablesReport | undefined;
  #replicator: ChildProcess | undefined;
  readonly #port: number;

  constructor(name: NodeName, port: number) {
    this.name = name;
    this.#port = port;
    this.haproxy = new HaproxyWithPeers(name, OTHER[name]);
  }

  /** Resolves when HAProxy can dial it. */
  async replicate(): Promise<void> {
    const child = spawn(process.execPath, ['dist/main.js', 'replicator'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const orders = {
      node: this.name,
      peer: OTHER[this.name],
      address: ADDRESSES[this.name],
      peerAddress: ADDRESSES[OTHER[this.name]],
      port: this.#port,
      keys: [KEY],
      peersSocket: this.haproxy.peersSocket,
      tables: 'all',
      snapshot: { file: `${this.haproxy.peersSocket}.kept/snapshot`, every: 2000 },
    };
    child.stdin.write(`${JSON.stringify(orders)}\n`);
    child.stdin.on('error', () => undefined);
    this.report = undefined;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { readonly report?: TablesReport };
      if (child === this.#replicator) {
        this.report = said.report ?? this.report;
      }
    });
    this.#replicator = child;
    await until(`${this.name} reports`, () => this.report !== undefined);
  }

  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#replicator?.kill(signal);
  }

  async put(key: string, value: number): Promise<void> {
    await this.haproxy.ask(`set table users key ${key} data.http_req_cnt ${String(value)}`);
  }

  /** Keys and values that HAProxy holds, in order. */
  async rows(): Promise<readonly string[]> {
    const text = await this.haproxy.ask('show table users').catch(() => '');
    return [...text.matchAll(/key=(\S+) .*http_req_cnt=(\d+)/gu)]
      .map(([, key, value]) => `${key ?? ''}=${value ?? ''}`)
      .toSorted();
  }

  async stop(): Promise<void> {
    const child = this.#replicator;
    child?.kill('SIGKILL');
    await this.haproxy.remove();
  }
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += 20) {
    if (await holds()) {
      return;
    }
    await sleep(20);
  }
  throw new Error(`not within ${String(PATIENCE_MS)} ms: ${what}`);
}

describe('two replicators', () => {
  let sides: readonly [Side, Side];

  beforeEach(async () => {
    lastPort += 1;
    sides = [new Side('lb1', lastPort), new Side('lb2', lastPort)];
    await Promise.all(sides.map((side) => side.replicate()));
    for (const { haproxy } of sides) {
      haproxy.start('worker');
    }
    await ready();
  });

  afterEach(async () => {
    await Promise.all(sides.map((side) => side.stop()));
  });

  function ready(): Promise<void> {
    return until('both are complete', () =>
      sides.every(({ report }) => report?.complete === true && report.proxy.state === 'up'),
    );
  }

  async function bothHold(...rows: readonly string[]): Promise<void> {
    const wanted = rows.toSorted().join();
    const held = ['', ''];
    await until(`both hold ${wanted}, not ${held.join(' and ')}`, async () => {
      const all = await Promise.all(sides.map((side) => side.rows()));
      return all.every((each) => each.join() === wanted);
    });
  }

  /** Both mirrors have been compared, of what there is now. */
  async function verified(): Promise<void> {
    const since = Date.now();
    await until('both are verified', () =>
      sides.every(({ report }) =>
        report?.tables.some(
          ({ name, verified: { verdict, at = 0 } }) =>
            name === 'users' && verdict === 'equal' && at > since,
        ),
      ),
    );
  }

  it('carry rows both ways, the later one of two wins on both nodes, and digests agree', async () => {
    const [one, two] = sides;
    await one.put('ann', 1);
    await two.put('bob', 2);
    await bothHold('ann=1', 'bob=2');
    await two.put('ann', 3);
    await bothHold('ann=3', 'bob=2');
    await verified();
    expect(one.report?.refused).toEqual([]);
  });

  it('give a killed HAProxy all its rows back, and a reloaded one keeps them', async () => {
    const [one, two] = sides;
    await one.put('ann', 1);
    await two.put('bob', 2);
    await bothHold('ann=1', 'bob=2');
    await two.haproxy.kill();
    await until('it is known to be gone', () => two.report?.proxy.state === 'unconnected');
    await one.put('cid', 3);
    two.haproxy.start('worker');
    await bothHold('ann=1', 'bob=2', 'cid=3');
    const pid = one.report?.proxy.pid;
    one.haproxy.reload();
    await until('a new worker comes', () => ![undefined, pid].includes(one.report?.proxy.pid));
    await two.put('dan', 4);
    await bothHold('ann=1', 'bob=2', 'cid=3', 'dan=4');
    await verified();
  });

  it('both HAProxies may be restarted one after the other', async () => {
    const [one, two] = sides;
    await one.put('ann', 1);
    await two.put('bob', 2);
    await bothHold('ann=1', 'bob=2');
    for (const side of sides) {
      await side.haproxy.kill();
      side.haproxy.start('worker');
      await bothHold('ann=1', 'bob=2');
    }
    await verified();
  });

  it('both nodes may lose their power: what was kept is back', async () => {
    await sides[0].put('ann', 1);
    await sides[1].put('bob', 2);
    await bothHold('ann=1', 'bob=2');
    await sleep(4000);
    for (const side of sides) {
      side.signal('SIGKILL');
      await side.haproxy.kill();
    }
    for (const side of sides) {
      await side.replicate();
      side.haproxy.start('worker');
    }
    await bothHold('ann=1', 'bob=2');
    await ready();
    await verified();
    expect(sides.map(({ report }) => report?.refused)).toEqual([[], []]);
  });

  it('may be killed themselves: what changed meanwhile on either node is there afterwards', async () => {
    const [one, two] = sides;
    await one.put('ann', 1);
    await bothHold('ann=1');
    for (const [index, side] of [one, two].entries()) {
      side.signal('SIGKILL');
      await until('the other knows', () => sides[1 - index]?.report?.link.state === 'down');
      await one.put(`here${String(index)}`, 1);
      await two.put(`there${String(index)}`, 2);
      await two.put('ann', 10 + index);
      await side.replicate();
      await ready();
    }
    await bothHold('ann=11', 'here0=1', 'here1=1', 'there0=2', 'there1=2');
    await verified();
  });

  it('may be frozen for so long that the link is given up, and catch up', async () => {
    const [one, two] = sides;
    await one.put('ann', 1);
    await bothHold('ann=1');
    two.signal('SIGSTOP');
    await until('the link is given up', () => one.report?.link.state === 'down');
    await one.put('ann', 2);
    await one.put('bob', 2);
    await two.put('cid', 3);
    two.signal('SIGCONT');
    await bothHold('ann=2', 'bob=2', 'cid=3');
    await ready();
    await verified();
  });
});
