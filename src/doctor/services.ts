/** Services of the kernel: what stands in their way, and what they stand in the way of. */
import { bindBehind, declaredBinds } from '../core/haproxy-binds.js';
import type { Finding, Said } from './finding.js';
import { problem, well } from './finding.js';
import type { Observations, ServiceSeen } from './observations.js';

/** Nothing where there are none. */
export function checkServices(observations: Observations): readonly Finding[] {
  const { services = [], node } = observations;
  if (services.length === 0) {
    return [];
  }
  const wrong = [
    ...daemonSaid(observations),
    ...services.flatMap((each) => bindSaid(each, observations)),
  ];
  const said = wrong.length === 0 ? [well('Nothing is in the way of the services.')] : wrong;
  return said.map((each) => ({ check: 'services', about: node, ...each }));
}

/** What the running daemon has found; forwarding is said with the settings. */
function daemonSaid({ daemon }: Observations): readonly Said[] {
  const problems = daemon.kind === 'absent' ? [] : (daemon.after.services?.problems ?? []);
  return problems
    .filter((each) => !each.startsWith('the kernel forwards nothing'))
    .map((each) => problem(`Services: ${each}.`));
}

/** The kernel translates the address before it looks for who listens. */
function bindSaid(service: ServiceSeen, { proxy }: Observations): readonly Said[] {
  if (service.protocol !== 'tcp' || proxy?.file.kind !== 'read') {
    return [];
  }
  const bind = bindBehind(declaredBinds(proxy.file.sections), service);
  return bind === undefined
    ? []
    : [
        problem(
          `line ${String(bind.line ?? 0)} of ${proxy.config} (${bind.proxy}) binds port ${String(service.port)} of ${service.address}, which the service ${service.name} takes: HAProxy gets no connection there.`,
          'give one of the two another port or address',
        ),
      ];
}
