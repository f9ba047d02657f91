/** A drill, judged: what was measured against its limits, each miss with its cause, and the report of the whole. */
import { tenths } from '../base/time.js';
import type { UndoReason } from '../core/drill-hand.js';
import type { DrillLimits } from '../core/drill-limits.js';
import type { DrillAudit, DrillFigures, DrillMoment, DrillReport } from '../telemetry/drill.js';
import type { Transition } from '../telemetry/transition.js';
import { aheadIn, auditsOf, mastersOf, SAME_TABLES } from './audits.js';
import { clientFigures, firstAnswerAfter, stretches } from './clients.js';
import type { DrillEvidence } from './evidence.js';
import { ON_THIS_NODE } from './evidence.js';
import { momentsOf, movesIn, transitionsSince } from './moves.js';

export function reportOf(evidence: DrillEvidence): DrillReport {
  const { plan, before, faultAt, startedAt, clients, history, historyBefore } = evidence;
  const transitions = transitionsSince(history, {
    ...{ group: plan.group, since: startedAt, history: historyBefore, ahead: aheadIn(before) },
  });
  const moves =
    history === undefined
      ? undefined
      : movesIn(transitions, mastersOf(before, plan.group)[0] ?? '');
  const figures: DrillFigures = { ...clientFigures(clients), moves };
  const audits = auditsOf(evidence);
  const timeline = timelineOf(evidence, transitions);
  const why = whyNot(evidence, { figures, audits, transitions });
  return {
    version: 1,
    id: evidence.id,
    drill: plan.name,
    summary: plan.summary,
    nodes: plan.faults.map(({ node }) => node).toSorted(),
    by: evidence.by,
    target: plan.target,
    release: before.version,
    startedAt,
    endedAt: evidence.endedAt,
    acts: actsOf(evidence),
    expected: plan.must,
    verdict: verdictOf(evidence, why),
    why,
    figures,
    limits: plan.limits,
    audits,
    timeline,
    plot: stretches(clients, faultAt ?? startedAt),
    prober: proberOf(evidence),
    notes: notesOf(evidence, figures),
  };
}

function verdictOf({ stopped }: DrillEvidence, why: readonly string[]): DrillReport['verdict'] {
  if (stopped !== undefined) {
    return 'stopped';
  }
  return why.length === 0 ? 'passed' : 'failed';
}

interface Judged {
  readonly figures: DrillFigures;
  readonly audits: readonly DrillAudit[];
  readonly transitions: readonly Transition[];
}

function whyNot(evidence: DrillEvidence, judged: Judged): readonly string[] {
  const { plan, stopped, faultAt, answer } = evidence;
  const { figures, audits, transitions } = judged;
  return [
    ...(stopped === undefined ? [] : [stopped]),
    ...(faultAt === undefined ? ['the fault could not be made'] : []),
    ...(answer === undefined ? [] : [answer]),
    ...(stopped === undefined && faultAt !== undefined ? notTried(evidence) : []),
    ...(stopped === undefined ? notKnown(evidence) : []),
    ...missesOf(figures, plan.limits).map(
      (miss) => `${miss.says}${causeOf(miss, evidence, judged)}`,
    ),
    ...(plan.expected === 'moves' && figures.moves === 0 && stopped === undefined
      ? [`nobody took over: ${plan.group} stayed where it was${lastWord(transitions)}`]
      : []),
    ...audits
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ name, detail }) => `${name}: it is not so: ${detail}`),
    ...(stopped === undefined ? notProven(evidence, audits) : []),
  ];
}

/** Why the fault was not the one that was planned: what it came to says nothing then. */
function notTried({ plan, hands }: DrillEvidence): readonly string[] {
  const faulty = plan.faults.filter(({ faults }) => faults.length > 0).map(({ node }) => node);
  return hands
    .filter(({ node }) => faulty.includes(node))
    .flatMap(({ node, fired, undone }) => [
      ...(fired === undefined ? [`the fault was not made on ${node}`] : []),
      ...(undone !== undefined && ENDED_EARLY.has(undone.why)
        ? [`the fault was undone on ${node} before its time: ${undone.why}`]
        : []),
    ]);
}

/** Whoever looked and saw nothing has not seen that all is well. */
function notKnown({ prober, clients, history, after }: DrillEvidence): readonly string[] {
  const seen = clients?.report.samples.some(({ outcome }) => outcome !== 'unlaunched') ?? false;
  const unseen = prober?.problem ?? 'the prober asked nothing';
  return [
    ...(prober !== undefined && !seen ? [`what clients saw is not known: ${unseen}`] : []),
    ...(after === undefined
      ? ['how the pair is now is not known: the daemon gives no answer any more']
      : []),
    ...(history === undefined
      ? ['whether the group moved is not known: no history was given']
      : []),
    ...(history?.parts ?? []).flatMap(({ node, problem }) =>
      problem === undefined
        ? []
        : [`whether the group moved is not known: the history of ${node}: ${problem}`],
    ),
  ];
}

/** What a drill is for must have been seen. */
function notProven({ plan }: DrillEvidence, audits: readonly DrillAudit[]): readonly string[] {
  return plan.tables === 'as known'
    ? []
    : audits
        .filter(({ name, outcome }) => name === SAME_TABLES && outcome === 'unknown')
        .map(({ name, detail }) => `${name}: it is not known: ${detail}`);
}

const ENDED_EARLY: ReadonlySet<string> = new Set<UndoReason>([
  'its hand was gone',
  'the daemon started anew',
]);

interface Miss {
  readonly of: keyof DrillLimits;
  readonly says: string;
}

