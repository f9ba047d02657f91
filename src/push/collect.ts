/** The files of a push, out of what lies on this node: haproxy.cfg, what it names, and what is configured beside it. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Bases, NamedPath } from '../core/haproxy-files.js';
import { basesIn, COMPANIONS, withPaths } from '../core/haproxy-files.js';
import type { Place, PushPlaces } from '../core/push-places.js';
import { CONFIG_NAME, directoryOf, nameOf, placeOf } from '../core/push-places.js';
import type { FoundFile, PushedFiles } from '../ports/pushed-files.js';
import { MOST_PUSHED_BYTES, MOST_PUSHED_FILE_BYTES, MOST_PUSHED_FILES } from '../wire/pair/push.js';
import { certificateProblem, holds, textOf } from './pem.js';

export interface PushFile extends Place {
  /** Between the nodes. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Collected {
  /** haproxy.cfg first. */
  readonly files: readonly PushFile[];
  /** Absolute paths that are named, and lie elsewhere. */
  readonly elsewhere: readonly string[];
}

/** Fails with a sentence that names the file. */
export async function collect(
  places: PushPlaces,
  further: readonly string[],
  files: Pick<PushedFiles, 'look'>,
): Promise<Result<Collected, string>> {
  const collector = new Collector(places, files);
  return collector.collect(further);
}

/** All paths that a text can mean. */
export function namedIn(text: string, bases: Bases): readonly NamedPath[] {
  const named: NamedPath[] = [];
  withPaths(text, bases, (each) => {
    named.push(each);
    return undefined;
  });
  return named;
}

/** What is wrong with certificates among the files, and in which. */
export function certificateProblems(
  files: readonly Pick<PushFile, 'path' | 'bytes'>[],
  at: number,
): readonly string[] {
  const byPath = new Map(files.map(({ path, bytes }) => [path, bytes]));
  return files.flatMap(({ path, bytes }) => {
    const problem = certificateProblem(bytes, byPath.get(`${path}.key`), at);
    return problem === undefined ? [] : [`${path}: ${problem}`];
  });
}

class Collector {
  readonly #places: PushPlaces;
  readonly #files: Pick<PushedFiles, 'look'>;
  readonly #found = new Map<string, PushFile>();
  readonly #seen = new Set<string>();
  readonly #elsewhere = new Set<string>();
  #bases: Bases = [];
  #bytes = 0;

  constructor(places: PushPlaces, files: Pick<PushedFiles, 'look'>) {
    this.#places = places;
    this.#files = files;
  }

  async collect(further: readonly string[]): Promise<Result<Collected, string>> {
    const { config } = this.#places;
    const found = await this.#files.look(config, directoryOf(config), MOST_PUSHED_FILE_BYTES);
    if (!found.ok || found.value.kind !== 'file') {
      return fail(found.ok ? `${config}: no regular file` : found.error);
    }
    const text = textOf(found.value.bytes) ?? '';
    this.#bases = basesIn(text, directoryOf(config));
    const added = this.#add(CONFIG_NAME, config, found.value.bytes);
    const named = added.ok ? await this.#addNamed(text) : added;
    if (!named.ok) {
      return named;
    }
    for (const path of further) {
      const one = await this.#addPath({ path, as: 'file' });
      if (!one.ok) {
        return one;
      }
      if (!this.#isFound(path)) {
        return fail(`${path} is listed under push.files, and is not there, or may not be pushed`);
      }
    }
    return ok({ files: [...this.#found.values()], elsewhere: [...this.#elsewhere] });
  }

  #isFound(path: string): boolean {
    return [...this.#found.values()].some(
      (each) => each.path === path || each.path.startsWith(`${path}/`),
    );
  }

  async #addNamed(text: string): Promise<Result<undefined, string>> {
    for (const each of namedIn(text, this.#bases)) {
      const added = await this.#addPath(each);
      if (!added.ok) {
        return added;
      }
    }
    return ok(undefined);
  }

  async #addPath({ path, as }: NamedPath): Promise<Result<undefined, string>> {
    if (this.#seen.has(path)) {
      return ok(undefined);
    }
    this.#seen.add(path);
    const name = nameOf(path, this.#places);
    if (name === undefined) {
      this.#noteElsewhere(path);
      return ok(undefined);
    }
    if (name === CONFIG_NAME) {
      return ok(undefined);
    }
    const found = await this.#look(path, name);
    if (!found.ok) {
      return found;
    }
    if (found.value.kind === 'directory') {
      return this.#addDirectory(path, found.value.names);
    }
    if (found.value.kind === 'nothing') {
      return ok(undefined);
    }
    const { bytes } = found.value;
    const added = this.#add(name, path, bytes);
    if (!added.ok || as === 'list') {
      return added.ok ? this.#addNamed(textOf(bytes) ?? '') : added;
    }
    return holds(bytes) === 'text' || COMPANIONS.some((ending) => path.endsWith(ending))
      ? added
      : this.#addCompanions(path);
  }

  async #addCompanions(path: string): Promise<Result<undefined, string>> {
    for (const ending of COMPANIONS) {
      const added = await this.#addPath({ path: `${path}${ending}`, as: 'file' });
      if (!added.ok) {
        return added;
      }
    }
    return ok(undefined);
  }

  async #addDirectory(path: string, names: readonly string[]): Promise<Result<undefined, string>> {
    for (const each of names) {
      const inside = `${path}/${each}`;
      const name = nameOf(inside, this.#places);
      const found = name === undefined ? undefined : await this.#look(inside, name);
      if (found?.ok === false) {
        return found;
      }
      if (name !== undefined && found?.value.kind === 'file') {
        const added = this.#add(name, inside, found.value.bytes);
        if (!added.ok) {
          return added;
        }
      }
    }
    return ok(undefined);
  }

  #look(path: string, name: string): Promise<Result<FoundFile, string>> {
    const place = placeOf(name, this.#places);
    return place.ok
      ? this.#files.look(path, place.value.base, MOST_PUSHED_FILE_BYTES)
      : Promise.resolve(place);
  }

  #add(name: string, path: string, bytes: Uint8Array): Result<undefined, string> {
    const place = placeOf(name, this.#places);
    if (!place.ok || this.#found.has(name)) {
      return place.ok ? ok(undefined) : place;
    }
    this.#bytes += bytes.length;
    if (this.#found.size >= MOST_PUSHED_FILES) {
      return fail(`there are more than ${String(MOST_PUSHED_FILES)} files to push`);
    }
    if (this.#bytes > MOST_PUSHED_BYTES) {
      return fail(`the files to push have more than ${String(MOST_PUSHED_BYTES)} bytes together`);
    }
    this.#found.set(name, { name, path, base: place.value.base, bytes });
    return ok(undefined);
  }

  #noteElsewhere(path: string): void {
    if (path.startsWith('/') && !NO_FILES.test(path) && this.#elsewhere.size < MOST_ELSEWHERE) {
      this.#elsewhere.add(path);
    }
  }
}

/** Devices, sockets and the like; and what an address of a check or a rule of a path looks like, without a dot. */
const NO_FILES = /^\/(?:dev|run|var\/run|proc|sys)\/|^[^.]*$/u;
const MOST_ELSEWHERE = 20;
