/** A note that `vipair drill run` leaves on its node while it runs: between two drills of a suite no hand is there to be seen. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './drill-hand/process-identity.js';
import { identityOf, lives } from './drill-hand/process-identity.js';

interface Note {
  readonly run: ProcessIdentity;
  readonly drills: string;
}

/** Of a process that was killed the note stays, and counts for nothing. Returns what takes it away; where it cannot be left, drills run without. */
export function noteDrillRun(directory: string, drills: string, pid: number): () => void {
  const path = join(directory, NAME);
  const run = identityOf(pid);
  if (run === undefined) {
    return () => undefined;
  }
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    const draft = `${path}.${String(pid)}`;
    writeFileSync(draft, JSON.stringify({ run, drills } satisfies Note), { mode: OWNER_ONLY });
    renameSync(draft, path);
  } catch {
    return () => undefined;
  }
  return () => {
    // Another one that was begun meanwhile has a note of its own there.
    if (noteAt(path)?.run.pid === pid) {
      rmSync(path, { force: true });
    }
  };
}

/** What it was asked for; undefined where none runs. */
export function drillRunIn(directory: string): string | undefined {
  const note = noteAt(join(directory, NAME));
  return note !== undefined && lives(note.run) ? note.drills : undefined;
}

function noteAt(path: string): Note | undefined {
  try {
    const { run, drills } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Note>;
    const isWhole = typeof run?.pid === 'number' && typeof run.startedAt === 'string';
    return isWhole && typeof drills === 'string' ? { run, drills } : undefined;
  } catch {
    return undefined;
  }
}

const NAME = 'drill-run.json';
const OWNER_ONLY = 0o600;
