/** Files of a proxy in memory: what a push reads, checks and replaces. */
import type { Result } from '../../src/base/result.js';
import { done, fail, ok } from '../../src/base/result.js';
import { wallTime } from '../../src/base/time.js';
import type {
  CheckFile,
  FoundFile,
  PushedFiles,
  Replacement,
} from '../../src/ports/pushed-files.js';

export class SimPushedFiles implements PushedFiles {
  readonly checkDirectory = '/check';
  readonly files = new Map<string, Uint8Array>();
  /** What its proxy says of a configuration; undefined: right. */
  judge: (text: string) => string | undefined = () => undefined;
  disk: 'well' | 'full' = 'well';
  readonly checked: CheckFile[] = [];
  /** Of files that were changed at another moment than 0. */
  readonly changedAt = new Map<string, number>();
  readonly #config: string;
  #pending: readonly Replacement[] | undefined;
  #former: readonly Replacement[] | undefined;

  constructor(config: string) {
    this.#config = config;
  }

  write(path: string, text: string): void {
    this.files.set(path, new TextEncoder().encode(text));
  }

  read(path: string): string | undefined {
    const bytes = this.files.get(path);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  }

  look(path: string, _base: string, most: number): Promise<Result<FoundFile, string>> {
    const bytes = this.files.get(path);
    const inside = [...this.files.keys()].filter((each) => each.startsWith(`${path}/`));
    if (bytes !== undefined) {
      return Promise.resolve(
        bytes.length > most
          ? fail(`${path}: too long`)
          : ok({ kind: 'file', bytes, changedAt: wallTime(this.changedAt.get(path) ?? 0) }),
      );
    }
    const names = inside
      .map((each) => each.slice(path.length + 1))
      .filter((each) => !each.includes('/') && !each.startsWith('.'));
    return Promise.resolve(
      ok(
        inside.length === 0 ? { kind: 'nothing' } : { kind: 'directory', names: names.toSorted() },
      ),
    );
  }

  check(config: string, files: readonly CheckFile[]): Promise<Result<undefined, string>> {
    if (this.disk === 'full') {
      return Promise.resolve(fail('ENOSPC'));
    }
    this.checked.splice(0, this.checked.length, ...files);
    const text = files.find(({ path }) => path === config)?.bytes;
    return Promise.resolve(this.#judged(new TextDecoder().decode(text)));
  }

  checkOwn(): Promise<Result<undefined, string>> {
    return Promise.resolve(this.#judged(this.read(this.#config) ?? ''));
  }

  install(files: readonly Replacement[]): Promise<Result<undefined, string>> {
    if (this.disk === 'full') {
      return Promise.resolve(fail('ENOSPC'));
    }
    this.#pending = files.map((each) => ({ ...each, bytes: this.files.get(each.path) }));
    this.#put(files);
    return Promise.resolve(done);
  }

  restore(): Promise<Result<undefined, string>> {
    this.#put(this.#pending ?? []);
    this.#pending = undefined;
    return Promise.resolve(done);
  }

  keep(): Promise<Result<undefined, string>> {
    this.#former = this.#pending;
    this.#pending = undefined;
    return Promise.resolve(done);
  }

  former(): Promise<Result<readonly Replacement[] | undefined, string>> {
    return Promise.resolve(ok(this.#former));
  }

  async recover(): Promise<Result<'nothing' | 'restored', string>> {
    if (this.#pending === undefined) {
      return ok('nothing');
    }
    await this.restore();
    return ok('restored');
  }

  #judged(text: string): Result<undefined, string> {
    const problem = this.judge(text);
    return problem === undefined ? done : fail(problem);
  }

  #put(files: readonly Replacement[]): void {
    for (const { path, bytes } of files) {
      if (bytes === undefined) {
        this.files.delete(path);
      } else {
        this.files.set(path, bytes);
      }
    }
  }
}
