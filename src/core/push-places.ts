/**
 * Where pushed files may go. The receiving node decides, by its own configuration: haproxy.cfg and vipair.yaml have
 * their places, and everything else lies under the directory of haproxy.cfg or under one that its operator has named.
 */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';

export interface PushPlaces {
  /** Of haproxy.cfg. */
  readonly config: string;
  /** Of vipair.yaml, which both nodes share. */
  readonly shared: string;
  /** Beside the one of haproxy.cfg. */
  readonly directories: readonly string[];
  /** What vipair itself reads or runs: nobody else writes there, wherever it lies. */
  readonly kept: readonly string[];
}

export interface Place {
  readonly path: string;
  /** The directory that allows it: below it nothing may be a link. */
  readonly base: string;
}

/** What haproxy.cfg is called between the nodes, which may have it in different directories. */
export const CONFIG_NAME = '@haproxy.cfg';
/** What vipair.yaml is called. Nothing else reaches it: no word of haproxy.cfg, and no other name. */
export const SHARED_NAME = '@vipair.yaml';

/** The directory that a path lies in. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** What the file is called between the nodes: under the directory of haproxy.cfg by the rest. Undefined: it may not go. */
export function nameOf(path: string, places: PushPlaces): string | undefined {
  if (path === places.config) {
    return CONFIG_NAME;
  }
  const directory = directoryOf(places.config);
  const name =
    isDeep(directory) && isUnder(path, directory) ? path.slice(directory.length + 1) : path;
  return placeOf(name, places).ok ? name : undefined;
}

/** Where a file of that name goes here; the error is a sentence. */
export function placeOf(name: string, places: PushPlaces): Result<Place, string> {
  const directory = directoryOf(places.config);
  if (name === CONFIG_NAME) {
    return ok({ path: places.config, base: directory });
  }
  if (name === SHARED_NAME) {
    return ok({ path: places.shared, base: directoryOf(places.shared) });
  }
  const path = name.startsWith('/') ? name : `${directory}/${name}`;
  if (!isPlain(path)) {
    return fail(`${quoted(name)} is no path that may be written: it has .., or an empty part`);
  }
  const allowed = [...(isDeep(directory) ? [directory] : []), ...places.directories];
  const base = allowed.find((each) => isUnder(path, each));
  if (base === undefined) {
    return fail(
      `${quoted(path)} lies neither under the directory of haproxy.cfg nor under push.directories`,
    );
  }
  return [...places.kept, places.config, places.shared].includes(path)
    ? fail(`${quoted(path)} is a file of vipair's own`)
    : ok({ path, base });
}

/** /etc and the like belong to everybody: there only haproxy.cfg itself has a place. */
export function isDeep(directory: string): boolean {
  return directory.split('/').filter((part) => part !== '').length >= LEAST_PARTS;
}

function isUnder(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`) && path.length > directory.length + 1;
}

function isPlain(path: string): boolean {
  const [, ...parts] = path.split('/');
  return (
    path.length <= MOST_PATH &&
    parts.every((part) => PART.test(part) && part !== '.' && part !== '..')
  );
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, MOST_SHOWN));
}

const LEAST_PARTS = 2;
const MOST_PATH = 1000;
const MOST_SHOWN = 200;
/** Of 255 bytes at the most, with room for what a draft is called; without control characters. */
// eslint-disable-next-line no-control-regex -- a line break in a name is a mistake, or worse.
const PART = /^[^\u0000-\u001f\u007f]{1,80}$/u;
