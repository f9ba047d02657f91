/** Services that the kernel passes on, on the screen of `vipair top`: a line, and one for each that is not whole. */
import type {
  ServicesStatus,
  ServiceServerStatus,
  ServiceStatus,
} from '../../telemetry/services.js';
import { bad, doubtful, good } from '../paint.js';

/** Nothing where none are configured. */
export function servicesLines(services: ServicesStatus | undefined): string {
  if (services === undefined) {
    return '';
  }
  const all = services.services;
  const servers = all.flatMap((each) => each.servers);
  const serving = servers.filter(gets).length;
  const troubled = all.filter((each) => !each.servers.every(gets));
  const texts = all.map((each) => `${each.name} ${healthText(each)}`);
  const told = texts.slice(0, MOST_NAMED).join(', ');
  const more = texts.length > MOST_NAMED ? `, and ${String(texts.length - MOST_NAMED)} more` : '';
  return [
    `services: ${String(serving)} of ${String(servers.length)} servers get connections: ${told}${more}`,
    ...(services.rules === 'waiting' ? [doubtful('  the rules before are in force')] : []),
    ...services.problems.map((each) => bad(`  ${each}`)),
    ...troubled.slice(0, MOST_NAMED).map(troubleLine),
    ...(troubled.length > MOST_NAMED
      ? [`  … and ${String(troubled.length - MOST_NAMED)} services more: vipair status`]
      : []),
  ].join('\n');
}

/** Of new connections: one that is drained or down gets none. */
function gets({ state, admin }: ServiceServerStatus): boolean {
  return admin === 'ready' && state !== 'down';
}

function healthText({ servers }: ServiceStatus): string {
  const serving = servers.filter(gets).length;
  const text = `${String(serving)} of ${String(servers.length)}`;
  if (serving === servers.length) {
    return good(text);
  }
  return serving === 0 ? bad(text) : doubtful(text);
}

function troubleLine({ name, servers }: ServiceStatus): string {
  const amiss = servers.filter((each) => !gets(each)).map(serverText);
  const more = amiss.length > MOST_NAMED ? `, and ${String(amiss.length - MOST_NAMED)} more` : '';
  return `  ${name}: ${amiss.slice(0, MOST_NAMED).join(', ')}${more}`;
}

function serverText({ name, admin, state, why, connections }: ServiceServerStatus): string {
  if (admin !== 'ready') {
    const left = connections === undefined ? '' : ` (${String(connections)} left)`;
    return doubtful(`${name} ${admin}${left}`);
  }
  return bad(`${name} ${state}${why === undefined ? '' : `: ${why}`}`);
}

const MOST_NAMED = 8;
