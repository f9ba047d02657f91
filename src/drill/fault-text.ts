/** What a fault does to a node, in words, for whoever is asked whether it may. */
import { formatCidr } from '../base/ip.js';
import { unreachable } from '../base/unreachable.js';
import type { DrillFault, DroppedPackets } from '../core/drill-fault.js';

/** Such as `SIGKILL to HAProxy, its master process and its workers`. */
export function faultInWords(fault: DrillFault): string {
  switch (fault.kind) {
    case 'signal':
      return `${fault.signal === 'kill' ? 'SIGKILL' : 'SIGSTOP'} to ${PROGRAMS[fault.to]}`;
    case 'restart-daemon':
      return 'the daemon is restarted, and hands over to the next';
    case 'bad-proxy-config':
      return 'a line that HAProxy refuses is put at the end of haproxy.cfg, and a reload is asked for';
    case 'link-down':
      return `ip link set ${fault.interface} down`;
    case 'drop':
      return `nftables drops ${fault.packets.map(packetsInWords).join(', ')}`;
    case 'remove-address':
      return `ip address delete ${formatCidr(fault.address)} dev ${fault.interface}`;
    case 'add-address':
      return `ip address add ${formatCidr(fault.address)} dev ${fault.interface}, and it is announced`;
    case 'burn-processors':
      return `${String(fault.processes)} processes compute without end`;
    case 'fill-disk':
      return 'a file fills the file system of the state directory';
    case 'power-off':
      return `the command of drills.power is run for ${fault.node}`;
    default:
      return unreachable(fault);
  }
}

function packetsInWords(packets: DroppedPackets): string {
  switch (packets.what) {
    case 'everything':
      return `everything on ${packets.interface}`;
    case 'adverts':
      return `adverts ${packets.direction === 'in' ? 'to' : 'from'} ${packets.interface}`;
    case 'port':
      return `TCP port ${String(packets.port)}`;
    case 'server':
      return `what goes to ${packets.address} port ${String(packets.port)}`;
    default:
      return unreachable(packets);
  }
}

const PROGRAMS = {
  daemon: 'the daemon',
  proxy: 'HAProxy, its master process and its workers',
  replicator: 'the replicator',
} as const;
