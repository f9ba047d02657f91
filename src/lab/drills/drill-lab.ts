/** A pair to drill on: all that the catalogue needs, a service manager, a switch for its power, and clients elsewhere. */
import { writeFileSync } from 'node:fs';
import type { Centis } from '../../base/time.js';
import { millis } from '../../base/time.js';
import type { Result } from '../../base/result.js';
import type { Clock } from '../../ports/clock.js';
import type { LabFailure } from '../failure.js';
import type { Lab, LabPorts } from '../lab.js';
import { PROBE_DEFAULTS } from '../measure.js';
import { raiseLab, removeLab } from '../raise.js';
import type { LabSettings } from '../settings.js';
import { defaultSettings } from '../settings.js';
import { labDirectory } from '../state-directory.js';
import type { LabName, NamespaceRole, NodeName } from '../topology.js';
import { LAN_INTERFACE, namespaceOf } from '../topology.js';
import { PowerSwitch, powerCommands } from './power-switch.js';
import { ServiceManager } from './services.js';

export interface DrillLab {
  readonly lab: Lab;
  readonly power: PowerSwitch;
  readonly services: ServiceManager;
}

const COUNTED_PORT = 81;

/** The table by which clients are counted, so that there is something to replicate. */
const COUNTED = [
  'backend clients',
  '  stick-table type ip size 10k expire 15m store http_req_cnt,gpc0 peers pair',
  '',
  'frontend counted',
  `  bind *:${String(COUNTED_PORT)}`,
  '  http-request track-sc0 src table clients',
  '  default_backend web',
].join('\n');

export function drillSettings(name: LabName, advertInterval: Centis): LabSettings {
  return {
    ...defaultSettings(name),
    ...{ advertInterval, pairChannel: 'open', replicate: 'vipair' },
    ...{ tracksBackends: 'yes', stateDisk: 'own', furtherHaproxy: COUNTED },
    furtherVipair: `drills:\n  ${powerCommands(name)}`,
  };
}

/** Runs `act` on a pair that stands, and removes it whatever happened. */
export async function onDrillLab<Seen>(
  settings: LabSettings,
  ports: LabPorts & { readonly clock: Clock },
  act: (drills: DrillLab) => Promise<Result<Seen, LabFailure>>,
): Promise<Result<Seen, LabFailure>> {
  const raised = await raiseLab(settings, ports);
  if (!raised.ok) {
    return raised;
  }
  const lab = raised.value;
  writeProbers(lab, ports.vipair);
  const power = new PowerSwitch(lab, ports.clock);
  const services = new ServiceManager(lab, ports.clock, (node) => power.isDark(node));
  const watching = Promise.all([power.watch(), services.watch()]);
  // Seldom enough that both nodes can compare their tables between two visits.
  const visitor = await lab.startProbe({
    ...PROBE_DEFAULTS,
    target: { ...PROBE_DEFAULTS.target, port: COUNTED_PORT },
    ...{ every: millis(2000), lasting: millis(3_600_000) },
  });
  try {
    return visitor.ok ? await act({ lab, power, services }) : visitor;
  } finally {
    services.stop();
    power.stop();
    await watching;
    await (visitor.ok ? visitor.value.finish() : undefined);
    await removeLab(settings.name, ports);
  }
}

/**
 * How clients measure, and how somebody else watches on the wire who answers: scripts of the lab's own, as a site has them,
 * whose names a report can show.
 */
function writeProbers(lab: Lab, vipair: readonly string[]): void {
  const watch = ['--watch', LAN_INTERFACE, '--watch-every', '2ms'];
  const scripts: readonly (readonly [string, NamespaceRole, readonly string[]])[] = [
    [proberOf(lab, 'clients'), 'client', ['--streams', String(STREAMS)]],
    [proberOf(lab, 'watcher'), 'watch', watch],
  ];
  for (const [path, role, options] of scripts) {
    const words = [...inNamespaceOf(lab, role), ...vipair, 'probe', ...options];
    writeFileSync(path, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 });
  }
}

export function proberOf(lab: Lab, which: 'clients' | 'watcher'): string {
  return `${labDirectory(lab.settings.name)}/${which}`;
}

function inNamespaceOf(lab: Lab, role: NamespaceRole): readonly string[] {
  return ['ip', 'netns', 'exec', namespaceOf(lab.settings.name, role)];
}

/** `vipair …` as an operator on that node types it. */
export function onNode(lab: Lab, node: NodeName, vipair: readonly string[]): readonly string[] {
  return [...inNamespaceOf(lab, node), ...vipair];
}

const STREAMS = 2;
