/** Reports of drills as files of a directory, each written beside its place and then put there. */
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { DrillReportFailure, DrillReports } from '../ports/drill-reports.js';
import { MOST_REPORTS } from '../ports/drill-reports.js';
import { asFileFailure, readRegularFile } from './regular-file.js';

/** A report has some 30 KB; of what is longer the rest is not read, and then it makes no sense. */
const MOST_BYTES = 4 * 1024 * 1024;
/** What a crash left beside its place: older than any writing takes. */
const LEFT_AFTER_MS = 3_600_000;
const ENDING = '.json';
const DRAFT_ENDING = '.json.new';
const OWNER_ONLY = { directory: 0o700, file: 0o600 } as const;

export class FileDrillReports implements DrillReports {
  readonly #directory: string;

  /** `stateDirectory`: what outlives a boot; reports have a directory of their own there. */
  constructor(stateDirectory: string) {
    this.#directory = join(stateDirectory, 'drills');
  }

  async keep(id: string, text: string): Promise<Result<undefined, DrillReportFailure>> {
    if (!isName(id)) {
      return fail({ code: 'not-written', detail: `${JSON.stringify(id)} is no name for a file` });
    }
    const path = join(this.#directory, `${id}${ENDING}`);
    const draft = join(this.#directory, `${id}${DRAFT_ENDING}`);
    try {
      await mkdir(this.#directory, { recursive: true, mode: OWNER_ONLY.directory });
      await this.#removeLeftOvers();
      await writeFile(draft, text, { mode: OWNER_ONLY.file, flush: true });
      await rename(draft, path);
      await this.#sync();
      await this.#removeOldest();
      return done;
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      return fail({ code: 'not-written', detail: asFileFailure(error).detail });
    }
  }

  async list(): Promise<Result<readonly string[], DrillReportFailure>> {
    try {
      return ok(await this.#latestFirst());
    } catch (error) {
      const { code, detail } = asFileFailure(error);
      return code === 'missing' ? ok([]) : fail({ code: 'unreadable', detail });
    }
  }

  async read(id: string): Promise<Result<string, DrillReportFailure>> {
    if (!isName(id)) {
      return fail({ code: 'missing', detail: `${JSON.stringify(id)} is no report's name` });
    }
    const bytes = await readRegularFile(join(this.#directory, `${id}${ENDING}`), MOST_BYTES);
    if (bytes.ok) {
      return ok(Buffer.from(bytes.value).toString());
    }
    const { code, detail } = bytes.error;
    return fail({ code: code === 'missing' ? code : 'unreadable', detail });
  }

  async #latestFirst(): Promise<readonly string[]> {
    const names = (await readdir(this.#directory)).filter((name) => name.endsWith(ENDING));
    const dated = await Promise.all(
      names.map(async (name) => ({ name, at: await modifiedAt(join(this.#directory, name)) })),
    );
    return dated
      .toSorted((a, b) => (a.at === b.at ? compare(b.name, a.name) : b.at - a.at))
      .map(({ name }) => name.slice(0, -ENDING.length))
      .filter(isName);
  }

  async #removeOldest(): Promise<void> {
    const oldest = (await this.#latestFirst()).slice(MOST_REPORTS);
    await Promise.all(
      oldest.map((id) => rm(join(this.#directory, `${id}${ENDING}`), { force: true })),
    );
  }

  async #removeLeftOvers(): Promise<void> {
    const drafts = (await readdir(this.#directory)).filter((name) => name.endsWith(DRAFT_ENDING));
    for (const name of drafts) {
      const path = join(this.#directory, name);
      if (Date.now() - (await modifiedAt(path)) > LEFT_AFTER_MS) {
        await rm(path, { force: true });
      }
    }
  }

  async #sync(): Promise<void> {
    const directory = await open(this.#directory, 'r');
    await directory.sync().finally(() => directory.close());
  }
}

/** What may not lead anywhere else, and is no hidden file. */
function isName(id: string): boolean {
  return /^[\dA-Za-z][\w.-]{0,127}$/u.test(id);
}

/** Somebody may have removed it meanwhile: then it is the oldest. */
function modifiedAt(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

function compare(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}
