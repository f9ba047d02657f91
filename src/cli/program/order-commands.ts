/** What operators order of the pair: it stands on both nodes until something else is ordered. */
import type { Argv } from 'yargs';
import type { Parts } from './parts.js';
import { askingOptions, consentOf, NEEDED, toDaemon } from './parts.js';

const PAUSES = [
  ['pause', 'on', 'no node takes the addresses from the other by itself, until it is resumed'],
  ['resume', 'off', 'end a pause: moves are automatic again'],
] as const;

export function addOrderCommands(program: Argv, { commands, facts, outcome }: Parts): void {
  const { settle } = outcome;
  const asking = askingOptions(facts);
  for (const [name, state, story] of PAUSES) {
    program.command(
      name,
      story,
      (y) => y.options(asking),
      (asked) => {
        const consent = consentOf(asked);
        return settle(commands.pause({ ...toDaemon(asked), state, consent }));
      },
    );
  }
  program.command(
    'maintenance <state> <node>',
    'a node gives away what it has, and has no addresses as long as the other could',
    (y) =>
      y
        .positional('state', { ...NEEDED, choices: ['on', 'off'] as const })
        .positional('node', { ...NEEDED, describe: 'one of the two nodes' })
        .option('force', {
          type: 'boolean',
          describe: 'although the other node could not take over, or is in maintenance itself',
        })
        .options(asking),
    (asked) => {
      const consent = consentOf(asked);
      const successor = asked.force === true ? 'any' : 'ready';
      const { state, node } = asked;
      return settle(commands.maintenance({ ...toDaemon(asked), state, node, successor, consent }));
    },
  );
}
