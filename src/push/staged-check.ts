/** Pushed files as the proxy's own check can read them before any of them is in its place: with other paths. */
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import type { Bases } from '../core/haproxy-files.js';
import { basesIn, COMPANIONS, withPaths } from '../core/haproxy-files.js';
import { directoryOf } from '../core/push-places.js';
import type { CheckFile } from '../ports/pushed-files.js';
import { namedIn } from './collect.js';
import { textOf } from './pem.js';

export interface StagedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface StagedCheck {
  readonly config: string;
  readonly files: readonly CheckFile[];
}

/** `config`: where haproxy.cfg goes, one of the files. */
export function stagedCheck(
  config: string,
  files: readonly StagedFile[],
  checkDirectory: string,
): StagedCheck {
  const bases = basesOf(config, files);
  const lists = listsIn(config, files, bases);
  const isThere = (path: string): boolean =>
    files.some((each) => each.path === path || each.path.startsWith(`${path}/`));
  const moved = (path: string): string => `${checkDirectory}${path}`;
  const rewritten = (bytes: Uint8Array): Uint8Array =>
    new TextEncoder().encode(
      withPaths(textOf(bytes) ?? '', bases, ({ path }) =>
        isThere(path) ? moved(path) : undefined,
      ),
    );
  return {
    config: moved(config),
    files: files.map(({ path, bytes }) => ({
      path: moved(path),
      bytes: path === config || lists.has(path) ? rewritten(bytes) : bytes,
    })),
  };
}

/** Each file must be named by haproxy.cfg, by a list in it, or by this node's own configuration. */
export function areNamed(
  config: string,
  files: readonly StagedFile[],
  further: readonly string[],
): Result<undefined, string> {
  const bases = basesOf(config, files);
  const lists = listsIn(config, files, bases);
  const named = new Set([
    ...further,
    ...files
      .filter(({ path }) => path === config || lists.has(path))
      .flatMap(({ bytes }) => namedIn(textOf(bytes) ?? '', bases).map(({ path }) => path)),
  ]);
  const isNamed = (path: string): boolean =>
    path === config ||
    [path, directoryOf(path), withoutEnding(path)].some((each) => named.has(each));
  const stranger = files.find(({ path }) => !isNamed(path));
  return stranger === undefined
    ? done
    : fail(
        `${stranger.path} is named neither by the haproxy.cfg that comes with it nor under push.files here`,
      );
}

function withoutEnding(path: string): string {
  const ending = COMPANIONS.find((each) => path.endsWith(each)) ?? '';
  return path.slice(0, path.length - ending.length);
}

function basesOf(config: string, files: readonly StagedFile[]): Bases {
  const text = files.find(({ path }) => path === config);
  return basesIn(textOf(text?.bytes ?? new Uint8Array()) ?? '', directoryOf(config));
}

function listsIn(config: string, files: readonly StagedFile[], bases: Bases): ReadonlySet<string> {
  const text = files.find(({ path }) => path === config)?.bytes ?? new Uint8Array();
  return new Set(
    namedIn(textOf(text) ?? '', bases).flatMap(({ path, as }) => (as === 'list' ? [path] : [])),
  );
}
