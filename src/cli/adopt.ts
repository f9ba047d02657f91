/** `vipair lab adopt`: a HAProxy that systemd runs is adopted as it is, and the address moves all the same. */
import type { Result } from '../base/result.js';
import { ok } from '../base/result.js';
import { millisToCentis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import { parseDuration } from '../config/duration.js';
import type { AdoptSeen } from '../lab/adopt.js';
import { doctorsList, seeAdopted, withoutVipair } from '../lab/adopt.js';
import { ADOPT_STEPS } from '../lab/adopt-steps.js';
import type { AdoptedSite } from '../lab/adopted-sites.js';
import { adoptedSites } from '../lab/adopted-sites.js';
import type { LabFailure } from '../lab/failure.js';
import type { Lab } from '../lab/lab.js';
import { raiseLab, removeLab } from '../lab/raise.js';
import type { LabSettings } from '../lab/settings.js';
import { defaultSettings } from '../lab/settings.js';
import { NODE_NAMES, parseLabName } from '../lab/topology.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { reportLabFailure } from './lab.js';
import type { MigratePorts } from './migrate.js';
import type { PairLabRequest, Telling } from './pair-lab.js';
import { stepTeller } from './pair-lab.js';
import { renderTable } from './table.js';
import { complain, print, printJson } from './terminal.js';

interface SiteSeen {
  readonly site: string;
  readonly steps: readonly AdoptSeen[];
  /** Of each node, while vipair ran. */
  readonly doctor: readonly string[];
}

export async function labAdopt(asked: PairLabRequest, ports: MigratePorts): Promise<ExitCode> {
  const interval = parseDuration(asked.adverts);
  if (!interval.ok) {
    complain(`vipair lab adopt: --adverts ${asked.adverts}: ${interval.error}`);
    return EXIT.usage;
  }
  const tell = asked.form === 'text' ? print : complain;
  const name = parseLabName(`adopt-${String(asked.pid)}`);
  invariant(name.ok, 'the lab of this command is named well');
  const sites = await adoptedSites(name.value, ports.processes);
  if (!sites.ok) {
    return reportLabFailure(sites.error);
  }
  const seen: SiteSeen[] = [];
  for (const site of sites.value) {
    const settings: LabSettings = {
      ...defaultSettings(name.value),
      ...{ advertInterval: millisToCentis(interval.value), pairChannel: 'open' },
      ...{ proxyRun: 'systemd', ...site.settings },
    };
    tell(`\n${site.title}: building a lab, whose HAProxy runs as Debian's unit starts it.`);
    const outcome = await inLab(settings, site, { ports, tell });
    if (!outcome.ok) {
      return reportLabFailure(outcome.error);
    }
    seen.push(outcome.value);
  }
  if (asked.form === 'json') {
    printJson({ sites: seen });
  } else {
    print(`\n${seen.map(report).join('\n\n')}\n`);
  }
  const steps = seen.flatMap((each) => each.steps);
  const whole = steps.length === sites.value.length * ADOPT_STEPS.length;
  return whole && steps.every(({ verdict }) => verdict === 'as expected') ? EXIT.ok : EXIT.failed;
}

async function inLab(
  settings: LabSettings,
  site: AdoptedSite,
  telling: Telling,
): Promise<Result<SiteSeen, LabFailure>> {
  const { ports, tell } = telling;
  const raised = await raiseLab(settings, ports);
  if (!raised.ok) {
    return raised;
  }
  try {
    return await allSteps(raised.value, site, telling);
  } finally {
    const removed = await removeLab(settings.name, ports);
    tell(removed.ok ? 'Nothing of the lab is left.' : `Not all gone: ${removed.error.detail}`);
  }
}

async function allSteps(
  lab: Lab,
  site: AdoptedSite,
  { ports, tell }: Telling,
): Promise<Result<SiteSeen, LabFailure>> {
  const doctor: string[] = [];
  for (const name of NODE_NAMES) {
    const list = await doctorsList(lab.nodes[name], ports);
    if (!list.ok) {
      return list;
    }
    doctor.push(list.value);
  }
  const without = await withoutVipair(lab);
  if (!without.ok) {
    return without;
  }
  const steps = await seeAdopted(lab, site, {
    ports,
    signal: ports.signal,
    tell: stepTeller(tell),
  });
  return steps.ok ? ok({ site: site.title, steps: steps.value, doctor }) : steps;
}

function report({ site, steps, doctor }: SiteSeen): string {
  const table = renderTable(
    ['AFTER', 'ADDRESS ON', ...NODE_NAMES, 'REQUESTS', 'FAILED', 'GAP ms', ''],
    steps.map(({ step, owner, proxies, requests, failed, gapMs, verdict, wrong }) => [
      ...[step, owner, ...NODE_NAMES.map((name) => proxies[name])],
      ...[String(requests), String(failed), gapMs.toFixed(0)],
      wrong.length === 0 ? verdict : `${verdict}: ${wrong.join('; ')}`,
    ]),
  );
  const tls = [...new Set(steps.flatMap((each) => each.tls))];
  return [
    site,
    '',
    table,
    '',
    "lb1, lb2: pids of HAProxy's master and worker. haproxy.cfg is the same, byte for byte, after every step.",
    ...(tls.length === 0 ? [] : [`over TLS: ${tls.join(', ')}`]),
    ...NODE_NAMES.flatMap((name, index) => ['', `vipair doctor on ${name}:`, doctor[index] ?? '']),
  ].join('\n');
}
