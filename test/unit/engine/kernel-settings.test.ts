import { describe, expect, it } from 'vitest';
import type { GroupPlan } from '../../../src/engine/group-plan.js';
import type { SettingPorts } from '../../../src/engine/kernel-settings.js';
import {
  FLOW_EVENTS,
  makeSure,
  prepareSysctls,
  putBack,
  restoreSettings,
  wantedSettings,
} from '../../../src/engine/kernel-settings.js';
import type { FoundSetting } from '../../../src/ports/found-settings.js';
import { FakeMachine, INSTANCE, PLAN } from './fakes.js';

const VLAN: GroupPlan = {
  ...PLAN,
  name: 'mail',
  instances: [{ ...INSTANCE, interface: 'eth0.12.3' }],
};
const BINDING = 'net.ipv4.ip_nonlocal_bind';
const PROMOTING = 'net.ipv4.conf.eth0.promote_secondaries';
const FLOWS = FLOW_EVENTS.name;
const IGNORING = 'net.ipv4.conf.eth0.arp_ignore';

function machine(settings: Readonly<Record<string, string>> = {}) {
  const made = new FakeMachine();
  for (const [name, value] of Object.entries(settings)) {
    made.settings.set(name, value);
  }
  return made;
}

function portsOf(subject: FakeMachine): SettingPorts {
  const { sysctls, foundSettings, ports } = subject;
  return { sysctls, foundSettings, log: ports.log };
}

function prepare(
  plans: readonly GroupPlan[],
  binding: 'proxy' | 'nothing',
  subject: FakeMachine,
): Promise<void> {
  return prepareSysctls(wantedSettings(plans, binding), [], portsOf(subject));
}

describe('kernel settings', () => {
  it.each<[string, readonly GroupPlan[], 'proxy' | 'nothing', readonly string[]]>([
    ['for a proxy that binds what this node may not hold', [PLAN], 'proxy', [BINDING, PROMOTING]],
    ['without one', [PLAN], 'nothing', [PROMOTING]],
    ['once for an interface, however many groups share it', [PLAN, PLAN], 'nothing', [PROMOTING]],
    [
      'for an interface with dots in its name, which sysctl writes as slashes',
      [PLAN, VLAN],
      'nothing',
      [PROMOTING, 'net.ipv4.conf.eth0/12/3.promote_secondaries'],
    ],
    ['for nobody', [], 'nothing', []],
  ])('are changed and told %s', async (_why, plans, binding, names) => {
    const subject = machine({ [BINDING]: '0' });
    await prepare(plans, binding, subject);
    // What cannot be read has not been found to be anything.
    expect(subject.calls.filter((call) => call.startsWith('write'))).toEqual(
      names.map((name) => `write ${name} 1`),
    );
    expect(subject.events).toEqual(
      names.map((name) => ({ event: 'sysctl.changed', name, value: '1' })),
    );
  });

  it('that are right already are left alone', async () => {
    const subject = machine({ [BINDING]: '1', [PROMOTING]: '1' });
    await prepare([PLAN], 'proxy', subject);
    expect([...subject.calls, ...subject.events]).toEqual([]);
  });

  it('that the kernel refuses are told, each, and nothing else is given up', async () => {
    const subject = machine({ [BINDING]: '0' });
    subject.refuse('write');
    await prepare([PLAN], 'proxy', subject);
    expect(subject.events).toEqual([
      { event: 'sysctl.refused', name: BINDING, detail: 'no write' },
      { event: 'sysctl.refused', name: PROMOTING, detail: 'no write' },
    ]);
  });
});

