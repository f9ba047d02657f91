/** The text of a configuration file as plain values, with the line that each of them came from. */
import type { Document as YamlDocument, Node, Pair, ParsedNode, YAMLMap } from 'yaml';
import {
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Finding, Path } from './problem.js';
import { quote } from './problem.js';

/** Several times the largest file that is allowed, comments included: who reads it does nothing else meanwhile. */
export const MAX_CHARACTERS: number = 64 * 1024;
/** Lists and mappings nest by their column, so this is how deep they go. */
export const MAX_LINE_CHARACTERS = 500;
/** Those of lists and mappings in brackets, which nest within a column; wherever they stand, comments too. */
export const MAX_OPENING_BRACKETS = 500;

/** A mistake whose line is known already. */
export interface LocatedFinding extends Finding {
  readonly line: number;
}

export interface Document {
  /** Mappings, lists, texts, numbers, booleans and null. */
  readonly value: unknown;
  /** Mistakes that leave the rest readable: a key written twice. */
  readonly mistakes: readonly LocatedFinding[];
  /** The line of a value, counted from 1; of the nearest thing above it where it does not exist. */
  readonly lineOf: (path: Path) => number;
}

/** Reads YAML 1.2; its error says why nothing of the text can be used. */
export function readDocument(text: string): Result<Document, readonly LocatedFinding[]> {
  const excess = excesses(text);
  return excess.length > 0 ? fail(excess) : compose(text);
}

/**
 * The parser recurses, and a stack that overflows inside it may end the process in a way that no handler
 * catches. Together these limits keep the nesting to about a thousand; the stack is enough for twice as much.
 */
function excesses(text: string): readonly LocatedFinding[] {
  const lengths = text.split('\n').map((line) => line.length);
  const longLine = lengths.findIndex((length) => length > MAX_LINE_CHARACTERS);
  const sizes = [
    { line: 1, what: 'characters', amount: text.length, limit: MAX_CHARACTERS },
    {
      line: 1,
      what: 'opening brackets',
      amount: text.replaceAll(/[^[{]/gu, '').length,
      limit: MAX_OPENING_BRACKETS,
    },
    {
      line: longLine + 1,
      what: 'characters on a line',
      amount: lengths[longLine] ?? 0,
      limit: MAX_LINE_CHARACTERS,
    },
  ];
  return sizes
    .filter(({ amount, limit }) => amount > limit)
    .map(({ line, what, amount, limit }) => ({
      line,
      path: [],
      found: `${String(amount)} ${what}`,
      expected: `at most ${String(limit)}`,
    }));
}

function compose(text: string): Result<Document, readonly LocatedFinding[]> {
  const lines = new LineCounter();
  const yaml = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // Named, so that a `%YAML 1.1` line cannot turn `no` into false and 010 into 8.
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    // Found below instead, where the path of the key is known.
    uniqueKeys: false,
  });
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const refused = [...syntaxMistakes(yaml, lineAt), ...unreadable(yaml, lineAt)];
  if (refused.length > 0) {
    return fail(refused);
  }
  const offsetOf = offsets(yaml.contents);
  return ok({
    value: yaml.toJS({ maxAliasCount: 0 }) as unknown,
    mistakes: keyMistakes(yaml.contents, [], lineAt),
    lineOf: (path) => lineAt(offsetOf(path)),
  });
}

type LineAt = (offset: number) => number;

function syntaxMistakes(yaml: YamlDocument.Parsed, lineAt: LineAt): readonly LocatedFinding[] {
  return [...yaml.errors, ...yaml.warnings].map((error) => ({
    line: lineAt(error.pos[0]),
    path: [],
    found: `a mistake in the YAML (${error.message})`,
    expected: 'YAML 1.2',
  }));
}

