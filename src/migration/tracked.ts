/** What instances and groups track: `vrrp_script`, `vrrp_track_process`, `track_file`, and the lists that name them. */
import { commandOf, isAbsolutePath, PROGRAM_NAME } from './command.js';
import type { Command } from './command.js';
import type { Globals } from './global-defs.js';
import type { Statement } from './keepalived/statements.js';
import { MILLIS_PER_SECOND, durationOf, numberOf, readNumber, wholeNumberOf } from './quantity.js';
import type { Remarks, Said } from './remark.js';
import type { YamlEntry } from './yaml-text.js';
import { entry, entryIf } from './yaml-text.js';

/** A thing by the name that lists use. */
export interface TrackDefinition {
  /** Its keys, without name, weight and fault. */
  readonly entries: readonly YamlEntry[];
  /** Where a list says none; 0 is a fault. */
  readonly weight: number;
}

export type TrackDefinitions = ReadonlyMap<string, TrackDefinition>;

/** One line of such a list. */
export interface Tracked {
  /** The same for the same thing, wherever it is listed. */
  readonly identity: string;
  readonly name: string;
  readonly entries: readonly YamlEntry[];
  readonly weight: number;
  readonly statement: Statement;
}

/** The definitions of a file by kind and name, such as `script chk_haproxy`. */
export function readDefinitions(
  statements: readonly Statement[],
  globals: Globals,
  remarks: Remarks,
): TrackDefinitions {
  const definitions = new Map<string, TrackDefinition>();
  for (const statement of statements) {
    const [keyword = '', name = ''] = statement.words;
    const kind = DEFINING.get(keyword);
    if (kind !== undefined) {
      const read = READERS[kind](statement, globals, remarks.of(name === '' ? keyword : name));
      if (read !== undefined) {
        definitions.set(`${kind} ${name}`, read);
      }
    }
  }
  return definitions;
}

export function definesTracked(keyword: string): boolean {
  return DEFINING.has(keyword);
}

type Kind = 'script' | 'process' | 'file';
const DEFINING: ReadonlyMap<string, Kind> = new Map([
  ['vrrp_script', 'script'],
  ['vrrp_track_process', 'process'],
  ['track_process', 'process'],
  ['track_file', 'file'],
  ['vrrp_track_file', 'file'],
]);

/** The lists `track_interface`, `track_script`, `track_process`, `track_file` and `track_bfd`. */
export function readTrackList(
  list: Statement,
  definitions: TrackDefinitions,
  say: Said,
): readonly Tracked[] {
  const kind = (list.words[0] ?? '').replace(/^track_/u, '');
  return (list.block ?? []).flatMap((statement) => {
    const name = statement.words[0] ?? '';
    const known: TrackDefinition | undefined =
      kind === 'interface' ? interfaceNamed(name) : definitions.get(`${kind} ${name}`);
    if (kind === 'bfd') {
      say('lost', statement, 'no BFD: the pair channel (pair.key_file) notices a dead peer');
      return [];
    }
    if (known === undefined) {
      say('lost', statement, `no ${kind} of that name could be carried over`);
      return [];
    }
    const at = statement.words.indexOf('weight');
    const weight = at === -1 ? known.weight : weightOf(statement, statement.words[at + 1], say);
    if (statement.words.some((word) => /^reverse$/u.test(word))) {
      say('lost', statement, 'reverse: a failure never makes a node more fit');
      return [];
    }
    return [{ identity: `${kind} ${name}`, name, entries: known.entries, weight, statement }];
  });
}

function interfaceNamed(name: string): TrackDefinition | undefined {
  return isInterfaceName(name) ? { entries: [entry('interface', name)], weight: 0 } : undefined;
}

/** As the kernel has them (config/schema/kinds.ts). */
export function isInterfaceName(name: string): boolean {
  return /^(?!\.{1,2}$)[^\s/:]{1,15}$/u.test(name) && !/\p{C}/u.test(name);
}

