/** What operators want of HAProxy's servers: through the command line and HAProxy's own socket, on both nodes, for good. */
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import { askHaproxy, serverOn } from '../../src/lab/haproxy-socket.js';
import type { IntentSeen } from '../../src/lab/intent.js';
import { INTENT_STEPS } from '../../src/lab/intent-steps.js';
import type { NodeName } from '../../src/lab/topology.js';
import { NODE_NAMES, otherNode } from '../../src/lab/topology.js';
import type { ServersAnswer } from '../../src/telemetry/servers.js';
import {
  mayRaiseLabs,
  must,
  pause,
  removeLeftOvers,
  Rig,
  run,
  TENTH,
  value,
  vipair,
} from './rig.js';

/** Two looks at the servers, with room for a machine that does other work too. */
const NOTICED_WITHIN_MS = 1_500;

describe.skipIf(!mayRaiseLabs)('what operators want of servers', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('intent', { advertInterval: TENTH, pairChannel: 'open' });
    await channelUp();
  });

  afterAll(async () => {
    await rig.remove();
  });

  async function channelUp(): Promise<void> {
    for (const name of NODE_NAMES) {
      await rig.soon(
        `the channel of ${name}`,
        async () => (await rig.status(name)).pair?.state === 'up',
      );
    }
  }

  async function usage(name: NodeName, server: string): Promise<string> {
    const seen = await serverOn(rig.node(name), server);
    return seen === undefined ? 'none' : `${seen.forced} ${String(seen.weight)}`;
  }

  async function bothUse(server: string, how: string, withinMs?: number): Promise<void> {
    for (const name of NODE_NAMES) {
      await rig.soon(
        `${server} on ${name}: ${how}`,
        async () => (await usage(name, server)) === how,
        withinMs,
      );
    }
  }

  const server = (name: NodeName, ...args: readonly string[]) =>
    rig.vipair('server', ...args, '-c', rig.configOf(name));

  async function list(name: NodeName): Promise<ServersAnswer> {
    const told = await server(name, 'list', '--json');
    expect(told.exit).toBe(EXIT.ok);
    return JSON.parse(told.stdout) as ServersAnswer;
  }

  async function restart(name: NodeName, meanwhile: () => void = () => undefined): Promise<void> {
    value(await rig.node(name).stopEngine('hand-over'));
    meanwhile();
    value(await rig.node(name).startEngine());
    await rig.settled();
    await channelUp();
  }

  it('drains and weighs on both nodes, from either', async () => {
    expect((await server('lb1', 'drain', 'web/web1')).exit).toBe(EXIT.ok);
    expect((await server('lb2', 'weight', 'web/web2', '50')).exit).toBe(EXIT.ok);
    await bothUse('web/web1', 'drain 1', NOTICED_WITHIN_MS);
    await bothUse('web/web2', 'ready 50', NOTICED_WITHIN_MS);
    for (const name of NODE_NAMES) {
      const { servers, kept, problem } = await list(name);
      expect([kept, problem]).toEqual(['on disk', undefined]);
      expect(servers).toMatchObject([
        { name: 'web/web1', admin: { value: 'drain', node: 'lb1', here: 'agrees' } },
        { name: 'web/web2', weight: { value: '50', node: 'lb2', here: 'agrees' } },
      ]);
    }
    const shown = await server('lb2', 'list');
    expect(shown.stdout).toMatch(/web\/web1 +running +drain +1 .*drain +lb1 /u);
    expect((await server('lb2', 'ready', 'web/web1')).exit).toBe(EXIT.ok);
    expect((await server('lb1', 'weight', 'web/web2', '100%')).stdout).toContain(
      'web/web2: weight 100%, and HAProxy on this node has it so',
    );
    await bothUse('web/web1', 'ready 1');
    await bothUse('web/web2', 'ready 1');
  });

  it('notices what is said to HAProxy itself within a second, on either node', async () => {
    for (const [name, state] of [
      ['lb1', 'maint'],
      ['lb2', 'ready'],
    ] as const) {
      value(await askHaproxy(rig.node(name), `set server web/web1 state ${state}`));
      await bothUse('web/web1', `${state} 1`, NOTICED_WITHIN_MS);
      const row = (await list(otherNode(name))).servers[0];
      expect(row).toMatchObject({ admin: { value: state, node: name } });
    }
  });

  it('says which servers there are where none of that name is, and changes nothing', async () => {
    const unknown = await server('lb1', 'drain', 'web/wbe1');
    expect(unknown.exit).toBe(EXIT.refused);
    expect(unknown.stderr).toContain('did you mean web/web1');
    const wrong = await server('lb1', 'weight', 'web/web1', 'heavy');
    expect([wrong.exit, wrong.stderr]).toEqual([
      EXIT.usage,
      expect.stringContaining('expected a weight from 0 to 256'),
    ]);
    expect((await server('lb1', 'drain')).exit).toBe(EXIT.usage);
    expect((await server('lb1')).exit).toBe(EXIT.usage);
    expect((await vipair('server', 'list', '--socket', '/nowhere')).exit).toBe(EXIT.noDaemon);
  });

  it('survives a half-written journal and a damaged one: said, and nothing invented', async () => {
    const { master, backup } = await rig.settled();
    const journal = `${rig.node(backup).files.vipairStateDirectory}/intents.jsonl`;
    expect((await server(backup, 'drain', 'web/web1')).exit).toBe(EXIT.ok);
    expect((await server(backup, 'drain', 'web/web2')).exit).toBe(EXIT.ok);
    // The other node would tell it all again.
    value(await rig.node(master).stopEngine('for-good'));
    const mark = rig.events(backup).length;
    value(await rig.node(backup).stopEngine('hand-over'));
    value(await rig.node(backup).stopProxy());
    truncateSync(journal, readFileSync(journal).length - 30);
    appendFileSync(journal, '\n{"sum":"000000000000","entry":{"kind":"register"}}\n\u0000\n');
    value(await rig.node(backup).startEngine());
    await rig.soon('HAProxy', async () => (await usage(backup, 'web/web1')) === 'drain 1');
    expect(await usage(backup, 'web/web2')).toBe('ready 1');
    const skipped = rig.eventsSince(backup, mark).find(({ event }) => event === 'intent.skipped');
    expect(skipped).toMatchObject({ level: 'warn', damaged: 3, unknown: 0 });
    // The other node knows better.
    value(await rig.node(master).startEngine());
    await bothUse('web/web2', 'drain 1');
    expect((await server(backup, 'ready', 'web/web2')).exit).toBe(EXIT.ok);
    expect((await server(backup, 'ready', 'web/web1')).exit).toBe(EXIT.ok);
    await bothUse('web/web2', 'ready 1');
    await rig.settled();
  });

  it('says a full disk, goes on in memory, and writes it when there is room', async () => {
    const { backup } = await rig.settled();
    await channelUp();
    const at = rig.node(backup).files.vipairStateDirectory;
    expect((await run('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'vipair-test', at])).exit).toBe(0);
    try {
      writeFileSync(`${at}/filler`, 'x'.repeat(4096));
      await restart(backup);
      const mark = rig.events(backup).length;
      const drained = await server(backup, 'drain', 'web/web1');
      expect(drained.exit).toBe(EXIT.ok);
      await bothUse('web/web1', 'drain 1');
      await rig.soon('the report', async () => (await list(backup)).kept === 'memory only');
      expect((await server(backup, 'list')).stdout).toContain('memory only');
      await run('mount', ['-o', 'remount,ro', at]);
      expect((await server(backup, 'weight', 'web/web1', '0')).exit).toBe(EXIT.ok);
      await pause(200);
      expect((await list(backup)).kept).toBe('memory only');
      await run('mount', ['-o', 'remount,rw,size=1m', at]);
      expect((await server(backup, 'weight', 'web/web1', '100%')).exit).toBe(EXIT.ok);
      await rig.soon('it to be kept', async () => (await list(backup)).kept === 'on disk');
      const events = rig.eventsSince(backup, mark).map(({ event }) => event);
      expect(events).toContain('intent.kept');
      expect(readFileSync(`${at}/intents.jsonl`, 'utf8')).toContain('"value":"drain"');
    } finally {
      await run('umount', [at]);
    }
    await restart(backup);
    expect((await server(backup, 'ready', 'web/web1')).exit).toBe(EXIT.ok);
    await bothUse('web/web1', 'ready 1');
  });

  it('keeps an intent of a server that HAProxy no longer has, and shows it as such', async () => {
    const { backup } = await rig.settled();
    expect((await server(backup, 'drain', 'web/web2')).exit).toBe(EXIT.ok);
    const config = rig.node(backup).files.haproxyConfig;
    const before = readFileSync(config, 'utf8');
    writeFileSync(config, before.replace('server web2', 'server web3'));
    try {
      rig.node(backup).strikeProxy('kill');
      await rig.soon('the other', async () => (await usage(backup, 'web/web3')) === 'ready 1');
      await rig.soon('the row', async () => {
        const row = (await list(backup)).servers.find(({ name }) => name === 'web/web2');
        return row?.here === undefined && row?.admin?.here === 'unknown';
      });
      expect((await server(backup, 'list')).stdout).toContain('HAProxy has no such server');
    } finally {
      writeFileSync(config, before);
      rig.node(backup).strikeProxy('kill');
    }
    await bothUse('web/web2', 'drain 1');
    expect((await server(backup, 'ready', 'web/web2')).exit).toBe(EXIT.ok);
  });
});

describe.skipIf(!mayRaiseLabs)('vipair lab intent', () => {
  beforeAll(removeLeftOvers);

  it('drains a server, and it is still drained after all that can happen', async () => {
    const told = await vipair('lab', 'intent', '--adverts', '100ms', '--json');
    expect(told.exit, told.stderr + told.stdout).toBe(EXIT.ok);
    const { steps } = JSON.parse(told.stdout) as { steps: readonly IntentSeen[] };
    expect(steps.map(({ step }) => step)).toEqual(INTENT_STEPS.map(({ name }) => name));
    const drained = must(
      steps.find(({ step }) => step === 'drained'),
      'the first step',
    );
    expect(drained.states).toEqual({ lb1: 'drain', lb2: 'drain' });
    expect(drained.afterMs).toBeLessThan(NOTICED_WITHIN_MS);
  });

  it('is not begun with an interval that is none', async () => {
    const refused = await vipair('lab', 'intent', '--adverts', 'often');
    expect(refused.exit).toBe(EXIT.usage);
    expect(refused.stderr).toContain('vipair lab intent: --adverts');
  });
});
