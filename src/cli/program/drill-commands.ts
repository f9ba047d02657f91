/** Failures on purpose. */
import type { Argv } from 'yargs';
import { addDrillRuns } from './drill-run-commands.js';
import type { Parts } from './parts.js';

export function addDrillCommands(program: Argv, parts: Parts): void {
  program.command('drill', 'failures on purpose, and what clients saw of them', (y) =>
    addDrillRuns(y, parts).demandCommand(1, 'say what to do with drills: list, show, run or undo'),
  );
}
