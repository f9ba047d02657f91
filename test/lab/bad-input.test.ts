/** A daemon that cannot start says why, touches nothing, and disturbs nobody. */
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import { processesIn } from '../../src/lab/namespace-processes.js';
import type { NodeName } from '../../src/lab/topology.js';
import type { CommandOutcome } from './rig.js';
import { mayRaiseLabs, ports, Rig, TENTH, value } from './rig.js';

describe.skipIf(!mayRaiseLabs)('a daemon that is started wrongly', () => {
  let rig: Rig;
  let master: NodeName;
  let backup: NodeName;

  beforeAll(async () => {
    rig = await Rig.raise('bad', { advertInterval: TENTH });
    ({ master, backup } = await rig.settled());
  });

  afterAll(async () => {
    await rig.remove();
  });

  /** Runs a daemon on the backup's node until it ends. */
  function tryDaemon(config: string, ...prefix: readonly string[]): Promise<CommandOutcome> {
    return rig.inside(backup, ...prefix, ...ports.vipair, 'daemon', '-c', config);
  }

  function writeConfig(name: string, text: string): string {
    const file = resolve(rig.node(backup).files.directory, name);
    writeFileSync(file, text);
    return file;
  }

  function configWith(edit: (text: string) => string): string {
    let edited = '';
    rig.editConfig(backup, (text) => {
      edited = edit(text);
      return text;
    });
    return writeConfig('edited.yaml', edited);
  }

  /** What lives in the node, and what its kernel holds. */
  async function traces(): Promise<unknown> {
    return {
      processes: processesIn(rig.namespace(backup)).map(
        ({ pid, name }) => `${String(pid)} ${name}`,
      ),
      addresses: await rig.told(backup, 'ip', '-br', 'address', 'show', 'dev', 'eth0'),
      rules: await rig.told(backup, 'nft', '-s', 'list', 'ruleset'),
    };
  }

  describe('beside one that runs', () => {
    it('names its pid, ends with 6, and leaves it alone', async () => {
      const { pid } = await rig.status(backup);
      const before = await traces();
      const second = await tryDaemon(rig.configOf(backup));
      expect(second.exit).toBe(EXIT.cannotStart);
      expect(second.stderr).toContain(
        `another vipair daemon runs on this node, pid ${String(pid)}`,
      );
      expect(await traces()).toEqual(before);
      expect(await rig.settled()).toEqual({ master, backup });
    });
  });

  describe('alone', () => {
    beforeAll(async () => {
      value(await rig.node(backup).stopEngine('for-good'));
    });

    it('tells every mistake of a configuration with file and line, and ends with 3', async () => {
      const before = await traces();
      const file = configWith((text) =>
        text.replace('vrid: 51', 'vrid: 300').replace('groups:', 'colour: blue\ngroups:'),
      );
      const outcome = await tryDaemon(file);
      expect(outcome.exit).toBe(EXIT.configuration);
      const lines = outcome.stderr.trimEnd().split('\n');
      expect(lines.length).toBeGreaterThanOrEqual(2);
      expect(lines.every((line) => /^\S+\/edited\.yaml:\d+:/u.test(line))).toBe(true);
      expect(outcome.stderr).toContain('vrid');
      expect(outcome.stderr).toContain('colour');
      expect(await traces()).toEqual(before);
    });

    it('tells where a file stops being YAML', async () => {
      const outcome = await tryDaemon(writeConfig('broken.yaml', 'pair:\n  nodes: {\n  - ]\n'));
      expect(outcome.exit).toBe(EXIT.configuration);
      expect(outcome.stderr).toMatch(/broken\.yaml:[23]/u);
    });

    it('tells that there is no such file', async () => {
      const outcome = await tryDaemon('/run/vipair-lab/no-such.yaml');
      expect(outcome.exit).toBe(EXIT.configuration);
      expect(outcome.stderr).toContain('/run/vipair-lab/no-such.yaml');
    });

    it('names an interface that does not exist, and ends with 6', async () => {
      const before = await traces();
      const outcome = await tryDaemon(
        configWith((text) => text.replace('interface: eth0', 'interface: nosuch0')),
      );
      expect(outcome.exit).toBe(EXIT.cannotStart);
      expect(outcome.stderr).toContain('nosuch0');
      expect(await traces()).toEqual(before);
    });

    it.each([
      ['net_admin', ['CAP_NET_ADMIN']],
      ['net_raw', ['CAP_NET_RAW']],
      ['all', ['CAP_NET_ADMIN', 'CAP_NET_RAW']],
    ])('names the capabilities it lacks without %s, and ends with 6', async (lost, named) => {
      const before = await traces();
      const outcome = await tryDaemon(
        rig.configOf(backup),
        ...['setpriv', `--inh-caps=-${lost}`, `--bounding-set=-${lost}`],
      );
      expect(outcome.exit).toBe(EXIT.cannotStart);
      expect(outcome.stderr.match(/CAP_[A-Z_]+/gu)).toEqual(named);
      expect(await traces()).toEqual(before);
    });

    it('leaves a program alone that listens on its control socket, and ends with 6', async () => {
      const socket = `${rig.node(backup).files.runtimeDirectory}/control.sock`;
      let visits = 0;
      const other = createServer((visitor) => {
        visits += 1;
        visitor.on('error', () => undefined);
        visitor.end('something else\n');
      });
      await new Promise<void>((listening) => other.listen(socket, listening));
      const before = await traces();
      const outcome = await tryDaemon(rig.configOf(backup));
      expect(outcome.exit).toBe(EXIT.cannotStart);
      expect(outcome.stderr).toContain(socket);
      expect(outcome.stderr).toContain('another program listens on the control socket');
      expect(await traces()).toEqual(before);
      const seen = visits;
      await new Promise<void>((answered) => {
        connect(socket)
          .on('data', () => undefined)
          .on('end', answered);
      });
      expect(visits).toBe(seen + 1);
      await new Promise((closed) => other.close(closed));
    });

    it('runs without a proxy program, in fault, and says what is missing', async () => {
      const node = rig.node(backup);
      node.strikeProxy('kill');
      rig.editConfig(backup, (text) =>
        text.replace('  haproxy:\n', '  haproxy:\n    program: /opt/no-such/haproxy\n'),
      );
      const mark = rig.events(backup).length;
      value(await node.startEngine());
      const refused = await rig.soon('the refusal', () =>
        rig.eventsSince(backup, mark).find(({ event }) => event === 'proxy.refused'),
      );
      expect(refused).toMatchObject({ level: 'error' });
      expect(String(refused['detail'])).toContain('/opt/no-such/haproxy');
      expect(await rig.group(backup)).toMatchObject({
        role: 'fault',
        fault: 'the proxy is not serving',
      });
      expect(await rig.role(master)).toBe('master');
      value(await node.stopEngine('for-good'));
      rig.editConfig(backup, (text) => text.replace('    program: /opt/no-such/haproxy\n', ''));
      value(await node.startEngine());
      expect(await rig.settled()).toEqual({ master, backup });
    });
  });
});
