/** What `vipair lab intent` and `vipair lab generation` have in common: a pair of their own, and steps that are judged. */
import type { Result } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millisToCentis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import { parseDuration } from '../config/duration.js';
import type { LabFailure } from '../lab/failure.js';
import type { Lab } from '../lab/lab.js';
import { raiseLab, removeLab } from '../lab/raise.js';
import { defaultSettings } from '../lab/settings.js';
import { parseLabName } from '../lab/topology.js';
import type { PairLabAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { reportLabFailure } from './lab.js';
import type { MigratePorts } from './migrate.js';
import { complain, print, printJson } from './terminal.js';

export interface PairLabRequest extends PairLabAsked {
  /** Makes the lab's name this run's own. */
  readonly pid: number;
}

export interface Telling {
  readonly ports: MigratePorts;
  readonly tell: (line: string) => void;
}

/** Tells the name of a step, and what happens in it. */
export function stepTeller(
  tell: Telling['tell'],
): (step: { readonly name: string; readonly story: string }) => void {
  return ({ name, story }) => {
    tell(`- ${name}: ${story}`);
  };
}

/** What is done in the lab, and how it is told. */
export interface Rehearsal<Seen extends { readonly verdict: string }> {
  /** Behind `vipair lab`. */
  readonly command: string;
  /** How many steps there are, where nobody has had enough before. */
  readonly steps: (interval: Millis) => number;
  readonly run: (lab: Lab, telling: Telling) => Promise<Result<readonly Seen[], LabFailure>>;
  readonly json: (seen: readonly Seen[], interval: Millis) => unknown;
  readonly text: (seen: readonly Seen[]) => string;
}

/** Raises a pair whose daemons talk, and removes it whatever happened. */
export async function inPairLab<Seen extends { readonly verdict: string }>(
  { command, steps, run, json, text }: Rehearsal<Seen>,
  asked: PairLabRequest,
  ports: MigratePorts,
): Promise<ExitCode> {
  const interval = parseDuration(asked.adverts);
  if (!interval.ok) {
    complain(`vipair lab ${command}: --adverts ${asked.adverts}: ${interval.error}`);
    return EXIT.usage;
  }
  const tell = asked.form === 'text' ? print : complain;
  const name = parseLabName(`${command}-${String(asked.pid)}`);
  invariant(name.ok, 'the lab of this command is named well');
  const advertInterval = millisToCentis(interval.value);
  tell('Building a lab: a pair with a channel between its daemons, a client, two web servers.');
  const raised = await raiseLab(
    { ...defaultSettings(name.value), advertInterval, pairChannel: 'open' },
    ports,
  );
  if (!raised.ok) {
    return reportLabFailure(raised.error);
  }
  try {
    const seen = await run(raised.value, { ports, tell });
    if (!seen.ok) {
      return reportLabFailure(seen.error);
    }
    if (asked.form === 'json') {
      printJson(json(seen.value, interval.value));
    } else {
      print(`\n${text(seen.value)}\n`);
    }
    const whole = seen.value.length === steps(interval.value);
    return whole && seen.value.every(({ verdict }) => verdict === 'as expected')
      ? EXIT.ok
      : EXIT.failed;
  } finally {
    const removed = await removeLab(name.value, ports);
    tell(removed.ok ? 'Nothing of the lab is left.' : `Not all gone: ${removed.error.detail}`);
  }
}
