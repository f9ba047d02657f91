/** What a daemon remembers. */
import type { Argv } from 'yargs';
import { MOST_ENTRIES, USUAL_ENTRIES } from '../../api/contract.js';
import type { Parts } from './parts.js';
import { JSON_OPTION, SOCKET_OPTION, configOption, toDaemon } from './parts.js';

export function addRecords(program: Argv, { commands, facts, outcome }: Parts): void {
  const { settle } = outcome;
  const config = configOption(facts);
  program
    .command(
      'history',
      'every move of the groups, as both nodes remember it, over restarts, newest last',
      (y) =>
        y
          .option('group', { type: 'string', alias: 'g', describe: 'of this group only' })
          .option('node', { type: 'string', describe: 'what this node remembers, alone' })
          .option('limit', {
            ...{ type: 'number', alias: 'n', default: USUAL_ENTRIES },
            describe: `so many, at most ${String(MOST_ENTRIES)}`,
          })
          .option('details', { type: 'boolean', describe: 'evidence and phases of each' })
          .option('config', config)
          .option('socket', SOCKET_OPTION)
          .option('json', JSON_OPTION)
          .example('$0 history --group web --details -n 1', 'why web moved last'),
      (asked) => {
        const depth = asked.details === true ? 'details' : 'lines';
        const { group, limit, node } = asked;
        return settle(commands.history({ ...toDaemon(asked), group, limit, node, depth }));
      },
    )
    .command(
      'events',
      'what the daemon told lately, and with --follow what it tells from now on',
      (y) =>
        y
          .option('follow', { type: 'boolean', alias: 'f', describe: 'go on until ctrl-C' })
          .option('limit', {
            ...{ type: 'number', alias: 'n', default: USUAL_ENTRIES },
            describe: `so many of the last, at most ${String(MOST_ENTRIES)}`,
          })
          .option('config', config)
          .option('socket', SOCKET_OPTION)
          .option('json', { type: 'boolean', describe: 'one JSON object a line, as in the log' })
          .example('$0 events --follow --json', 'feed another program'),
      (asked) => {
        const mode = asked.follow === true ? 'follow' : 'once';
        return settle(commands.events({ ...toDaemon(asked), limit: asked.limit, mode }));
      },
    );
}
