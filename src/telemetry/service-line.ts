/** A daemon's state in one line, as a service manager shows it. */
import type { RoleName } from '../core/notice.js';
import type { GroupStatus, NodeStatus } from './status.js';

/** Such as `lb1: master: web; fault: api; HAProxy serving; channel to lb2 up`. */
export function serviceLine({ node, groups, proxy, pair }: ServiceFacts): string {
  const parts = [
    ...ROLES.map((role) => inRole(groups, role)),
    proxy === undefined ? '' : `HAProxy ${proxy.state}`,
    pair === undefined ? '' : `channel to ${pair.peer} ${pair.state}`,
  ];
  return `${node}: ${parts.filter((part) => part !== '').join('; ')}`;
}

export type ServiceFacts = Pick<NodeStatus, 'node' | 'proxy' | 'pair'> & {
  readonly groups: readonly Pick<GroupStatus, 'name' | 'role'>[];
};

/** In the order in which they are said. */
const ROLES: readonly RoleName[] = [
  'master',
  'backup',
  'fault',
  'starting',
  'resigning',
  'stopped',
];

function inRole(groups: ServiceFacts['groups'], role: RoleName): string {
  const names = groups.filter((each) => each.role === role).map(({ name }) => name);
  return names.length === 0 ? '' : `${role}: ${names.join(', ')}`;
}
