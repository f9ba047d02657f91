/** The rules for stick tables that both nodes are to have. */
import type { Draft } from './draft.js';
import type { Finding } from './problem.js';
import { describe } from './problem.js';

export const replicateRules: readonly ((draft: Draft) => readonly Finding[])[] = [
  tablesHaveAProxy,
  tablesHaveAKey,
  portsDiffer,
];

function tablesHaveAProxy({ replicate, proxy }: Draft): readonly Finding[] {
  return replicate === undefined || proxy === 'configured'
    ? []
    : [
        {
          path: ['replicate'],
          found: 'stick tables to replicate',
          expected: 'a proxy in the configuration, under proxy',
        },
      ];
}

/** In clear text anybody on the way could read who is served where, and send users to another server. */
function tablesHaveAKey({ replicate, channel }: Draft): readonly Finding[] {
  return replicate === undefined || channel === 'keyed'
    ? []
    : [
        {
          path: ['replicate'],
          found: 'no key to encrypt them with',
          expected: 'pair.key_file, which vipair keygen makes',
        },
      ];
}

function portsDiffer({ replicate, pairPort }: Draft): readonly Finding[] {
  return replicate?.port === undefined || replicate.port !== pairPort
    ? []
    : [
        {
          path: ['replicate', 'port'],
          found: describe(replicate.port),
          expected: 'another port than pair.port',
        },
      ];
}