const WORDS: readonly (readonly [keyof DrillLimits, (found: string, limit: string) => string])[] = [
  ['gapMs', (found, limit) => `clients got no answer for ${found} ms, and ${limit} ms are allowed`],
  ['failed', (found, limit) => `${found} requests failed, and ${limit} may`],
  ['streamsBroken', (found, limit) => `${found} streams broke, and ${limit} may`],
  [
    'twoOwnersMs',
    (found, limit) => `both nodes answered for ${found} ms, and ${limit} ms are allowed`,
  ],
  ['noOwnerMs', (found, limit) => `no node answered for ${found} ms, and ${limit} ms are allowed`],
  ['moves', (found, limit) => `the group moved ${found} times, and ${limit} are allowed`],
];

function missesOf(figures: DrillFigures, limits: DrillLimits): readonly Miss[] {
  return WORDS.flatMap(([of, say]) => {
    const found = figures[of];
    const limit = limits[of];
    return found === undefined || limit === undefined || found <= limit
      ? []
      : [{ of, says: say(String(found), String(limit)) }];
  });
}

/** What was seen that explains it, as the end of a sentence. */
function causeOf({ of }: Miss, { plan }: DrillEvidence, { audits, transitions }: Judged): string {
  const claims = transitions.filter(({ to }) => to === 'master');
  switch (of) {
    case 'twoOwnersMs':
      return `: ${plan.target} went on answering after the other node had claimed the address`;
    case 'gapMs':
    case 'noOwnerMs':
    case 'failed': {
      const stale = audits.find(
        ({ name, outcome }) => name.startsWith('clients’ ARP') && outcome === 'failed',
      );
      const [claim] = claims;
      if (stale !== undefined) {
        return `: the announcements have not reached them, ${stale.detail}`;
      }
      return claim === undefined ? '' : `: ${claim.node} took over, ${claim.cause}`;
    }
    case 'moves':
      return `: ${transitions.map((each) => `${each.node} ${each.from} → ${each.to} (${each.cause})`).join(', ')}`;
    case 'streamsBroken':
      return '';
    default:
      return of satisfies never;
  }
}

function lastWord(transitions: readonly Transition[]): string {
  const last = transitions.at(-1);
  return last === undefined ? '' : `; the last word is ${last.node}’s: ${last.cause}`;
}

function actsOf({ plan, hands }: DrillEvidence): readonly string[] {
  const undone = hands.flatMap(({ node, undone: end }) =>
    end === undefined ? [] : [`Undone on ${node}: ${end.why}.`],
  );
  return [plan.summary, plan.undo, ...undone];
}

/** Oldest first, from the fault on. */
function timelineOf(
  { faultAt, startedAt, endedAt, hands, clients, plan, stopped, before }: DrillEvidence,
  transitions: readonly Transition[],
): readonly DrillMoment[] {
  const zero = faultAt ?? startedAt;
  const ahead = aheadIn(before);
  const at = (time: number): number => tenths(time - zero);
  const answered =
    clients === undefined || faultAt === undefined ? undefined : firstAnswerAfter(clients, faultAt);
  const byHand = { source: 'hand', phase: undefined } as const;
  const moments: readonly (DrillMoment | undefined)[] = [
    faultAt === undefined
      ? undefined
      : { ...byHand, atMs: 0, node: plan.target, text: plan.summary, phase: 'fault' },
    ...momentsOf(transitions, { faultAt: zero, ahead }),
    answered === undefined
      ? undefined
      : {
          atMs: at(answered.at),
          source: 'clients',
          node: answered.node,
          text: `the first answer${answered.node === undefined ? '' : ` of ${answered.node}`}`,
          phase: 'answered',
        },
    ...hands.map(({ node, undone, fired }) =>
      undone === undefined || fired === undefined
        ? undefined
        : { ...byHand, atMs: at(undone.to - ahead(node)), node, text: `undone: ${undone.why}` },
    ),
    stopped === undefined
      ? undefined
      : {
          atMs: at(endedAt),
          source: 'operator',
          node: undefined,
          text: `stopped: ${stopped}`,
          phase: undefined,
        },
  ];
  return moments.filter((each) => each !== undefined).toSorted((a, b) => a.atMs - b.atMs);
}

function proberOf({ prober, clients, by }: DrillEvidence): DrillReport['prober'] {
  if (prober === undefined || clients === undefined) {
    return undefined;
  }
  return {
    target: clients.report.target,
    command: prober.command,
    everyMs: clients.report.every,
    hides: prober.command === ON_THIS_NODE ? hiddenOn(by) : undefined,
    clockWithinMs: clients.clockWithinMs,
  };
}

function hiddenOn(node: string): string {
  return `It ran on ${node} itself: while ${node} has the address its own kernel answers, so neither the LAN, nor announcements, nor what clients’ ARP caches hold was measured.`;
}

function notesOf(
  { prober, clients, hands }: DrillEvidence,
  figures: DrillFigures,
): readonly string[] {
  return [
    ...(prober === undefined ? ['Nobody measured: no prober was asked for.'] : []),
    ...(prober?.problem === undefined ? [] : [`The prober: ${prober.problem}`]),
    ...(clients !== undefined && figures.twoOwnersMs === undefined
      ? ['Nobody watched on the wire who answers: two owners and none were not measured.']
      : []),
    ...(clients !== undefined && clients.report.worstLateness > LATE_PROBER
      ? [
          `The prober itself was late by ${clients.report.worstLateness.toFixed(0)} ms once: shorter gaps may be its own.`,
        ]
      : []),
    ...hands.flatMap(({ node, fired }) =>
      fired !== undefined && fired.to - fired.from > SLOW_HAND
        ? [`The hand of ${node} needed ${(fired.to - fired.from).toFixed(0)} ms to make the fault.`]
        : [],
    ),
  ];
}

/** In milliseconds. */
const LATE_PROBER = 50;
const SLOW_HAND = 100;
