/** Which file belongs to which scenario. */
import { readdirSync } from 'node:fs';
import { SCENARIOS, transcript } from './transcript.js';

const FOLDER = 'test/transcripts';

export interface TranscriptFile {
  readonly name: string;
  readonly path: string;
  /** What it should hold. */
  readonly text: string;
}

export function filesOf(): readonly TranscriptFile[] {
  return SCENARIOS.map((scenario) => ({
    name: scenario.name,
    path: `${FOLDER}/${scenario.name}.txt`,
    text: transcript(scenario),
  }));
}

/** Files that no scenario writes. */
export function orphans(): readonly string[] {
  const known = new Set(filesOf().map(({ path }) => path));
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => `${FOLDER}/${name}`)
    .filter((path) => !known.has(path));
}
