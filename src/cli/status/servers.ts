/** The proxy's servers, as the HAProxy of each node sees them. */
import type { ServersStatus } from '../../telemetry/status.js';
import { bad, doubtful } from '../paint.js';
import { renderTable } from '../table.js';

const MOST_SHOWN = 10;

export function serversSection(
  servers: ServersStatus | undefined,
  peer: string | undefined,
): string {
  if (servers === undefined) {
    return '';
  }
  const { differing } = servers;
  const lines = [
    `servers: ${countText(servers.here, servers.problem)} here`,
    ...(peer === undefined ? [] : [`${countText(servers.there, servers.thereProblem)} on ${peer}`]),
  ];
  const troubled = servers.here?.troubled.slice(0, MOST_SHOWN) ?? [];
  const same = troubled.filter(({ name }) => !differing.some(({ server }) => server === name));
  const rows = differing
    .slice(0, MOST_SHOWN)
    .map(({ server, here, there }) => [server, here, there]);
  return [
    lines.join(', '),
    ...same.map(({ name, status }) => `  ${name}: ${doubtful(status)}`),
    ...(rows.length === 0
      ? []
      : [
          bad('the nodes do not agree on:'),
          renderTable(['SERVER', 'HERE', `ON ${(peer ?? '').toUpperCase()}`], rows),
        ]),
  ].join('\n');
}

function countText(
  count: { readonly up: number; readonly total: number } | undefined,
  problem: string | undefined,
): string {
  return count === undefined
    ? doubtful(`not known (${problem ?? 'no answer'})`)
    : `${String(count.up)} of ${String(count.total)} up`;
}
