/** Why a daemon does not do what it understood: a code for programs, a sentence for people. */

const REFUSALS = [
  'unknown-group',
  'which-group',
  'not-master',
  'in-progress',
  'not-ready',
  'both-in-maintenance',
  'not-a-time',
  'nothing-planned',
  'never-fails-back',
  'not-backup',
  'not-preferred',
  'unknown-node',
  'no-proxy',
  'not-reloaded',
  'servers-unknown',
  'unknown-server',
  /** There is one of that name already, and it is another. */
  'server-exists',
  /** It is haproxy.cfg's: only who changes that can remove it. */
  'server-configured',
  'proxy-refused',
  'not-replicated',
  'unknown-table',
  'not-an-intent',
  'too-many-followers',
  'configuration',
  'needs-restart',
  'needs-agreement',
  'cannot-be-carried-out',
  'drill-under-way',
  'drill-not-feasible',
  'no-such-drill',
  /** The other node was asked, and it is not known what it did. */
  'peer-silent',
  /** The other node runs another version, and says something that this one does not know. */
  'peer-refused',
] as const;

export interface Refusal {
  readonly code: (typeof REFUSALS)[number];
  /** One sentence: what was found, and what to do. */
  readonly detail: string;
  /** Of a configuration file: each mistake with its place. */
  readonly problems?: readonly string[];
}

/** A code of another daemon's, as far as it is one of ours. */
export function refusalCode(code: string): Refusal['code'] {
  return REFUSALS.find((each) => each === code) ?? 'peer-refused';
}
