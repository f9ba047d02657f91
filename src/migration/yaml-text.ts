/** Plain values as YAML that people read: one thing a line, with comments before what was guessed. */
import { printable } from './remark.js';

export type YamlValue = string | number | boolean | readonly YamlValue[] | YamlMap;

export interface YamlMap {
  readonly fields: readonly YamlEntry[];
}

export interface YamlEntry {
  readonly key: string;
  readonly value: YamlValue;
  /** Lines before it. */
  readonly comments?: readonly string[] | undefined;
}

/** `comments`: lines before it. */
export function entry(key: string, value: YamlValue, ...comments: readonly string[]): YamlEntry {
  return { key, value, comments };
}

/** An entry, or none where there is no value. */
export function entryIf(
  key: string,
  value: YamlValue | undefined,
  ...comments: readonly string[]
): readonly YamlEntry[] {
  return value === undefined ? [] : [entry(key, value, ...comments)];
}

export function mapOf(...entries: readonly YamlEntry[]): YamlMap {
  return { fields: entries };
}

/** The lines of a mapping, each at its indentation. */
export function yamlLines({ fields }: YamlMap, indent = ''): readonly string[] {
  return fields.flatMap(({ key, value, comments = [] }) => [
    ...comments.map((comment) => commentLine(comment, indent)),
    ...valueLines(`${indent}${text(key)}:`, value, indent),
  ]);
}

export function commentLine(comment: string, indent = ''): string {
  // Opening brackets are counted wherever they stand (config/document.ts).
  const harmless = printable(comment.replaceAll(/[[{]/gu, '('), COMMENT_CHARACTERS);
  return `${indent}# ${harmless}`;
}

/** What two values have in common, comments apart. */
export function isSameValue(a: YamlValue | undefined, b: YamlValue | undefined): boolean {
  return shown(a) === shown(b);
}

/** As it is told in a sentence. */
export function shown(value: YamlValue | undefined): string {
  if (value === undefined) {
    return 'nothing';
  }
  if (typeof value !== 'object') {
    return String(value);
  }
  return 'fields' in value
    ? value.fields.map((each) => `${each.key} ${shown(each.value)}`).join(', ')
    : value.map(shown).join('; ');
}

/** The items, where the value is a list. */
export function listIn(value: YamlValue | undefined): readonly YamlValue[] | undefined {
  return typeof value !== 'object' || 'fields' in value ? undefined : value;
}

function valueLines(head: string, value: YamlValue, indent: string): readonly string[] {
  if (typeof value !== 'object') {
    return [`${head} ${scalar(value)}`];
  }
  if ('fields' in value) {
    return [head, ...yamlLines(value, `${indent}  `)];
  }
  return value.length === 0
    ? [`${head} []`]
    : [head, ...value.flatMap((item) => itemLines(item, `${indent}  `))];
}

/** A mapping in a list begins on the line of its dash; comments of its first key stand before it. */
function itemLines(item: YamlValue, indent: string): readonly string[] {
  if (typeof item !== 'object') {
    return [`${indent}- ${scalar(item)}`];
  }
  const map = 'fields' in item ? item : mapOf();
  const [first, ...rest] = map.fields;
  if (first === undefined) {
    return [`${indent}- {}`];
  }
  const { comments = [], ...bare } = first;
  const lines = yamlLines({ fields: [bare, ...rest] }, `${indent}  `);
  return [
    ...comments.map((comment) => commentLine(comment, indent)),
    `${indent}- ${(lines[0] ?? '').trimStart()}`,
    ...lines.slice(1),
  ];
}

function scalar(value: string | number | boolean): string {
  return typeof value === 'string' ? text(value) : String(value);
}

/** In quotes wherever YAML might read something else than these characters. */
function text(value: string): string {
  const isPlain = PLAIN.some((pattern) => pattern.test(value)) && !WORDS.test(value);
  return isPlain ? value : JSON.stringify(value);
}

const PLAIN: readonly RegExp[] = [
  /^[A-Za-z/][\w./-]*$/u,
  /^\d+\.\d+\.\d+\.\d+(?:\/\d+)?$/u,
  /^[\da-f]{1,4}:[\da-f:.]*:[\da-f:.]*(?:\/\d+)?$/u,
  /^(?:after )?\d+(?:\.\d+)?(?:ms|s|m)$/u,
];
/** What some reader of YAML takes for something else than a text. */
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n|inf|nan)$/iu;
const COMMENT_CHARACTERS = 240;
