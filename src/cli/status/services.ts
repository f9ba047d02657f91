/** Services that the kernel passes on, with their servers. */
import type {
  ServiceServerStatus,
  ServicesStatus,
  ServiceStatus,
} from '../../telemetry/services.js';
import { bad, doubtful, good } from '../paint.js';
import { renderTable } from '../table.js';
import { time } from './time.js';

export function servicesSection(
  services: ServicesStatus | undefined,
  peer: string | undefined,
): string {
  if (services === undefined) {
    return '';
  }
  const rows = services.services.flatMap((service) =>
    service.servers.map((server, index) => [
      index === 0 ? serviceText(service) : '',
      server.name,
      `${server.address} ${String(server.port)}`,
      stateText(server),
      ...(peer === undefined ? [] : [server.there ?? '–']),
      shareText(server),
      connectionsText(server),
    ]),
  );
  const there = peer === undefined ? [] : [`ON ${peer.toUpperCase()}`];
  const head = ['SERVICE', 'SERVER', 'AT', 'STATE', ...there, 'GETS', 'OPEN CONNECTIONS'];
  return [
    ...services.problems.map((each) => bad(each)),
    ...(services.rules === 'waiting' ? [doubtful('services: the rules before are in force')] : []),
    renderTable(head, rows),
  ].join('\n');
}

function serviceText({ name, address, port, protocol }: ServiceStatus): string {
  return `${name}, ${protocol} ${address} ${String(port)}`;
}

function stateText({ state, why, by, admin }: ServiceServerStatus): string {
  const whose = by === 'the other node' ? ', by the other node' : '';
  const seen = {
    up: good('up'),
    down: bad(`down: ${why ?? ''}`),
    unknown: 'not looked at',
  }[state];
  return admin === 'ready' ? `${seen}${whose}` : `${doubtful(admin)}, ${seen}${whose}`;
}

function shareText({ share, weight }: ServiceServerStatus): string {
  return `${(share * PERCENT).toFixed(1)} %, weight ${String(weight)}`;
}

function connectionsText({ connections, endsAt }: ServiceServerStatus): string {
  const left = connections === undefined ? '' : `${String(connections)} left`;
  const until = endsAt === undefined || connections === 0 ? '' : `until ${time(endsAt)}`;
  return [left, until].filter((each) => each !== '').join(', ');
}

const PERCENT = 100;
