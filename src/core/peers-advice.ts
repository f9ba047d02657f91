/** What a haproxy.cfg needs, so that vipair is the peer of its HAProxy: the section, and what is missing. */
import type { DeclaredTable, ProcessFacts, Section } from './haproxy-sections.js';
import { declaredTables, processFacts } from './haproxy-sections.js';

export interface PeersAsked {
  readonly node: string;
  readonly peer: string;
  /** Where vipair listens for HAProxy. */
  readonly peersSocket: string;
}

export interface PeersAdvice {
  /** Of the `global` section. */
  readonly localPeer: string;
  /** Lines for haproxy.cfg, the same on both nodes. */
  readonly section: readonly string[];
  /** Which section of the file has vipair as a peer already; undefined: none. */
  readonly found: string | undefined;
  /** Tables that HAProxy tells nobody of, or somebody else. */
  readonly untold: readonly DeclaredTable[];
  /** What is to be done once, as root. */
  readonly commands: readonly string[];
  /** What stands in the way, each one sentence. */
  readonly problems: readonly string[];
}

/** Of one file; it may be the same on both nodes. */
export function advisePeers(sections: readonly Section[], asked: PeersAsked): PeersAdvice {
  const facts = processFacts(sections);
  const found = sections.find(
    ({ kind, lines }) =>
      kind === 'peers' && lines.some(({ words }) => words[2] === `unix@${asked.peersSocket}`),
  )?.name;
  const name = found ?? freeName(sections);
  return {
    localPeer: LOCAL_PEER,
    section: sectionLines(name, facts, asked),
    found,
    untold: declaredTables(sections).filter(({ peers }) => peers !== name),
    commands: commandsFor(facts, asked),
    problems: problemsOf(facts, found, asked),
  };
}

function problemsOf(
  { chroot, localPeer }: ProcessFacts,
  found: string | undefined,
  { peersSocket }: PeersAsked,
): readonly string[] {
  const root = rootOf(chroot);
  return [
    ...(root === undefined || peersSocket.startsWith(`${root}/`)
      ? []
      : [
          `HAProxy changes its root to ${root} and cannot reach ${peersSocket} from there: set replicate.peers_socket in vipair.yaml to ${root}/vipair/peers.sock`,
        ]),
    ...(found !== undefined && localPeer === undefined
      ? [
          `the global section lacks ${LOCAL_PEER}, so HAProxy takes the name of the machine for its own`,
        ]
      : []),
  ];
}

/**
 * HAProxy binds before it changes its root, and dials after. With a link that leads from its new root to itself, a path means
 * the same to both.
 */
function commandsFor({ chroot }: ProcessFacts, { peersSocket }: PeersAsked): readonly string[] {
  const root = rootOf(chroot);
  const directory = peersSocket.replace(/\/[^/]*$/u, '');
  return root === undefined
    ? []
    : [
        ...(directory.startsWith(`${root}/`) ? [`mkdir -p ${directory}`] : []),
        `mkdir -p ${root}${root.replace(/\/[^/]*$/u, '')}`,
        `ln -sfn / ${root}${root}`,
      ];
}

/** Undefined where it changes to none, or to the one that it has. */
function rootOf(chroot: string | undefined): string | undefined {
  const root = chroot?.replace(/\/+$/u, '');
  return root === '' ? undefined : root;
}

function freeName(sections: readonly Section[]): string {
  const taken = sections.flatMap(({ kind, name }) => (kind === 'peers' ? [name] : []));
  return taken.includes(SECTION) ? `${SECTION}-tables` : SECTION;
}

/** Who is who follows from the environment that vipair gives to HAProxy, so that the file may be the same on both nodes. */
function sectionLines(
  name: string,
  { user }: ProcessFacts,
  { node, peer, peersSocket }: PeersAsked,
): readonly string[] {
  const own = peersSocket.replace(/[^/]*$/u, 'haproxy-peers.sock');
  // After a reload the new HAProxy, no longer root, learns from the old one there.
  const whose = user === undefined ? '' : ` user ${user}`;
  const as = (here: string, there: string): readonly string[] => [
    `.if streq("$VIPAIR_NODE",${here})`,
    `  bind unix@${own}${whose} mode 600`,
    `  server ${here}`,
    `  server ${there} unix@${peersSocket}`,
    '.endif',
  ];
  const [first, second] = node < peer ? [node, peer] : [peer, node];
  return [`peers ${name}`, ...as(first, second), ...as(second, first)];
}

const SECTION = 'vipair';
const LOCAL_PEER = 'localpeer "${VIPAIR_NODE}"';