/** What a plain value cannot hold, or only at a price that grows with every level. */
function unreadable(yaml: YamlDocument.Parsed, lineAt: LineAt): readonly LocatedFinding[] {
  const findings: LocatedFinding[] = [];
  const add = (node: unknown, found: string, expected: string): void => {
    const line = lineAt(isNode(node) ? startOf(node) : 0);
    findings.push({ line, path: [], found, expected });
  };
  visit(yaml, {
    // They save little here, and a few nested ones unfold into gigabytes.
    Alias: (...[, alias]) => {
      add(alias, `the alias ${quote(`*${alias.source}`)}`, 'the value itself, written out');
    },
    Pair: (...[, { key }]) => {
      if (isCollection(key)) {
        add(key, 'a list or a mapping as a key', 'a word as a key');
      }
    },
  });
  return findings;
}

function keyMistakes(node: unknown, path: Path, lineAt: LineAt): readonly LocatedFinding[] {
  if (isSeq(node)) {
    return node.items.flatMap((item, position) => keyMistakes(item, [...path, position], lineAt));
  }
  if (!isMap<ParsedNode, ParsedNode | null>(node)) {
    return [];
  }
  const firstLines = new Map<string, number>();
  return node.items.flatMap((pair) => {
    const inner = keyMistakes(pair.value, [...path, keyOf(pair)], lineAt);
    return [...keyMistake(pair, { path, firstLines, lineAt }), ...inner];
  });
}

interface KeyPlace {
  readonly path: Path;
  /** Where each key of this mapping was seen first; filled as the mapping is read. */
  readonly firstLines: Map<string, number>;
  readonly lineAt: LineAt;
}

function keyMistake(pair: Pair<ParsedNode>, place: KeyPlace): readonly LocatedFinding[] {
  const line = place.lineAt(startOf(pair.key));
  const key = keyOf(pair);
  const first = place.firstLines.get(key);
  if (first === undefined) {
    place.firstLines.set(key, line);
    return [];
  }
  const expected = `each key once; the first is on line ${String(first)}`;
  return [{ line, path: [...place.path, key], found: 'the same key again', expected }];
}

/** Finds where values begin. */
function offsets(contents: ParsedNode | null): (path: Path) => number {
  // A wrong file may have thousands of unknown keys in one mapping: each is looked up, not searched for.
  const mappings = new Map<YAMLMap, Pairs>();
  const pairsOf = (mapping: YAMLMap<ParsedNode, ParsedNode | null>): Pairs => {
    const known =
      mappings.get(mapping) ?? new Map(mapping.items.map((each) => [keyOf(each), each]));
    mappings.set(mapping, known);
    return known;
  };
  return (path) => {
    let node: unknown = contents;
    let offset = startOf(contents);
    for (const step of path) {
      const next = child(node, step, pairsOf);
      offset = next?.offset ?? offset;
      node = next?.node;
    }
    return offset;
  };
}

/** A key with its value. */
type KeyedPair = Pair<ParsedNode, ParsedNode | null>;
type Pairs = ReadonlyMap<string | number, KeyedPair>;

/** One step down; undefined where there is nothing. */
function child(
  node: unknown,
  step: string | number,
  pairsOf: (mapping: YAMLMap<ParsedNode, ParsedNode | null>) => Pairs,
): { readonly node: unknown; readonly offset: number } | undefined {
  if (isMap<ParsedNode, ParsedNode | null>(node)) {
    const pair = pairsOf(node).get(step);
    return pair === undefined ? undefined : { node: pair.value, offset: startOf(pair.key) };
  }
  const item = isSeq<ParsedNode>(node) && typeof step === 'number' ? node.items[step] : undefined;
  return item === undefined ? undefined : { node: item, offset: startOf(item) };
}

/** As in the plain value, where every key is a text. */
function keyOf(pair: Pair<ParsedNode>): string {
  const key: unknown = isScalar(pair.key) ? (pair.key.value ?? '') : pair.key;
  return typeof key === 'string' ? key : JSON.stringify(key);
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}