describe('what kernel settings were', () => {
  const found = (name: string, was = '0', changedTo = '1'): FoundSetting => ({
    ...{ name, found: was, changedTo },
  });

  it('is kept before any of them is changed', async () => {
    const subject = machine({ [BINDING]: '0', [PROMOTING]: '0' });
    await prepare([PLAN], 'proxy', subject);
    expect(subject.calls).toEqual([
      `keep ${BINDING} was 0`,
      `write ${BINDING} 1`,
      `keep ${BINDING} was 0,${PROMOTING} was 0`,
      `write ${PROMOTING} 1`,
    ]);
    expect(subject.found).toEqual([found(BINDING), found(PROMOTING)]);
  });

  it('is not what a former daemon made of them, but what somebody has made of them since', async () => {
    const subject = machine({ [PROMOTING]: '2' });
    subject.found = [found(PROMOTING, '0', '2')];
    await prepare([PLAN], 'nothing', subject);
    expect(subject.found).toEqual([found(PROMOTING, '0', '1')]);
    subject.settings.set(PROMOTING, '7');
    await prepare([PLAN], 'nothing', subject);
    expect(subject.found).toEqual([found(PROMOTING, '7', '1')]);
  });

  it('that cannot be kept is told, and they are changed all the same', async () => {
    const subject = machine({ [PROMOTING]: '0' });
    subject.refuse('keep');
    await prepare([PLAN], 'nothing', subject);
    expect(subject.told()).toEqual(['sysctl.unnoted', 'sysctl.changed']);
  });

  it('they are again at the end of the duty, but for those that others may depend on', async () => {
    const subject = machine({ [BINDING]: '1', [PROMOTING]: '1', [IGNORING]: '2' });
    subject.found = [found(BINDING), found(PROMOTING), found(IGNORING)];
    // Somebody else wants it otherwise by now.
    expect(await restoreSettings([], 'of the duty', portsOf(subject))).toEqual({
      ok: true,
      value: [`${PROMOTING} 0`],
    });
    expect(subject.calls).toEqual([`write ${PROMOTING} 0`, `keep ${BINDING} was 0`]);
    expect(await restoreSettings([], 'all', portsOf(subject))).toMatchObject({
      value: [`${BINDING} 0`],
    });
    expect(subject.found).toEqual([]);
  });

  it('they are again once the configuration needs them no more', async () => {
    const subject = machine({ [PROMOTING]: '1', [IGNORING]: '1' });
    subject.found = [found(PROMOTING), found(IGNORING)];
    await prepare([PLAN], 'nothing', subject);
    expect(subject.calls).toEqual([`write ${IGNORING} 0`, `keep ${PROMOTING} was 0`]);
  });

  it('is remembered where the kernel refuses', async () => {
    const subject = machine({ [PROMOTING]: '1' });
    subject.found = [found(PROMOTING)];
    subject.refuse('write');
    expect(await restoreSettings([], 'of the duty', portsOf(subject))).toEqual({
      ok: false,
      error: { detail: `${PROMOTING}: no write` },
    });
    expect(subject.found).toEqual([found(PROMOTING)]);
    expect(subject.told()).toEqual(['sysctl.refused']);
  });

  it('that is needed later is left as a former daemon has made it', async () => {
    const subject = machine({ [FLOWS]: '1' });
    subject.found = [found(FLOWS, '2')];
    await prepareSysctls([], [FLOW_EVENTS], portsOf(subject));
    expect([subject.calls, subject.found]).toEqual([[], [found(FLOWS, '2')]]);
    await prepareSysctls([], [], portsOf(subject));
    expect(subject.calls).toEqual([`write ${FLOWS} 2`, 'keep ']);
  });
});

describe('one setting, for as long as it is needed', () => {
  const NOTED: FoundSetting = { name: FLOWS, found: '2', changedTo: '1' };
  const OTHER: FoundSetting = { name: PROMOTING, found: '0', changedTo: '1' };

  it('is noted and changed, and is what it was when it is needed no more', async () => {
    const subject = machine({ [FLOWS]: '2' });
    subject.found = [OTHER];
    await makeSure(FLOW_EVENTS, portsOf(subject));
    expect(subject.found).toEqual([OTHER, NOTED]);
    subject.settings.set(FLOWS, '1');
    await putBack(FLOW_EVENTS, portsOf(subject));
    expect(subject.found).toEqual([OTHER]);
    await putBack(FLOW_EVENTS, portsOf(subject));
    expect(subject.calls.filter((call) => call.startsWith('write'))).toEqual([
      `write ${FLOWS} 1`,
      `write ${FLOWS} 2`,
    ]);
  });

  it.each([
    ['somebody had set it so before', '1', []],
    ['somebody else has changed it meanwhile', '0', [NOTED]],
  ])('stays where %s', async (_why, is, noted) => {
    const subject = machine({ [FLOWS]: is });
    subject.found = noted;
    await putBack(FLOW_EVENTS, portsOf(subject));
    expect([subject.found, subject.events]).toEqual([[], []]);
  });

  it('that the kernel does not put back is tried again at the end of the duty', async () => {
    const subject = machine({ [FLOWS]: '1' });
    subject.found = [NOTED];
    subject.refuse('write');
    await putBack(FLOW_EVENTS, portsOf(subject));
    expect([subject.found, subject.told()]).toEqual([[NOTED], ['sysctl.refused']]);
  });
});
