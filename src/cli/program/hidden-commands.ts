/** How vipair calls itself as another process: nothing for people. */
import type { Argv } from 'yargs';
import type { Parts } from './parts.js';
import { NEEDED } from './parts.js';

export function addHiddenCommands(program: Argv, { commands, outcome }: Parts): void {
  const { settle } = outcome;
  const number = { type: 'number', demandOption: true } as const;
  program
    .command('replicator', false, {}, () => settle(commands.replicator()))
    .command('flow-replicator', false, {}, () => settle(commands.flowReplicator()))
    .command('drill-hand', false, {}, () => settle(commands.drillHand()))
    .command(
      'drill-burner <mark> <parent> <ms>',
      false,
      (y) => y.positional('mark', NEEDED).positional('parent', number).positional('ms', number),
      ({ parent, ms }) => settle(commands.drillBurner({ parent, lastsMs: ms })),
    );
}
