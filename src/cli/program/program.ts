/** The command line: what can be asked, in which words. Parsing, help and completion are yargs's. */
import yargs from 'yargs';
import type { Commands } from '../commands.js';
import type { ExitCode } from '../exit-codes.js';
import { EXIT } from '../exit-codes.js';
import { complain } from '../terminal.js';
import { addChecks } from './check-commands.js';
import { addConfigurationCommands } from './configuration-commands.js';
import { addDrillCommands } from './drill-commands.js';
import { addLabCommands } from './lab-commands.js';
import { addMeasuringCommands } from './measuring-commands.js';
import { addHiddenCommands } from './hidden-commands.js';
import { addNodeCommands } from './node-commands.js';
import { addOrderCommands } from './order-commands.js';
import type { ProgramFacts } from './parts.js';
import { Outcome } from './parts.js';
import { addRecords } from './record-commands.js';
import { addServerCommands } from './server-commands.js';
import { addTableCommands } from './table-commands.js';

/** Parses and runs one command line; wrong usage is said on standard error. */
export async function runProgram(
  argv: readonly string[],
  commands: Commands,
  facts: ProgramFacts,
): Promise<ExitCode> {
  const outcome = new Outcome();
  const program = yargs([...argv])
    .scriptName('vipair')
    .usage('$0 <command>\n\nTwo nodes, one virtual address, a proxy that survives.')
    .version(facts.version);
  if (facts.screen === 'none') {
    // Lines that a program reads are not broken.
    program.wrap(null);
  }
  addNodeCommands(program, { commands, facts, outcome });
  addHiddenCommands(program, { commands, facts, outcome });
  addOrderCommands(program, { commands, facts, outcome });
  addConfigurationCommands(program, { commands, facts, outcome });
  addServerCommands(program, { commands, facts, outcome });
  addTableCommands(program, { commands, facts, outcome });
  addRecords(program, { commands, facts, outcome });
  addDrillCommands(program, { commands, facts, outcome });
  addChecks(program, { commands, facts, outcome });
  addLabCommands(program, { commands, facts, outcome });
  addMeasuringCommands(program, { commands, facts, outcome });
  program
    .completion('completion', 'print a completion script for bash or zsh')
    .demandCommand(1, 'say what to do')
    .strict()
    .help()
    .alias('help', 'h')
    .exitProcess(false)
    .fail((message, error: Error | undefined) => {
      if (error !== undefined) {
        throw error;
      }
      complain(`vipair: ${message}\nTry: vipair --help`);
      throw new WrongUsage();
    });
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof WrongUsage) {
      return EXIT.usage;
    }
    throw error;
  }
  return outcome.code;
}

class WrongUsage extends Error {}
