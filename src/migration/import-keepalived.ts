/** From the keepalived.conf of one node or of both to our configuration file, and to everything that it does not say. */
import { parseConfig } from '../config/load.js';
import type { Problem } from '../config/problem.js';
import { count } from '../config/problem.js';
import type { FindIncluded, SourceFile } from './keepalived/expansion.js';
import type { Parsed } from './keepalived/parse.js';
import { parseKeepalived } from './keepalived/parse.js';
import { nameFrom } from './names.js';
import type { NodePlan } from './node-plan.js';
import { planNode } from './node-plan.js';
import type { PairNode } from './pair-plan.js';
import { FILL_IN, planPair } from './pair-plan.js';
import type { Remark } from './remark.js';
import { commentLine, yamlLines } from './yaml-text.js';

/** The file of a node; `id` is what keepalived is told with `-i` there, and what the node is called. */
export interface NodeSource {
  readonly id: string | undefined;
  readonly file: SourceFile;
}

export interface Imported {
  /** `fully`: nothing is lost. `partly`: something is. `not`: there is no file. */
  readonly verdict: 'fully' | 'partly' | 'not';
  /** The text of our file; undefined where nothing could be converted. */
  readonly yaml: string | undefined;
  /** In the order of the files. */
  readonly remarks: readonly Remark[];
}

/** One or two sources: a file that knows exactly two ids stands for two nodes by itself. */
export function importKeepalived(
  sources: readonly [NodeSource, NodeSource | undefined],
  findIncluded: FindIncluded,
): Imported {
  const parse = ({ file, id }: NodeSource): Parsed => parseKeepalived(file, { id, findIncluded });
  const [first, second] = bothOf(sources, parse);
  const plans = [
    planNode(parse(first)),
    second === undefined ? undefined : planNode(parse(second)),
  ] as const;
  const [a, b] = namesOf([first, second], plans);
  const nodes: readonly [PairNode, PairNode] = [
    { name: a, plan: plans[0] },
    { name: b, plan: plans[1] },
  ];
  const plan = planPair(...nodes);
  const remarks = [...inBoth(plans), ...(plan?.remarks ?? [])];
  if (plan === undefined) {
    return { verdict: 'not', yaml: undefined, remarks: [...remarks, nothingIn(first)] };
  }
  const files = [first, second].flatMap((each) => (each === undefined ? [] : [each.file.name]));
  const text = [
    ...preamble([...new Set(files)], remarks),
    ...yamlLines(plan.file),
    ...PROXY,
    '',
  ].join('\n');
  const all = [...remarks, ...refusals(text, first)];
  return {
    verdict: all.some(({ kind }) => kind === 'lost') ? 'partly' : 'fully',
    yaml: text,
    remarks: all,
  };
}

function bothOf(
  [first, second]: readonly [NodeSource, NodeSource | undefined],
  parse: (source: NodeSource) => Parsed,
): readonly [NodeSource, NodeSource | undefined] {
  const ids = second === undefined && first.id === undefined ? parse(first).ids : [];
  const [one, two] = ids;
  return ids.length === 2
    ? [
        { ...first, id: one },
        { ...first, id: two },
      ]
    : [first, second];
}

/** Ids, or else the router ids where they tell the nodes apart. */
function namesOf(
  [first, second]: readonly [NodeSource, NodeSource | undefined],
  [a, b]: readonly [NodePlan, NodePlan | undefined],
): readonly [string, string] {
  const given = [first.id, second?.id].map((id) => (id === undefined ? undefined : nameFrom(id)));
  const routerIds = [a.routerId, b?.routerId].map((id) =>
    id === undefined ? undefined : nameFrom(id),
  );
  const [one, two] = [given[0] ?? routerIds[0], given[1] ?? routerIds[1]];
  const names: readonly [string, string] = [one ?? 'node1', two ?? 'node2'];
  const tellApart = names[0] !== names[1] && (second !== undefined || given[0] !== undefined);
  return tellApart ? names : ['node1', 'node2'];
}

/** What both files say is said once. */
function inBoth([a, b]: readonly [NodePlan, NodePlan | undefined]): readonly Remark[] {
  const about = ({ kind, subject, what, why }: Remark): string =>
    [kind, subject, what, why].join('\u0000');
  const said = new Set(a.remarks.map(about));
  return [...a.remarks, ...(b?.remarks ?? []).filter((each) => !said.has(about(each)))];
}

function nothingIn({ file }: NodeSource): Remark {
  return {
    kind: 'lost',
    place: { file: file.name, line: 1 },
    subject: 'vrrp_instance',
    what: 'vrrp_instance',
    why: 'there is none that can be carried over, and so there is nothing to move',
  };
}

function preamble(files: readonly string[], remarks: readonly Remark[]): readonly string[] {
  const lost = remarks.filter(({ kind }) => kind === 'lost').length;
  const open = remarks.filter(({ kind }) => kind === 'fill-in').length;
  return [
    `Made from ${files.join(' and ')} by \`vipair import\`.`,
    ...(lost === 0 ? [] : [`Not carried over: ${count(lost, 'thing')}. It said which, and why.`]),
    ...(open === 0
      ? []
      : [
          `${count(open, 'gap')} to fill in: look for ${FILL_IN}. \`vipair check\` refuses them until then.`,
        ]),
    'Before anything moves: vipair check, then vipair doctor on both nodes (docs/migrating.md).',
    '',
  ].map((line) => (line === '' ? line : commentLine(line)));
}

const PROXY: readonly string[] = [
  '',
  '# The daemons of both nodes also talk to each other where they have a key (vipair keygen), under pair:',
  '#   key_file: /etc/vipair/pair.key',
  '# HAProxy is watched, and moves the addresses when it dies, where it is named here:',
  '# proxy:',
  '#   haproxy:',
  '#     config: /etc/haproxy/haproxy.cfg',
];

/** A last look with the eyes of `vipair check`: what it refuses beside what has to be filled in is told, too. */
function refusals(text: string, { file }: NodeSource): readonly Remark[] {
  const parsed = parseConfig(text, file.name);
  const problems = parsed.ok ? [] : parsed.error.filter((problem) => !isFillIn(problem));
  return problems.map(({ line, path, found, expected }) => ({
    kind: 'lost',
    place: { file: file.name, line: 1 },
    subject: 'vipair check',
    what: path,
    why: `line ${String(line)} of the new file: found ${found}, expected ${expected}`,
  }));
}

function isFillIn({ found }: Problem): boolean {
  return found.includes(FILL_IN);
}