function weightOf(statement: Statement, word: string | undefined, say: Said): number {
  const weight = readNumber(word);
  if (weight === undefined || !Number.isInteger(weight)) {
    say('lost', statement, 'no number for a weight: a failure is a fault');
    return 0;
  }
  const bounded = Math.min(Math.max(weight, -MOST_WEIGHT), MOST_WEIGHT);
  if (bounded !== weight) {
    say('differs', statement, `a weight is ${String(MOST_WEIGHT)} at most`);
  }
  return bounded;
}
const MOST_WEIGHT = 253;

const READERS: Readonly<
  Record<Kind, (block: Statement, globals: Globals, say: Said) => TrackDefinition | undefined>
> = { script: readScript, process: readProcess, file: readFile };

function readScript(block: Statement, globals: Globals, say: Said): TrackDefinition | undefined {
  const statements = block.block ?? [];
  const script = last(statements, 'script');
  if (script === undefined) {
    say('lost', block, 'it has no script');
    return undefined;
  }
  unknownOf(statements, SCRIPT_KEYS, say);
  const command = commandOf(script.words.slice(1));
  const rhythm = rhythmOf(statements, say);
  const weight = defaultWeight(statements, 0, say);
  if (command.kind === 'impossible') {
    say('lost', script, `${command.why}; vipair runs a program by its absolute path`);
    return undefined;
  }
  if (command.kind === 'process') {
    say('differs', script, `tracked as the process ${command.program}, without running a program`);
    return { entries: [entry('process', command.program), ...rhythm.process], weight };
  }
  const user = userOf(
    last(statements, 'user') ?? script,
    last(statements, 'user')?.words[1] ?? globals.scriptUser,
    say,
  );
  return {
    entries: [...scriptEntries(command, script, say), ...user, ...rhythm.script],
    weight,
  };
}
const SCRIPT_KEYS = [
  'script',
  'user',
  'interval',
  'timeout',
  'rise',
  'fall',
  'weight',
  'init_fail',
];

function scriptEntries(
  command: Extract<Command, { kind: 'script' }>,
  script: Statement,
  say: Said,
): readonly YamlEntry[] {
  const told = {
    itself: [],
    env: ['keepalived looks for the program in its PATH; env does that here.'],
    shell: ['keepalived gives it to a shell; listeners: and process: may do without.'],
  }[command.by];
  if (command.by === 'shell') {
    say('guessed', script, `run as ${command.path} -c, because it is for a shell`);
  }
  return [
    entry('script', command.path, ...told),
    ...(command.args.length === 0 ? [] : [entry('args', command.args)]),
  ];
}

/** Who runs a script that says nothing of it: keepalived_script where there is that user, else root. */
export function userOf(
  statement: Statement,
  user: string | undefined,
  say: Said,
): readonly YamlEntry[] {
  if (user !== undefined && /^[a-z_][a-z0-9_.-]{0,31}$/iu.test(user)) {
    return [entry('user', user)];
  }
  say(
    'guessed',
    statement,
    user === undefined
      ? 'as root, like keepalived where there is no user keepalived_script; one with fewer rights is better'
      : `no user of a name that vipair takes: ${user}; root was taken`,
  );
  return [
    entry(
      'user',
      'root',
      'Guessed: as keepalived without script_user and without a user keepalived_script.',
    ),
  ];
}

interface RhythmEntries {
  readonly script: readonly YamlEntry[];
  /** A process has no timeout. */
  readonly process: readonly YamlEntry[];
}

