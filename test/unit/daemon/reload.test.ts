import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/load.js';
import { SimCommonFiles } from '../../sim/common-files.js';
import { OWN, PEER, settled as settledOnce, VIPS } from '../engine/fakes.js';
import { machineWith, own, roleOf, start } from './given-daemon.js';

const FILE = '/etc/vipair/vipair.yaml';
const TEXT = `pair:
  nodes: { lb1: { address: ${OWN} }, lb2: { address: ${PEER} } }
groups:
  - name: web
    interface: eth0
    vrid: 51
    addresses: [${VIPS[0]}/24, ${VIPS[1]}/24]
    start_hold: 1ms
    failback: manual
    track: [{ name: a, file: /a, every: 1s, fault: true }]
  - name: mail
    interface: eth0
    vrid: 52
    addresses: [192.0.2.200/24]
    start_hold: 1ms
`;

async function settled(): Promise<void> {
  for (let times = 0; times < 10; times += 1) {
    await settledOnce();
  }
}

/** A master of two groups. */
async function given() {
  const files = new SimCommonFiles();
  files.write(FILE, TEXT);
  const config = parseConfig(TEXT, FILE);
  if (!config.ok) {
    throw new Error(JSON.stringify(config.error));
  }
  const machine = machineWith(own);
  const daemon = await start(machine, config.value, files);
  if (!daemon.ok) {
    throw new Error(JSON.stringify(daemon.error));
  }
  for (let rung = 0; roleOf(daemon.value).join() !== 'master,master'; rung += 1) {
    if (rung > 100) {
      throw new Error(`not within 100 alarms: ${roleOf(daemon.value).join()}`);
    }
    machine.clock.ringNext();
    await settled();
  }
  machine.calls.length = 0;
  machine.events.length = 0;
  const reload = async (text: string) => {
    files.write(FILE, text);
    return daemon.value.reload('applied');
  };
  return { files, machine, daemon: daemon.value, reload };
}

describe('a daemon that reads its file again', () => {
  it('changes nothing where it says what runs', async () => {
    const { reload, machine } = await given();
    expect(await reload(`# A comment.\n${TEXT}`)).toMatchObject({
      value: { outcome: 'unchanged' },
    });
    expect([machine.calls, machine.told()]).toEqual([[], []]);
  });

  it('is said to be at it until that is over', async () => {
    const { reload, daemon } = await given();
    expect(daemon.status().underWay).toEqual([]);
    const reloading = reload(TEXT);
    expect(daemon.status().underWay).toEqual([{ what: 'reload', says: 'reads its vipair.yaml' }]);
    await reloading;
    expect(daemon.status().underWay).toEqual([]);
  });

  it('takes over what it decides by, and touches no address and no socket', async () => {
    const { reload, machine, daemon } = await given();
    const done = await reload(TEXT.replace('failback: manual', 'failback: after 5m'));
    expect(done).toMatchObject({
      value: {
        outcome: 'applied',
        changes: [
          { path: 'groups.web.failback.kind', from: 'manual', to: 'after', takes: 'nothing' },
          { path: 'groups.web.failback.stable_for', to: '300000ms', takes: 'nothing' },
        ],
      },
    });
    expect(machine.calls).toEqual([]);
    expect(machine.told()).toEqual(['reload.applied']);
    expect(daemon.status().groups.map(({ role, failback }) => [role, failback.policy])).toEqual([
      ['master', 'after'],
      ['master', 'never'],
    ]);
  });

  it('looks at what it tracks now, and no more at what it tracked', async () => {
    const { reload, machine, daemon } = await given();
    await reload(TEXT.replace('name: a, file: /a', 'name: b, file: /b'));
    const tracked = () =>
      daemon.status().groups.map(({ track }) => track.map(({ name, state }) => `${name} ${state}`));
    expect(tracked()).toEqual([['b not known yet'], []]);
    machine.clock.ringNext();
    await settled();
    expect([tracked(), roleOf(daemon)]).toEqual([
      [['b well'], []],
      ['master', 'master'],
    ]);
  });

  it('refuses a file with mistakes, and says all of them', async () => {
    const { reload, machine } = await given();
    const refused = await reload(
      TEXT.replace('vrid: 51', 'vrid: 0').replace('vrid: 52', 'vrid: x'),
    );
    expect(refused).toMatchObject({ error: { code: 'configuration' } });
    expect(refused.ok ? [] : refused.error.problems).toHaveLength(2);
    expect([machine.calls, machine.told()]).toEqual([[], ['reload.refused']]);
  });

  it.each([
    ['needs-restart', (text: string) => text.replace('pair:\n', 'pair:\n  port: 5113\n')],
    ['needs-agreement', (text: string) => text.replace('vrid: 51', 'vrid: 53')],
    [
      'needs-agreement',
      (text: string) => text.replace('failback: manual', 'failback: never\n    prefer: lb2'),
    ],
    ['configuration', () => ''],
  ])('refuses as %s what it cannot do, all of it', async (code, edit) => {
    const { reload, machine, daemon } = await given();
    expect(await reload(edit(TEXT))).toMatchObject({ error: { code } });
    expect(machine.calls).toEqual([]);
    expect(daemon.status().groups[0]?.failback.policy).toBe('manual');
  });

  it('refuses where the kernel has lost the address that adverts leave from', async () => {
    const { reload, machine } = await given();
    machine.held = [];
    expect(await reload(TEXT.replace('failback: manual', 'failback: never'))).toMatchObject({
      error: { code: 'cannot-be-carried-out' },
    });
  });

  it('says what it would change, without a change', async () => {
    const { files, daemon, machine } = await given();
    files.write(
      FILE,
      TEXT.replace('failback: manual', 'failback: never').replace('vrid: 52', 'vrid: 53'),
    );
    expect(await daemon.reload('planned')).toMatchObject({
      value: {
        outcome: 'planned',
        changes: [
          { path: 'groups.mail.ipv4 on eth0.vrid', takes: 'agreement' },
          { path: 'groups.web.failback.kind', takes: 'nothing' },
        ],
      },
    });
    expect([machine.calls, machine.told(), daemon.status().groups[0]?.failback.policy]).toEqual([
      [],
      [],
      'manual',
    ]);
  });

  it('does one at a time', async () => {
    const { daemon } = await given();
    const first = daemon.reload('applied');
    expect(await daemon.reload('applied')).toMatchObject({ error: { code: 'in-progress' } });
    expect(await first).toMatchObject({ value: { outcome: 'unchanged' } });
  });
});
