/** Where a lab keeps its files: paths only. */
import type { LabName, NodeName } from './topology.js';

/** A memory file system, so that a reboot leaves nothing. */
export const LABS_DIRECTORY = '/run/vipair-lab';

export const ADMIN_SOCKET = 'haproxy-admin.sock';

export interface NodeFiles {
  readonly directory: string;
  readonly vipairConfig: string;
  readonly haproxyConfig: string;
  readonly keepalivedConfig: string;
  /** The daemon's `runtime.directory`. */
  readonly runtimeDirectory: string;
  /** Where the daemon's replicator listens for this node's HAProxy, as the other node's peer. */
  readonly peersSocket: string;
  /** Where HAProxy's own peers section listens. */
  readonly ownPeersSocket: string;
  /** The daemon's `runtime.state_directory`. */
  readonly vipairStateDirectory: string;
  readonly engineLog: string;
  readonly enginePid: string;
  readonly haproxyLog: string;
  readonly haproxyPid: string;
  /** Where a HAProxy that is not the daemon's answers. */
  readonly haproxySocket: string;
  readonly keepalivedPid: string;
  readonly keepalivedVrrpPid: string;
}

export function labDirectory(lab: LabName): string {
  return `${LABS_DIRECTORY}/${lab}`;
}

/** What `up` was asked for, so that a later command finds the same lab. */
export function recordFile(lab: LabName): string {
  return `${labDirectory(lab)}/lab.json`;
}

export function logFile(lab: LabName, program: string): string {
  return `${labDirectory(lab)}/${program}.log`;
}

/** Of the pair channel: the same on both nodes. */
export function keyFile(lab: LabName): string {
  return `${labDirectory(lab)}/pair.key`;
}

export function nodeFiles(lab: LabName, node: NodeName): NodeFiles {
  const directory = `${labDirectory(lab)}/${node}`;
  return {
    directory,
    vipairConfig: `${directory}/vipair.yaml`,
    haproxyConfig: `${directory}/haproxy.cfg`,
    keepalivedConfig: `${directory}/keepalived.conf`,
    runtimeDirectory: `${directory}/run`,
    peersSocket: `${directory}/run/peers.sock`,
    ownPeersSocket: `${directory}/own-peers.sock`,
    vipairStateDirectory: `${directory}/state`,
    engineLog: `${directory}/engine.log`,
    enginePid: `${directory}/engine.pid`,
    haproxyLog: `${directory}/haproxy.log`,
    haproxyPid: `${directory}/haproxy.pid`,
    haproxySocket: `${directory}/${ADMIN_SOCKET}`,
    keepalivedPid: `${directory}/keepalived.pid`,
    keepalivedVrrpPid: `${directory}/keepalived-vrrp.pid`,
  };
}
