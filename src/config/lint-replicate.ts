/** The rules for stick tables and connections that both nodes are to have. */
import type { Draft } from './draft.js';
import type { Finding } from './problem.js';
import { describe } from './problem.js';

export const replicateRules: readonly ((draft: Draft) => readonly Finding[])[] = [
  tablesHaveAProxy,
  tablesHaveAKey,
  portsDiffer,
];

function tablesHaveAProxy({ replicate, proxy }: Draft): readonly Finding[] {
  return replicate === undefined || replicate.flows !== undefined || proxy === 'configured'
    ? []
    : [
        {
          path: ['replicate'],
          found: 'stick tables to replicate',
          expected: 'a proxy in the configuration, under proxy; or flows, which need none',
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

function portsDiffer({ replicate, pairPort, proxy }: Draft): readonly Finding[] {
  const tables = proxy === 'configured' ? replicate?.port : undefined;
  const flows = replicate?.flows?.port;
  return [
    ...sameAs(tables, ['replicate', 'port'], { 'pair.port': pairPort }),
    ...sameAs(flows, ['replicate', 'flows', 'port'], {
      ...{ 'pair.port': pairPort, 'replicate.port': tables },
    }),
  ];
}

function sameAs(
  port: number | undefined,
  path: Finding['path'],
  others: Readonly<Record<string, number | undefined>>,
): readonly Finding[] {
  return Object.entries(others).flatMap(([name, other]) =>
    port === undefined || port !== other
      ? []
      : [{ path, found: describe(port), expected: `another port than ${name}` }],
  );
}