function rhythmOf(statements: readonly Statement[], say: Said): RhythmEntries {
  const time = (keyword: string, most: number): string | undefined => {
    const statement = last(statements, keyword);
    const seconds = statement === undefined ? undefined : numberOf(statement);
    if (statement === undefined || seconds === undefined || seconds <= 0) {
      return undefined;
    }
    const { text, exact } = durationOf(seconds, { from: SHORTEST, to: most });
    if (!exact) {
      say('differs', statement, `the nearest that there is: ${text}`);
    }
    return text;
  };
  const every = time('interval', AN_HOUR);
  const timeout = time('timeout', A_MINUTE);
  const looks = (keyword: string): YamlEntry => {
    const statement = last(statements, keyword);
    const amount = statement === undefined ? 1 : wholeNumberOf(statement, { from: 1, to: 100 });
    if (statement !== undefined && amount === undefined) {
      say('differs', statement, 'no number of looks from 1 to 100; 1 was taken');
    }
    // One is keepalived's default; ours is two.
    return entry(keyword, amount ?? 1);
  };
  const initFail = last(statements, 'init_fail');
  if (initFail !== undefined) {
    say('lost', initFail, 'until the first look everything counts as well');
  }
  const counted = [looks('rise'), looks('fall')];
  return {
    script: [...entryIf('every', every), ...entryIf('timeout', timeout), ...counted],
    process: [...entryIf('every', every), ...counted],
  };
}
const SHORTEST = 100;
const A_MINUTE = 60 * MILLIS_PER_SECOND;
const AN_HOUR = 60 * A_MINUTE;

function readProcess(...[block, , say]: [Statement, Globals, Said]): TrackDefinition | undefined {
  const { block: statements = [] } = block;
  const named = last(statements, 'process');
  const [path = '', ...parameters] = named?.words.slice(1) ?? [];
  const program = path.split('/').at(-1) ?? '';
  if (named === undefined || !PROGRAM_NAME.test(program)) {
    say('lost', named ?? block, 'it names no program that can be looked for');
    return undefined;
  }
  if (parameters.length > 0 || path !== program) {
    say('lost', named, `processes are found by their name alone: ${program}`);
  }
  sayOfProcess(statements, say);
  return {
    entries: [entry('process', program), entry('rise', 1), entry('fall', 1)],
    weight: defaultWeight(statements, 1, say),
  };
}

function sayOfProcess(statements: readonly Statement[], say: Said): void {
  for (const statement of statements) {
    const keyword = statement.words[0] ?? '';
    if (
      !['process', 'weight'].includes(keyword) &&
      !(keyword === 'quorum' && numberOf(statement) === 1)
    ) {
      say(
        'lost',
        statement,
        'a process is well while at least one of its name runs; rise and fall delay it',
      );
    }
  }
}

function readFile(...[block, , say]: [Statement, Globals, Said]): TrackDefinition | undefined {
  const statements = block.block ?? [];
  const named = last(statements, 'file');
  const path = named?.words[1] ?? '';
  const init = last(statements, 'init_file');
  if (init !== undefined) {
    say('lost', init, 'vipair only reads the file: make it before the daemon starts');
  }
  unknownOf(statements, ['file', 'weight', 'init_file'], say);
  if (named === undefined || !isAbsolutePath(path)) {
    say('lost', named ?? block, 'it names no file by an absolute path');
    return undefined;
  }
  return { entries: [entry('file', path)], weight: defaultWeight(statements, 1, say) };
}

function defaultWeight(statements: readonly Statement[], usual: number, say: Said): number {
  const statement = last(statements, 'weight');
  if (statement === undefined) {
    return usual;
  }
  if (statement.words.includes('reverse')) {
    say('lost', statement, 'reverse: a failure never makes a node more fit; taken without it');
  }
  return weightOf(statement, statement.words[1], say);
}

function unknownOf(statements: readonly Statement[], known: readonly string[], say: Said): void {
  for (const statement of statements) {
    if (!known.includes(statement.words[0] ?? '')) {
      say('lost', statement, 'the importer does not know it');
    }
  }
}

/** The last one counts, as it does for keepalived. */
export function last(statements: readonly Statement[], keyword: string): Statement | undefined {
  return statements.findLast(({ words }) => words[0] === keyword);
}
