/** The process that copies flows, as a pair has it: without root's rights, started again, and what the daemon tells the kernel for it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import { flowServices, servicesSection } from '../../src/lab/flows/flow-services.js';
import type { NodeName } from '../../src/lab/topology.js';
import { NODE_NAMES } from '../../src/lab/topology.js';
import { MAIN, mayRaiseLabs, must, pause, Rig, run, TENTH, value } from './rig.js';

const NOBODY = '65534';
/** CAP_NET_ADMIN alone: the twelfth bit. */
const NET_ADMIN_ONLY = '0000000000001000';
const NONE = '0000000000000000';
const SETTING = 'net.netfilter.nf_conntrack_events';
/** The kernel's default. */
const AUTOMATIC = '2';

describe.skipIf(!mayRaiseLabs)('the flow replicator of a pair', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('flowrep', {
      ...{ advertInterval: TENTH, pairChannel: 'open', backLan: 'there' },
      furtherVipair: servicesSection(flowServices(['ipv4'], [true])),
    });
  });

  afterAll(async () => {
    await rig.remove();
  });

  const pidOf = async (node: NodeName): Promise<number> =>
    must((await rig.status(node)).flows?.pid, 'a flow replicator');

  const linked = (): Promise<true> =>
    rig.soon('both to have the same', async () => {
      const { exit } = await rig.vipair('flows', '-c', rig.configOf('lb1'));
      return exit === EXIT.ok;
    });

  const setting = async (node: NodeName): Promise<string> =>
    (await rig.told(node, 'sysctl', '-n', SETTING)).trim();

  const tables = (node: NodeName): Promise<string> => rig.told(node, 'nft', 'list', 'tables');

  it.each(NODE_NAMES)('runs on %s as nobody, and has the one right that it needs', async (node) => {
    await linked();
    const pid = await pidOf(node);
    const main = rightsOf(pid, pid);
    const nobody = [NOBODY, NOBODY, NOBODY, NOBODY];
    expect(main).toEqual({
      ...{ uid: nobody, gid: nobody, groups: [NOBODY] },
      ...{ effective: NET_ADMIN_ONLY, permitted: NET_ADMIN_ONLY, inheritable: NONE, ambient: NONE },
      noNewPrivileges: '1',
    });
    for (const thread of readdirSync(`/proc/${String(pid)}/task`)) {
      const { uid, permitted } = rightsOf(pid, Number(thread));
      expect([uid, [NONE, NET_ADMIN_ONLY].includes(permitted)]).toEqual([nobody, true]);
    }
  });

  it('that is killed is started again without them, too, and has all flows again', async () => {
    await linked();
    const pid = await pidOf('lb1');
    const { enginePid } = rig.node('lb1').processes();
    const mark = rig.events('lb1').length;
    process.kill(pid, 'SIGKILL');
    const next = await rig.soon('another process', async () => {
      const now = (await rig.status('lb1')).flows?.pid;
      return now !== undefined && now !== pid && rightsOf(now, now).uid[0] === NOBODY
        ? now
        : undefined;
    });
    await linked();
    expect(rightsOf(next, next).effective).toBe(NET_ADMIN_ONLY);
    const told = rig.eventsSince('lb1', mark).map(({ event }) => event);
    expect(told.filter((event) => event.startsWith('flows.'))).toEqual(['flows.ended']);
    // What the kernel was told is the daemon's, and stays.
    expect(await tables('lb1')).toContain('table ip vipair_flows');
    expect(rig.node('lb1').processes().enginePid).toBe(enginePid);
  });

  it('does not run as root where it cannot give up its rights', async () => {
    const dropped = ['--bounding-set=-setuid,-setgid', process.execPath];
    const ran = await run('setpriv', [...dropped, MAIN, 'flow-replicator']);
    expect([ran.exit, ran.stdout]).toEqual([EXIT.cannotStart, '']);
    expect(ran.stderr).toContain('the rights of root cannot be given up (setgroups: EPERM)');
  });

  it('has the kernel tell in few words; that is told again where somebody has flushed it', async () => {
    await linked();
    for (const node of NODE_NAMES) {
      expect(await tables(node)).toContain('table ip6 vipair_flows');
      expect(await setting(node)).toBe('1');
    }
    const restored = async (): Promise<boolean> =>
      (await rig.told('lb2', 'nft', 'list', 'table', 'ip', 'vipair_flows')).includes(
        'ct event set',
      );
    await rig.told('lb2', 'nft', 'flush', 'table', 'ip', 'vipair_flows');
    expect(await restored()).toBe(false);
    // Every minute.
    await rig.soon('the rules again', restored, 75_000);
  });

  it('a daemon that hands over leaves them to the next one', async () => {
    await linked();
    value(await rig.node('lb2').stopEngine('hand-over'));
    expect(await tables('lb2')).toContain('vipair_flows');
    expect(await setting('lb2')).toBe('1');
    value(await rig.node('lb2').startEngine());
    await rig.settled();
    await linked();
    expect(await setting('lb2')).toBe('1');
  });

  it('nothing of it is left at an ordinary end, and all of it is back with the next daemon', async () => {
    await linked();
    value(await rig.node('lb2').stopEngine('for-good'));
    expect(await tables('lb2')).not.toContain('vipair');
    expect(await setting('lb2')).toBe(AUTOMATIC);
    value(await rig.node('lb2').startEngine());
    await rig.settled();
    await rig.soon('the rules', async () => (await tables('lb2')).includes('vipair_flows'));
    await rig.soon('the setting', async () => (await setting('lb2')) === '1');
  });

  it('what somebody else has set meanwhile is theirs', async () => {
    await linked();
    await rig.told('lb2', 'sysctl', '-q', '-w', `${SETTING}=0`);
    value(await rig.node('lb2').stopEngine('for-good'));
    expect(await setting('lb2')).toBe('0');
    await rig.told('lb2', 'sysctl', '-q', '-w', `${SETTING}=${AUTOMATIC}`);
    value(await rig.node('lb2').startEngine());
    await rig.settled();
  });

  it('what a killed daemon has left is removed by vipair clean', async () => {
    await linked();
    const pid = await pidOf('lb2');
    await rig.soon('the setting', async () => (await setting('lb2')) === '1');
    rig.node('lb2').strikeEngine('kill');
    await rig.soon('its process to end', () => !existsSync(`/proc/${String(pid)}`));
    await pause(100);
    expect(await tables('lb2')).toContain('vipair_flows');
    const cleaned = await rig.inside(
      'lb2',
      ...[process.execPath, MAIN, 'clean', '-c', rig.configOf('lb2')],
    );
    expect(cleaned.exit, cleaned.stderr).toBe(EXIT.ok);
    expect(cleaned.stdout).toContain(`${SETTING} ${AUTOMATIC}`);
    expect(await tables('lb2')).not.toContain('vipair');
    expect(await setting('lb2')).toBe(AUTOMATIC);
    value(await rig.node('lb2').startEngine());
    await rig.settled();
  });

  it('a configuration without services ends it, and the last of it', async () => {
    await linked();
    await rig.soon('the setting', async () => (await setting('lb2')) === '1');
    for (const node of NODE_NAMES) {
      rig.editConfig(node, (text) => text.slice(0, text.indexOf('services:')));
    }
    const reloaded = await rig.vipair('reload', '-c', rig.configOf('lb1'));
    expect(reloaded.exit, reloaded.stdout + reloaded.stderr).toBe(EXIT.ok);
    await rig.vipair('reload', '-c', rig.configOf('lb2'));
    for (const node of NODE_NAMES) {
      await rig.soon('no flows', async () => (await rig.status(node)).flows === undefined);
      await rig.soon('no rules', async () => !(await tables(node)).includes('vipair_flows'));
      await rig.soon('the setting', async () => (await setting(node)) === AUTOMATIC);
    }
  });
});

interface Rights {
  readonly uid: readonly string[];
  readonly gid: readonly string[];
  readonly groups: readonly string[];
  readonly effective: string;
  readonly permitted: string;
  readonly inheritable: string;
  readonly ambient: string;
  readonly noNewPrivileges: string;
}

/** As the kernel says of a thread. */
function rightsOf(pid: number, thread: number): Rights {
  const text = readFileSync(`/proc/${String(pid)}/task/${String(thread)}/status`, 'utf8');
  const words = (name: string): readonly string[] =>
    (new RegExp(`^${name}:(.*)$`, 'mu').exec(text)?.[1] ?? '').trim().split(/\s+/u);
  const word = (name: string): string => words(name)[0] ?? '';
  return {
    ...{ uid: words('Uid'), gid: words('Gid'), groups: words('Groups') },
    ...{ effective: word('CapEff'), permitted: word('CapPrm'), inheritable: word('CapInh') },
    ...{ ambient: word('CapAmb'), noNewPrivileges: word('NoNewPrivs') },
  };
}
