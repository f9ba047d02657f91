/** What both nodes should have in common. */
import type { GenerationStatus } from '../../telemetry/generation.js';
import { differencesInWords } from '../../telemetry/generation.js';
import { bad, doubtful, good } from '../paint.js';

export function generationLines(generation: GenerationStatus | undefined): string {
  if (generation === undefined) {
    return '';
  }
  const { peer, state, why, differences, file } = generation;
  const headlines = {
    'in sync': `configuration: ${good('in sync')} with ${peer}`,
    differs: `configuration: ${bad('differs')} from ${peer}`,
    unknown: `configuration: ${doubtful('not compared')} with ${peer}: ${why ?? ''}`,
  };
  return [
    headlines[state],
    ...differencesInWords(differences, peer).map((each) => `  ${each}`),
    ...FILES[file],
  ].join('\n');
}

const FILES: Readonly<Record<GenerationStatus['file'], readonly string[]>> = {
  runs: [],
  changed: ['  the file on this node was changed and is not loaded: vipair reload'],
  wrong: ['  the file on this node could not be loaded: vipair check'],
};
