/** What the doctor says: one sentence a finding, and what to do about it. */

/** A *note* is worth knowing and nothing to mend at once; a *problem* makes the pair fail, now or when it is needed. */
export type Severity = 'well' | 'note' | 'problem';

/** What is looked at, in the order in which a mistake hides those behind it. */
export const CHECKS = [
  'start',
  'capabilities',
  'daemon',
  'adverts',
  'firewall',
  'masters',
  'peers',
  'address',
  'neighbours',
  'settings',
  'proxy',
  'services',
  'managers',
  'others',
] as const;

export type Check = (typeof CHECKS)[number];

export interface Finding {
  readonly check: Check;
  /** A group, an interface, or the node. */
  readonly about: string;
  readonly severity: Severity;
  readonly sentence: string;
  /** What to do, where that is not plain from the sentence. */
  readonly remedy?: string | undefined;
}

/** What a check says, before it is known of whom. */
export type Said = Pick<Finding, 'severity' | 'sentence' | 'remedy'>;

/** In the order of the checks; what was found twice is said once. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const said = new Set<string>();
  return findings
    .toSorted((a, b) => CHECKS.indexOf(a.check) - CHECKS.indexOf(b.check))
    .filter(({ check, about, sentence }) => {
      const key = [check, about, sentence].join('\n');
      const isNew = !said.has(key);
      said.add(key);
      return isNew;
    });
}

/** The one to mend first; undefined where all is well. */
export function firstProblem(findings: readonly Finding[]): Finding | undefined {
  return inOrder(findings).find(({ severity }) => severity === 'problem');
}

export function problem(sentence: string, remedy?: string): Said {
  return { severity: 'problem', sentence, remedy };
}

export function note(sentence: string, remedy?: string): Said {
  return { severity: 'note', sentence, remedy };
}

export function well(sentence: string): Said {
  return { severity: 'well', sentence };
}
