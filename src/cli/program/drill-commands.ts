/** Failures on purpose: begun, undone, and what they came to. */
import type { Argv } from 'yargs';
import { MOST_REPORTS } from '../../ports/drill-reports.js';
import { addDrillRuns } from './drill-run-commands.js';
import type { Parts } from './parts.js';
import { JSON_OPTION, NEEDED, configOption, formOf } from './parts.js';

export function addDrillCommands(program: Argv, parts: Parts): void {
  program.command('drill', 'failures on purpose, and what clients saw of them', (y) =>
    addDrillReports(addDrillRuns(y, parts), parts).demandCommand(
      1,
      'say what to do with drills: list, show, run, undo, report, compare or history',
    ),
  );
}

/** What was kept of former drills. */
function addDrillReports(drill: Argv, { commands, facts, outcome }: Parts): Argv {
  const { settle } = outcome;
  const config = configOption(facts);
  return drill
    .command(
      'report [ids..]',
      'what drills came to: the last one, or those named',
      (z) =>
        z
          .positional('ids', {
            type: 'string',
            array: true,
            default: ['last'],
            describe: 'their names in the history, or last',
          })
          .option('junit', { type: 'string', describe: 'write JUnit XML to this file' })
          .option('html', { type: 'string', describe: 'write a page to this file' })
          .option('title', { type: 'string', describe: 'of the page and the suite' })
          .option('config', config)
          .option('json', JSON_OPTION)
          .example('$0 drill report last --html report.html', 'a page that needs nothing else'),
      (asked) => {
        const { ids, junit, html, title } = asked;
        const form = formOf(asked);
        return settle(
          commands.drillReport({ config: asked.config, form, ids, junit, html, title }),
        );
      },
    )
    .command(
      'compare <before> <now>',
      'two reports side by side: what got worse; exit code 1 if anything did',
      (z) =>
        z
          .positional('before', { ...NEEDED, describe: 'its name in the history' })
          .positional('now', { ...NEEDED, describe: 'its name in the history, or last' })
          .option('config', config)
          .option('json', JSON_OPTION),
      (asked) =>
        settle(
          commands.drillCompare({
            ...{ config: asked.config, form: formOf(asked) },
            ...{ before: asked.before, after: asked.now },
          }),
        ),
    )
    .command(
      'history',
      `the last ${String(MOST_REPORTS)} drills that were run on this node, newest last`,
      (z) => z.option('config', config).option('json', JSON_OPTION),
      (asked) => settle(commands.drillHistory({ config: asked.config, form: formOf(asked) })),
    );
}
