/** Our own node of a row. */
import { writeFileSync } from 'node:fs';
import { askStatus } from '../../src/api/client.js';
import type { Instant } from '../../src/base/time.js';
import { centisToMillis } from '../../src/base/time.js';
import { daemonCommand } from '../../src/lab/commands.js';
import type { LabPorts } from '../../src/lab/lab.js';
import { pidsIn } from '../../src/lab/namespace-processes.js';
import type { Scheduling } from '../../src/lab/settings.js';
import { HARDWARE_ADDRESSES, LAN_INTERFACE } from '../../src/lab/topology.js';
import type { Row } from './row.js';
import { HIGHER_PRIORITY, intervalOf, LOWER_PRIORITY } from './row.js';
import type { Router } from './router.js';
import { endAll, endOf, killAll, launch, linesOf, until } from './router.js';
import type { Site } from './site.js';
import { OURS, THEIRS, virtualAddressOf, VRID } from './site.js';

/** At most eight characters, as VRRPv2 carries them; and 32, the least there may be. */
export const SECRETS = { password: 'seekrit', hmac: 'correct-horse-battery-staple-abc' } as const;

export class VipairRouter implements Router {
  readonly node = OURS;
  readonly program = 'vipair';
  readonly macs: readonly string[] = [HARDWARE_ADDRESSES[OURS]];
  readonly advertMacs: readonly string[] = this.macs;
  readonly afterKill = 'silent';
  readonly withoutLink = 'gives up';
  /** `failback: never` is the default. */
  readonly preempts = 'nopreempt';
  readonly #site: Site;
  readonly #scheduling: Scheduling;
  readonly #ports: LabPorts;

  constructor(site: Site, row: Row, ports: LabPorts & { readonly scheduling: Scheduling }) {
    this.#site = site;
    this.#scheduling = ports.scheduling;
    this.#ports = ports;
    writeFileSync(this.#files.vipairConfig, configOf(site, row));
  }

  async start(): Promise<void> {
    const files = this.#files;
    const command = daemonCommand(this.#ports.vipair, files, this.#scheduling);
    await launch(this.#site, OURS, command, { ...this.#ports, logFile: files.engineLog });
    await until('our daemon to answer', this.#ports, async () => (await this.#status()).ok);
  }

  stop(): Promise<Instant> {
    return endAll(this.#site, OURS, pidsIn(this.#site.namespace(OURS)), this.#ports);
  }

  kill(): Instant {
    return killAll(this.#site, OURS, this.#ports);
  }

  /** Nothing: the lease ends by itself, and the next life repairs what the last one left. */
  mend(): Promise<void> {
    return Promise.resolve();
  }

  holds(): Promise<boolean> {
    return this.#site.lists(OURS);
  }

  /** Told once for each cause in each life. */
  complaints(): readonly string[] {
    return linesOf(this.#files.engineLog).filter((line) => COMPLAINT.test(line));
  }

  story(): string {
    return endOf(this.#files.engineLog);
  }

  get #files(): ReturnType<Site['files']> {
    return this.#site.files(OURS);
  }

  #status(): ReturnType<typeof askStatus> {
    return askStatus(`${this.#files.runtimeDirectory}/control.sock`);
  }
}

/**
 * Adverts that failed a check, or differ from what we expect of a peer, and anything at level *error*; but for the alarm
 * of a duplicate address: a rival that takes over announces before its first advert has found its way.
 */
const COMPLAINT =
  /"event":"vrrp\.(?:rejected|checksum-form|addresses-differ|interval-differs|mute)"|"level":"(?:error|fatal)"(?!.*"event":"address\.duplicate")/u;

function configOf(site: Site, row: Row): string {
  const { nodes } = site.plan;
  const [ours, theirs] =
    row.weAre === 'master' ? [HIGHER_PRIORITY, LOWER_PRIORITY] : [LOWER_PRIORITY, HIGHER_PRIORITY];
  return [
    'pair:',
    '  nodes:',
    `    ${OURS}: { address: "${nodes[OURS]}" }`,
    `    ${THEIRS}: { address: "${nodes[THEIRS]}" }`,
    'groups:',
    '  - name: row',
    `    version: ${String(row.version)}`,
    `    interface: ${LAN_INTERFACE}`,
    `    vrid: ${String(VRID)}`,
    `    advert_interval: ${String(centisToMillis(intervalOf(row)))}ms`,
    `    addresses: ["${virtualAddressOf(site)}"]`,
    `    priority: { ${OURS}: ${String(ours)}, ${THEIRS}: ${String(theirs)} }`,
    `    prefer: ${row.weAre === 'master' ? OURS : THEIRS}`,
    // The rows are about the protocol: the hold is measured elsewhere.
    '    start_hold: 10ms',
    ...(row.audience === 'unicast'
      ? [`    unicast: { ${OURS}: "${nodes[OURS]}", ${THEIRS}: "${nodes[THEIRS]}" }`]
      : []),
    ...(row.checksum === 'without-pseudo-header' ? [`    checksum: ${row.checksum}`] : []),
    ...authenticationLines(site, row),
    'runtime:',
    `  directory: ${site.files(OURS).runtimeDirectory}`,
    `  state_directory: ${site.files(OURS).vipairStateDirectory}`,
    '',
  ].join('\n');
}

function authenticationLines(site: Site, { authentication }: Row): readonly string[] {
  if (authentication === 'none') {
    return [];
  }
  const file = site.file(authentication);
  writeFileSync(file, SECRETS[authentication], { mode: 0o600 });
  return authentication === 'password'
    ? [`    authentication: { mode: password, file: ${file} }`]
    : [`    authentication: { mode: enforce, keys: [{ id: 1, file: ${file} }], sign_with: 1 }`];
}
