/** What is on a node before a drill and after it, as far as a drill can leave something behind. */

export interface NodePicture {
  /** Those that carry no mark of ours: `eth0 10.0.0.1/24`. */
  readonly addresses: readonly string[];
  /** Of nftables: `inet filter`. */
  readonly tables: readonly string[];
  /** Of the daemon; undefined where none runs. */
  readonly daemon: DaemonPicture | undefined;
  /** Of the hand: their command lines. */
  readonly processes: readonly string[];
}

export interface DaemonPicture {
  readonly openFiles: number;
  /** Children that have ended, and that it has not collected. */
  readonly unreaped: number;
}

/** Each a sentence; none: the node is as it was. */
export function leftBehind(before: NodePicture, after: NodePicture): readonly string[] {
  const added = (of: 'addresses' | 'tables' | 'processes'): readonly string[] =>
    after[of].filter((each) => !before[of].includes(each));
  return [
    ...added('addresses').map((each) => `address ${each} was not there before`),
    ...before.addresses
      .filter((each) => !after.addresses.includes(each))
      .map((each) => `address ${each} is gone`),
    ...added('tables').map((each) => `nftables table ${each} was not there before`),
    ...added('processes').map((each) => `a process goes on: ${each}`),
    ...daemonLeft(before.daemon, after.daemon),
  ];
}

function daemonLeft(
  before: DaemonPicture | undefined,
  after: DaemonPicture | undefined,
): readonly string[] {
  if (before === undefined) {
    return [];
  }
  if (after === undefined) {
    return ['no daemon runs on this node any more: start vipair'];
  }
  return [
    ...(after.openFiles > before.openFiles + MORE_OPEN_FILES
      ? [
          `the daemon has ${String(after.openFiles)} open files, and had ${String(before.openFiles)}`,
        ]
      : []),
    ...(after.unreaped > before.unreaped
      ? [`${String(after.unreaped)} ended children of the daemon are not collected`]
      : []),
  ];
}

/** Clients of the control API, questions to HAProxy and scripts come and go. */
const MORE_OPEN_FILES = 24;
