/** Kernel settings that groups need: changed at the start, noted before, and as they were found when the duty has ended. */
import type { Family } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { FoundSetting, FoundSettings } from '../ports/found-settings.js';
import type { Sysctls } from '../ports/sysctl.js';
import { PARENT_SETTINGS } from '../ports/virtual-interfaces.js';
import type { GroupPlan, InstancePlan } from './group-plan.js';
import type { EnginePorts } from './ports.js';

/** A kernel setting that the daemon makes sure of. */
export interface Setting {
  /** As sysctl(8) has it; a slash stands for a dot inside an interface's name. */
  readonly name: string;
  readonly value: string;
  readonly why: string;
}

export interface SettingPorts {
  readonly sysctls: Sysctls;
  readonly foundSettings: FoundSettings;
  readonly log: EnginePorts['log'];
}

/** Of flows that are copied. There is no such setting until the kernel follows connections. */
export const FLOW_EVENTS: Setting = {
  name: 'net.netfilter.nf_conntrack_events',
  // Unlike `2`, the default.
  value: '1',
  why: 'of a connection that began while nobody listened not even its end would be told',
};

/** What the kernel must be set to for these groups, with the reason of each. */
export function wantedSettings(
  plans: readonly GroupPlan[],
  binding: 'proxy' | 'nothing',
): readonly Setting[] {
  const instances = plans.flatMap((each) => each.instances);
  const families: readonly Family[] = ['ipv4', 'ipv6'];
  const named = (some: readonly InstancePlan[]): readonly string[] => [
    ...new Set(some.map((each) => each.interface.replaceAll('.', '/'))),
  ];
  const ipv4 = instances.filter(({ family }) => family === 'ipv4');
  const keeping = plans
    .filter(({ vrrp }) => vrrp.keepConnections !== undefined)
    .flatMap((each) => each.instances.filter(({ family }) => family === 'ipv4'));
  const parents = ipv4.filter(({ virtualInterface }) => virtualInterface !== undefined);
  return [
    ...families
      .filter((each) => binding === 'proxy' && instances.some(({ family }) => family === each))
      .map((family) => ({
        name: `net.${family}.ip_nonlocal_bind`,
        value: '1',
        why: 'the proxy binds the virtual addresses on both nodes, before either owns them',
      })),
    // And, once they changed places, a release would take the node's own address.
    ...named(ipv4).map((name) => ({
      name: `net.ipv4.conf.${name}.promote_secondaries`,
      value: '1',
      why: "a network manager that renews the node's own address would take the virtual one along",
    })),
    ...named(keeping).flatMap((name) => [
      {
        name: `net.ipv4.conf.${name}.arp_announce`,
        value: '2',
        why: 'while open connections are kept, neighbours would be asked in the name of an address that has moved',
      },
      {
        name: `net.ipv4.conf.${name}.arp_ignore`,
        value: '1',
        why: 'while open connections are kept, the loopback interface has the address, and ARP would be answered for it should the rules of the lease be flushed',
      },
    ]),
    ...named(parents).flatMap((name) =>
      [...PARENT_SETTINGS].map(([key, value]) => ({
        name: `net.ipv4.conf.${name}.${key}`,
        value,
        why: 'the interface would answer ARP for the virtual address with its own MAC',
      })),
    ),
  ];
}

/**
 * Makes sure of what is wanted now. What a former daemon of this boot has changed, and nobody needs any more, becomes what
 * it was; `later`: what will be made sure of when it can be.
 */
export async function prepareSysctls(
  wanted: readonly Setting[],
  later: readonly Setting[],
  ports: SettingPorts,
): Promise<void> {
  await restoreSettings([...wanted, ...later], 'of the duty', ports);
  for (const each of wanted) {
    await makeSure(each, ports);
  }
}

/** Sets it where it is not set yet, and tells; what the kernel refuses is told too, and the daemon goes on. */
export async function makeSure(
  { name, value }: Pick<Setting, 'name' | 'value'>,
  ports: SettingPorts,
): Promise<void> {
  const { sysctls, log } = ports;
  const current = await sysctls.read(name);
  if (current.ok && current.value === value) {
    return;
  }
  if (current.ok) {
    note({ name, found: current.value, changedTo: value }, ports);
  }
  const written = await sysctls.write(name, value);
  log.tell(
    written.ok
      ? { event: 'sysctl.changed', name, value }
      : { event: 'sysctl.refused', name, detail: written.error.detail },
  );
}

/** A setting that is needed no more becomes what it was; where the kernel refuses, it is tried again at the end of the duty. */
export async function putBack({ name }: Pick<Setting, 'name'>, ports: SettingPorts): Promise<void> {
  const { foundSettings } = ports;
  const changed = foundSettings.read().find((each) => each.name === name);
  const outcome = changed === undefined ? 'not ours' : await restore(changed, ports);
  if (changed !== undefined && (outcome === 'restored' || outcome === 'not ours')) {
    foundSettings.keep(foundSettings.read().filter((each) => each.name !== name));
  }
}

/**
 * Settings that a daemon of this boot has changed become what they were, but for those that are needed still, and those
 * that somebody else has changed since. `all`: also those that others may depend on.
 */
export async function restoreSettings(
  needed: readonly Pick<Setting, 'name'>[],
  which: 'of the duty' | 'all',
  ports: SettingPorts,
): Promise<Result<readonly string[], { readonly detail: string }>> {
  const names = new Set(needed.map(({ name }) => name));
  const known = ports.foundSettings.read();
  const stays = ({ name }: FoundSetting): boolean =>
    names.has(name) || (which === 'of the duty' && name.endsWith(LASTS_FOR_THE_BOOT));
  const left: FoundSetting[] = known.filter(stays);
  const restored: string[] = [];
  const refused: string[] = [];
  for (const each of known.filter((one) => !stays(one))) {
    const outcome = await restore(each, ports);
    if (outcome === 'restored') {
      restored.push(`${each.name} ${each.found}`);
    } else if (outcome !== 'not ours') {
      refused.push(`${each.name}: ${outcome.detail}`);
      left.push(each);
    }
  }
  if (left.length < known.length) {
    ports.foundSettings.keep(left);
  }
  return refused.length === 0 ? ok(restored) : fail({ detail: refused.join('; ') });
}

async function restore(
  { name, found, changedTo }: FoundSetting,
  { sysctls, log }: SettingPorts,
): Promise<'restored' | 'not ours' | { readonly detail: string }> {
  const current = await sysctls.read(name);
  if (!current.ok || current.value !== changedTo) {
    // Its interface is gone, or somebody else wants it so.
    return 'not ours';
  }
  const written = await sysctls.write(name, found);
  log.tell(
    written.ok
      ? { event: 'sysctl.changed', name, value: found }
      : { event: 'sysctl.refused', name, detail: written.error.detail },
  );
  return written.ok ? 'restored' : written.error;
}

/** Before it is changed, so that nobody who is killed in between leaves it changed. What we had changed ourselves is not what was found. */
function note(setting: FoundSetting, { foundSettings, log }: SettingPorts): void {
  const known = foundSettings.read();
  const ours = known.find(
    ({ name, changedTo }) => name === setting.name && changedTo === setting.found,
  );
  const others = known.filter(({ name }) => name !== setting.name);
  const kept = foundSettings.keep([...others, { ...setting, found: ours?.found ?? setting.found }]);
  if (!kept.ok) {
    log.tell({ event: 'sysctl.unnoted', name: setting.name, detail: kept.error.detail });
  }
}

/** Others, such as an adopted proxy that is reloaded, may depend on it by now. */
const LASTS_FOR_THE_BOOT = '.ip_nonlocal_bind';
